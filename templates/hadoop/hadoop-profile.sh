export HADOOP_HOME=${install.home}
export HADOOP_CONF_DIR=/etc/hadoop
export PATH="$PATH:$HADOOP_HOME/bin"
