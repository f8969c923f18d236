#!/bin/sh
# Makes sure that Debian packages are installed: by itself as root, else by the one line to run.
# On a machine without Debian's tools it can only name them, and leaves it to what needs them to fail.
set -eu
if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not a Debian machine: make sure yourself of what Debian calls: $*" >&2
  exit 0
fi
missing=
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -eq 0 ]; then
  echo "Installing Debian packages:$missing"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >/dev/null && exit 0
fi
echo "Missing Debian packages. Run: sudo apt-get install$missing" >&2
exit 1
