#!/usr/bin/env bash
# Puts the jars of one RocketMQ version into the cache folder and prints that folder.
#
#   docker/jars/resolve.sh 4.9.7 | 5.5.0
#
# The cache lies outside the repository: $ROCKETMQ_TEST_CACHE, else <temporary folder>/rocketmq-remoting-cache.
# A folder appears under its final name only when it is complete, so that several runs may resolve at once.
set -euo pipefail

version=${1:?usage: resolve.sh VERSION}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pom="$here/pom-$version.xml"
if [ ! -f "$pom" ]; then
  echo "resolve.sh: no $pom; known versions: $(cd "$here" && ls pom-*.xml | sed 's/^pom-//; s/\.xml$//' | xargs)" >&2
  exit 2
fi

temporary=${TMPDIR:-/tmp}
cache=${ROCKETMQ_TEST_CACHE:-${temporary%/}/rocketmq-remoting-cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
# The pom's checksum is in the name, so that a changed pom never runs on yesterday's jars.
target="$cache/jars-$version-$(cksum <"$pom" | cut -d' ' -f1)"

if [ ! -d "$target" ]; then
  work=$(mktemp -d "$cache/.jars-$version.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "resolve.sh: fetching the jars of RocketMQ $version with Maven" >&2
  mvn --batch-mode --quiet --file "$pom" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/lib" >&2 </dev/null
  # A rename fails if another run was faster (mv would nest the folder instead); its folder is as good as ours.
  node -e 'fs.renameSync(...process.argv.slice(1))' "$work/lib" "$target" 2>/dev/null || [ -d "$target" ]
fi
echo "$target"
