#!/usr/bin/env bash
# Builds apache/rocketmq:VERSION where it cannot be pulled: from the jars on Maven Central and a Java base made of
# Debian packages. Needs root, a Docker engine (docker/with-dockerd.sh) and the machine's own apt sources; nothing else.
#
#   docker/with-dockerd.sh docker/build-image.sh 5.5.0
#
# Does nothing when the engine has the image. BASE=NAME takes another base image that has Java on its path.
set -euo pipefail

version=${1:?usage: build-image.sh VERSION}
image=apache/rocketmq:$version
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
say() { echo "build-image: $*" >&2; }

if docker image inspect "$image" >/dev/null 2>&1; then
  say "$image is there"
  exit 0
fi

# The archive is the one apt already uses for this release.
java_base() {
  local codename archive root
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  base=rocketmq-remoting/java-base:$codename
  if docker image inspect "$base" >/dev/null 2>&1; then return; fi
  if ! command -v debootstrap >/dev/null; then
    say 'installing debootstrap'
    apt-get update -qq >&2 </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap >&2 </dev/null
  fi
  archive=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$codename" '$1 == codename && $2 == "main" { print $3; exit }')
  [ -n "$archive" ] || { say "apt has no source for $codename main"; exit 1; }
  say "making a Java base of $codename"
  root=$(mktemp -d "${TMPDIR:-/tmp}/java-base.XXXXXX")
  work+=("$root")
  # No network inside, no services: an image's root file system, nothing that would be started here.
  debootstrap --variant=minbase --include=default-jre-headless,ca-certificates "$codename" "$root" "$archive" \
    >"$root.log" 2>&1 </dev/null || { tail -n 20 "$root.log" >&2; exit 1; }
  rm -rf "$root".log "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  # The sources name this machine's archive; an image is no place for that.
  rm -f "$root"/etc/apt/sources.list
  tar -C "$root" -c . | docker import - "$base" >/dev/null
}

work=()
trap 'rm -rf "${work[@]}"' EXIT

base=${BASE:-}
[ -n "$base" ] || java_base

context=$(mktemp -d "${TMPDIR:-/tmp}/rocketmq-image.XXXXXX")
work+=("$context")
cp -r "$here/image" "$context/image"
cp -r "$("$here/jars/resolve.sh" "$version")" "$context/lib"
chmod -R a+rX "$context"
say "building $image"
DOCKER_BUILDKIT=0 docker build --quiet --network none --build-arg BASE="$base" --build-arg VERSION="$version" \
  --file "$here/rocketmq.Dockerfile" --tag "$image" "$context" >&2
