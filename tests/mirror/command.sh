# Stands for the commands of the official archive: `hadoop`, `hdfs`, `yarn` and `mapred` know the words below, read
# hadoop-env.sh of HADOOP_CONF_DIR and hand to Java what the official ones hand to it.

set -u
me=$(basename "$0")
home=$(cd -P "$(dirname "$(readlink -f "$0")")/.." && pwd)

mode=foreground
while [ $# -gt 0 ]; do
  case $1 in
    --config) HADOOP_CONF_DIR=$2; shift 2 ;;
    --daemon) mode=$2; shift 2 ;;
    --loglevel) HADOOP_ROOT_LOGGER="$2,console"; shift 2 ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then
  echo "usage: $me [--config FOLDER] [--daemon start|status|stop] COMMAND …" >&2
  exit 1
fi

export HADOOP_HOME=$home HADOOP_CONF_DIR=${HADOOP_CONF_DIR:-$home/etc/hadoop}
HADOOP_OPTS=${HADOOP_OPTS:--Djava.net.preferIPv4Stack=true}
if [ -f "$HADOOP_CONF_DIR/hadoop-env.sh" ]; then
  set +u
  . "$HADOOP_CONF_DIR/hadoop-env.sh"
  set -u
fi
export HADOOP_COMMON_HOME=${HADOOP_COMMON_HOME:-$home} HADOOP_HDFS_HOME=${HADOOP_HDFS_HOME:-$home}
export HADOOP_YARN_HOME=${HADOOP_YARN_HOME:-$home} HADOOP_MAPRED_HOME=${HADOOP_MAPRED_HOME:-$home}
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-4}
if [ ! -x "${JAVA_HOME:-}/bin/java" ]; then
  echo "ERROR: JAVA_HOME is not set and could not be found." >&2
  exit 1
fi
logs=${HADOOP_LOG_DIR:-$home/logs} pids=${HADOOP_PID_DIR:-/tmp}

word=$1; shift
daemon=no opts=${HADOOP_CLIENT_OPTS:-}
daemon() { daemon=yes; class=$1 opts=${!2:-}; }
case $me:$word in
  hdfs:namenode) daemon org.apache.hadoop.hdfs.server.namenode.NameNode HDFS_NAMENODE_OPTS ;;
  hdfs:datanode) daemon org.apache.hadoop.hdfs.server.datanode.DataNode HDFS_DATANODE_OPTS ;;
  hdfs:secondarynamenode) daemon org.apache.hadoop.hdfs.server.namenode.SecondaryNameNode HDFS_SECONDARYNAMENODE_OPTS ;;
  hdfs:journalnode) daemon org.apache.hadoop.hdfs.qjournal.server.JournalNode HDFS_JOURNALNODE_OPTS ;;
  hdfs:zkfc) daemon org.apache.hadoop.hdfs.tools.DFSZKFailoverController HDFS_ZKFC_OPTS ;;
  hdfs:haadmin) class=org.apache.hadoop.hdfs.tools.DFSHAAdmin ;;
  hdfs:balancer) daemon org.apache.hadoop.hdfs.server.balancer.Balancer HDFS_BALANCER_OPTS ;;
  hdfs:dfsadmin) class=org.apache.hadoop.hdfs.tools.DFSAdmin ;;
  hdfs:fsck) class=org.apache.hadoop.hdfs.tools.DFSck ;;
  hdfs:getconf) class=org.apache.hadoop.hdfs.tools.GetConf ;;
  yarn:resourcemanager) daemon org.apache.hadoop.yarn.server.resourcemanager.ResourceManager YARN_RESOURCEMANAGER_OPTS ;;
  yarn:nodemanager) daemon org.apache.hadoop.yarn.server.nodemanager.NodeManager YARN_NODEMANAGER_OPTS ;;
  yarn:rmadmin) class=org.apache.hadoop.yarn.client.cli.RMAdminCLI ;;
  yarn:node) class=org.apache.hadoop.yarn.client.cli.NodeCLI ;;
  yarn:application | yarn:applicationattempt | yarn:container | yarn:app)
    class=org.apache.hadoop.yarn.client.cli.ApplicationCLI
    set -- "$word" "$@" ;;
  yarn:logs) class=org.apache.hadoop.yarn.client.cli.LogsCLI ;;
  yarn:top) class=org.apache.hadoop.yarn.client.cli.TopCLI ;;
  mapred:historyserver) daemon org.apache.hadoop.mapreduce.v2.hs.JobHistoryServer MAPRED_HISTORYSERVER_OPTS ;;
  mapred:job) class=org.apache.hadoop.mapred.JobClient ;;
  hdfs:dfs | hadoop:fs) class=org.apache.hadoop.fs.FsShell ;;
  hadoop:distcp) class=org.apache.hadoop.tools.DistCp ;;
  hadoop:jar | yarn:jar) class=org.apache.hadoop.util.RunJar ;;
  *:version) class=org.apache.hadoop.util.VersionInfo ;;
  *:classpath) class=org.apache.hadoop.util.Classpath ;;
  *)
    echo "ERROR: $word is not COMMAND nor fully qualified CLASSNAME." >&2
    exit 1 ;;
esac

path=$HADOOP_CONF_DIR
for name in common hdfs mapreduce yarn; do
  path="$path:$home/share/hadoop/$name:$home/share/hadoop/$name/lib/*:$home/share/hadoop/$name/*"
done
export CLASSPATH="${HADOOP_CLASSPATH:+$HADOOP_CLASSPATH:}$path"
run=("$JAVA_HOME/bin/java" "-Dproc_$word" $HADOOP_OPTS --add-opens=java.base/java.lang=ALL-UNNAMED $opts
  "-Dyarn.log.dir=$logs" "-Dyarn.home.dir=$home" "-Dhadoop.log.dir=$logs" -Dhadoop.log.file=hadoop.log
  "-Dhadoop.home.dir=$home" "-Dhadoop.root.logger=${HADOOP_ROOT_LOGGER:-INFO,console}" "$class" "$@")

pid=$pids/hadoop-$(id -nu)-$word.pid
alive() { [ -f "$pid" ] && kill -0 "$(cat "$pid")" 2> /dev/null; }
case $mode:$daemon in
  foreground:*) exec "${run[@]}" ;;
  start:yes)
    if alive; then
      echo "$word is running as process $(cat "$pid").  Stop it first." >&2
      exit 1
    fi
    mkdir -p "$logs" "$pids"
    nohup "${run[@]}" > "$logs/hadoop-$(id -nu)-$word-$(hostname).out" 2>&1 < /dev/null &
    echo $! > "$pid" ;;
  status:yes) alive ;;
  stop:yes)
    if alive; then
      kill "$(cat "$pid")"
      for _ in 1 2 3 4 5; do alive && sleep 1; done
      ! alive || kill -9 "$(cat "$pid")"
    fi
    rm -f "$pid" ;;
  *)
    echo "ERROR: $word does not support --daemon $mode." >&2
    exit 1 ;;
esac
