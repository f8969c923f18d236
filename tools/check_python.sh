#!/bin/sh
# Makes sure that the interpreter can make a virtual environment: installs what is missing as root on
# Debian, else says what to do.
set -eu
python=$1
packages=$(dirname "$0")/debian_packages.sh
is_there() { command -v "$python" >/dev/null 2>&1; }
has_venv() { "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; }

if [ "$python" = python3 ] && ! is_there; then
  "$packages" python3 python3-venv
fi
if ! is_there; then
  echo "Vitalband needs Python 3.11 or newer; no '$python' was found." >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Vitalband needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=python3.12 ..." >&2
  exit 1
fi
if ! has_venv; then
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  "$packages" "$package"
  if ! has_venv; then
    echo "'$python' cannot make a virtual environment: it has no ensurepip, and $package brings it none. Name another: make PYTHON=/usr/bin/python3 ..." >&2
    exit 1
  fi
fi
