export FLINK_HOME=${install.home}
export FLINK_CONF_DIR=/etc/flink
%{ if has.hdfs ~}
export HADOOP_CLASSPATH='${local.hadoop_jars}'
%{ endif ~}
export PATH="$PATH:$FLINK_HOME/bin"
