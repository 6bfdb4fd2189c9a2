#!/bin/sh
# Makes the virtual environment in which the oracles run: the real oslo.config and Cinder 29.0.0, pinned.
# Usage: tests/oracle/setup.sh [FOLDER]   (default: target/oracle-venv; PYTHON names another interpreter)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${1:-$here/../../target/oracle-venv}
stamp=$venv/requirements.txt
if cmp -s "$here/requirements.txt" "$stamp"; then
    exit 0
fi
if ! "${PYTHON:-python3}" -m venv "$venv"; then
    # Some distributions ship python3 and pip without ensurepip.
    "${PYTHON:-python3}" -m venv --without-pip "$venv"
    "${PYTHON:-python3}" -m pip --python "$venv/bin/python" install --quiet pip
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cp "$here/requirements.txt" "$stamp"
