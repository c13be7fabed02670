#!/bin/sh
# Builds .venv from the hashed requirement files. Says in one line what is missing on this machine and how to get it.
set -eu
PYTHON=${PYTHON:-python3}

die() { printf 'careline: %s\n' "$1" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 || die "no $PYTHON here. Debian/Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12"
"$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' ||
    die "Python 3.11, 3.12 or 3.13 is needed, this is $("$PYTHON" -V). Name another with: make PYTHON=python3.12 …"
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    die "Python has no venv module. Debian/Ubuntu: apt install python3-venv"

[ -x .venv/bin/python ] || {
    echo "careline: building .venv (the first time takes a minute or two)"
    "$PYTHON" -m venv .venv
}
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt ||
    die "installing the locked requirements failed; the lines above say why (no network? then try again later)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
touch .venv/.runtime
