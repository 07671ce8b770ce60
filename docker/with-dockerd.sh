#!/usr/bin/env bash
# Runs a command where a Docker engine answers.
#
#   docker/with-dockerd.sh npm run test:integration
#
# If one answers already, that is all. Otherwise, as root on Debian or Ubuntu, an engine of our own is started (installed
# first if need be), with socket and images below the test cache, and stopped again with everything that runs in it.
# The command then sees DOCKER_HOST and ROCKETMQ_OWN_DOCKERD=1. Testcontainers' own cleaner (an image to pull) is switched
# off, as all containers end with the engine; and it is told that the engine runs on this machine, because inside a
# container or a sandbox it would take the bridge's gateway for the address of published ports.
set -euo pipefail

[ "$#" -gt 0 ] || { echo 'usage: with-dockerd.sh COMMAND [ARGUMENT...]' >&2; exit 2; }
say() { echo "with-dockerd: $*" >&2; }

answers() {
  if command -v docker >/dev/null; then
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  else
    [ -S "${DOCKER_HOST:-/var/run/docker.sock}" ]
  fi
}
if answers; then exec "$@"; fi

[ "$(id -u)" -eq 0 ] || { say 'no Docker engine answers, and only root can start one'; exit 1; }

if ! command -v dockerd >/dev/null; then
  command -v apt-get >/dev/null || { say 'no Docker engine answers, and there is no apt-get to install one'; exit 1; }
  say 'installing docker.io'
  # Without a service manager the package must not start an engine that nobody would stop.
  policy=/usr/sbin/policy-rc.d
  if [ ! -d /run/systemd/system ] && [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
  fi
  apt-get update -qq >&2 </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends docker.io >&2 </dev/null
  trap - EXIT
  if [ -e $policy ] && [ "$(cat $policy)" = "$(printf '#!/bin/sh\nexit 101')" ]; then rm -f $policy; fi
  if answers; then exec "$@"; fi
fi

temporary=${TMPDIR:-/tmp}
cache=${ROCKETMQ_TEST_CACHE:-${temporary%/}/rocketmq-remoting-cache}
mkdir -p "$cache/docker"
cache=$(cd "$cache" && pwd)
# One engine at a time on these images; whoever comes second waits.
exec 9>"$cache/docker.lock"
flock --nonblock 9 || { say 'waiting for another run to stop its engine'; flock 9; }

# A short path: a socket's name is limited to about 100 bytes.
run=$(mktemp -d /tmp/dockerd.XXXXXX)
export DOCKER_HOST="unix://$run/docker.sock" ROCKETMQ_OWN_DOCKERD=1 TESTCONTAINERS_RYUK_DISABLED=true
export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
dockerd --host "$DOCKER_HOST" --data-root "$cache/docker" --exec-root "$run/exec" --pidfile "$run/pid" \
  >"$run/log" 2>&1 </dev/null 9>&- &
engine=$!

stop() {
  trap - EXIT INT TERM HUP
  if kill -0 "$engine" 2>/dev/null; then
    # An engine that does not answer is killed below, with its containers.
    timeout 30 docker ps --quiet --all 2>/dev/null | timeout 60 xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true
    kill "$engine"
    for _ in $(seq 150); do kill -0 "$engine" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$engine" 2>/dev/null || true
    wait "$engine" 2>/dev/null || true
  fi
  umount "$run"/exec/netns/* 2>/dev/null || true
  rm -rf "$run"
}
trap stop EXIT
# The command runs in the background and is waited for, so that a signal is handled at once; and in a group of its own,
# as npm does not hand signals on to all that it started.
command=
trap '[ -z "$command" ] || kill -- "-$command" 2>/dev/null; wait $command 2>/dev/null; exit 143' INT TERM HUP

for attempt in $(seq 300); do
  if answers; then break; fi
  if ! kill -0 "$engine" 2>/dev/null || [ "$attempt" -eq 300 ]; then
    say 'the engine did not come up; its last lines:'
    tail -n 20 "$run/log" >&2
    exit 1
  fi
  sleep 0.1
done
say "engine $(docker version --format '{{.Server.Version}}') is up ($(docker info --format '{{.Driver}}' 2>/dev/null))"

status=0
setsid "$@" <&0 9>&- &
command=$!
wait "$command" || status=$?
exit "$status"
