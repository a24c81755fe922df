# Read by every command of Spark, as the services start and for people on the machine.
if [ -z "$JAVA_HOME" ]; then
  for java_home in /usr/lib/jvm/java-${version.java}-openjdk*; do
    if [ -x "$java_home/bin/java" ]; then
      export JAVA_HOME="$java_home"
      break
    fi
  done
fi
export SPARK_LOCAL_HOSTNAME="$(hostname)"
%{ if local.guarded ~}
if [ ! -r /etc/spark/spark-defaults.conf ]; then
  echo "spark: only the group \`spark\` knows this cluster's secret: run \`sudo usermod --append --groups spark $(id -un)\`, then log in again" >&2
fi
%{ endif ~}
