#!/bin/sh
set -eu
if [ ! -x /opt/ray/bin/ray ]; then
  apt-get -q -y install python3-venv
  python3 -m venv /opt/ray
  /opt/ray/bin/pip install -q 'ray[default]==${version.name}'
fi
address=$(getent ahostsv4 "$(hostname)" | awk 'NR == 1 { print $1 }')
exec runuser -u ray -- /opt/ray/bin/ray start --block --redis-password "$RAY_PASSWORD" --node-ip-address "$address" "$@"
