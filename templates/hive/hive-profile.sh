# beeline -u jdbc:hive2://${cluster.master}:10000
export HIVE_HOME=${install.home}
export HIVE_CONF_DIR=/etc/hive
export PATH="$PATH:$HIVE_HOME/bin"
