export SPARK_HOME=${install.home}
export SPARK_CONF_DIR=/etc/spark
export PATH="$PATH:$SPARK_HOME/bin"
