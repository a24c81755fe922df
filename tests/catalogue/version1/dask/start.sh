#!/bin/sh
set -eu
if [ ! -x /opt/dask/bin/dask ]; then
  apt-get -q -y install python3-venv
  python3 -m venv /opt/dask
  /opt/dask/bin/pip install -q 'dask[distributed]==${version.name}'
fi
what=$1
shift
[ "$what" = worker ] && set -- "$@" --name "$(hostname)"
exec runuser -u dask -- /opt/dask/bin/dask "$what" "$@"
