#!/bin/sh
# Makes the virtual environments in which the oracles run: the real Cinder and oslo.config of a release, pinned in requirements/.
# Usage: tests/oracle/setup.sh [RELEASE...]   (default: 2026.2, with python3 or $PYTHON; `all` for every release)
# They go to $CINDERLINT_ORACLES (default: target/oracle). Exit code 3: the machine lacks the Python that a release wants.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
into=${CINDERLINT_ORACLES:-$here/../../target/oracle}
[ "${1:-}" != all ] || set -- $(ls "$here/requirements" | sed 's/\.txt$//')

# The interpreter of a version: on the PATH, or one of pyenv's.
python_of() {
    for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
        if "$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

# virtualenv makes environments of Pythons that it no longer runs on, and where python3 comes without ensurepip.
virtual() {
    tools=$into/tools-$1
    [ -d "$tools" ] || python3 -m pip install --quiet --disable-pip-version-check --target "$tools" "virtualenv$1"
    PYTHONPATH=$tools python3 -m virtualenv --quiet --no-periodic-update --python "$2" "$3"
}

mkdir -p "$into"
for release in "${@:-2026.2}"; do
    pins=$here/requirements/$release.txt
    venv=$into/$release
    if cmp -s "$pins" "$venv/requirements.txt"; then
        continue
    fi
    version=$(sed -n '1s/# python //p' "$pins")
    if [ "$version" = 3 ]; then
        "${PYTHON:-python3}" -m venv "$venv" >/dev/null || virtual "" "${PYTHON:-python3}" "$venv"
    else
        python=$(python_of "$version")
        [ -n "$python" ] || { echo "Cinder $release wants Python $version, which is not on this machine" >&2; exit 3; }
        virtual "==20.21.1" "$python" "$venv"
    fi
    # The pins are complete, and partly too old for what a resolver knows today.
    PYTHONWARNINGS=ignore "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$pins"
    cp "$pins" "$venv/requirements.txt"
done
