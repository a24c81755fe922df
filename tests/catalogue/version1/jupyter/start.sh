#!/bin/sh
set -eu
if [ ! -x /opt/jupyter/bin/jupyter ]; then
  apt-get -q -y install python3-venv
  python3 -m venv /opt/jupyter
  /opt/jupyter/bin/pip install -q 'jupyterlab~=${version.name}.0'
fi
exec runuser -u jupyter -- /opt/jupyter/bin/jupyter lab --no-browser --config /etc/jupyter/jupyter_server_config.json
