export HBASE_HOME=${install.home}
export HBASE_CONF_DIR=/etc/hbase
export PATH="$PATH:$HBASE_HOME/bin"
