#!/usr/bin/env bash
# How soon a cluster of container nodes is ready, phase by phase, and how that compares with doing the same in sequence.
# `--help` lists the options; benches/README.md tells what is measured. Needs a mirror with Hadoop's archive.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command -v python3 >/dev/null || {
    echo "ready.sh needs python3 (its standard library is enough)" >&2
    exit 1
}
exec python3 -B "$here/ready" "$@"
