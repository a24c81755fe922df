#!/usr/bin/env bash
# What DISCO costs beside Terraform, on clusters of the same shape, and how its cost grows. `--help` lists the options;
# benches/README.md tells what is compared. Ends with 1 if a limit is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command -v python3 >/dev/null || {
    echo "compare.sh needs python3 (its standard library is enough)" >&2
    exit 1
}

build=yes
for argument in "$@"; do
    case $argument in
        --disco | --disco=* | -h | --help) build=no ;;
    esac
done
if [ "$build" = yes ]; then
    (cd "$here/.." && cargo build --locked --release)
    target=${CARGO_TARGET_DIR:-$here/../target}
    set -- --disco "$target/release/disco" "$@"
fi
exec python3 -B "$here/compare" "$@"
