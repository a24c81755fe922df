#!/bin/sh
export HBASE_CONF_DIR=/etc/hbase HBASE_LOG_DIR=/tmp
exec "${install.home}/bin/hbase" "$1" start
