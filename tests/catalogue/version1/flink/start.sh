#!/bin/sh
export FLINK_CONF_DIR=/etc/flink FLINK_LOG_DIR=/var/log/flink
exec "${install.home}/bin/$1.sh" start-foreground -Dtaskmanager.host="$(hostname)"
