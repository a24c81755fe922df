#!/usr/bin/env bash
# What a cluster's life takes on an OpenStack, with DISCO and with Terraform's provider. `--help` lists the options;
# benches/README.md tells what is measured. It creates servers in the project of OS_CLOUD, and deletes them again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command -v python3 >/dev/null || {
    echo "cloud.sh needs python3 (its standard library is enough)" >&2
    exit 1
}
exec python3 -B "$here/cloud" "$@"
