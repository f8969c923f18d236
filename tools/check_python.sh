#!/bin/sh
# Checks that the interpreter can make a virtual environment; says in one line what to do when not.
set -eu
python=$1
if ! command -v "$python" >/dev/null 2>&1; then
  echo "Vitalband needs Python 3.11 or newer; no '$python' was found. Run: sudo apt-get install python3 python3-venv" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Vitalband needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=python3.12 ..." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
  "$(dirname "$0")/debian_packages.sh" python3-venv
fi
