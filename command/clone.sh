#!/bin/sh
# `muster` in a clone, where nothing of ours is installed: .venv/bin/muster is a link to this file.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$root/.venv/bin/python" -P -m command "$@"
