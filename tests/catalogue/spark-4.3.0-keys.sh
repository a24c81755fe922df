#!/bin/bash
# Writes spark-4.3.0-keys.txt anew: the configuration keys that Spark 4.3.0 knows, with their defaults, and the
# environment variables that it reads, out of its own jars. Needs python3 (with access to PyPI, whose `pyspark` brings
# the jars) and a JDK; or give the folder of an installed `pyspark` as argument. Ordinary test runs never run it.
set -euo pipefail
version=4.3.0
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

home=${1:+$(cd "$1" && pwd)}
if [ -z "$home" ]; then
  python3 -m venv "$work/venv"
  # What Debian's venv brings cannot build pyspark's source package.
  "$work/venv/bin/pip" -q install -U pip setuptools wheel
  "$work/venv/bin/pip" -q install "pyspark==$version"
  home=$(echo "$work"/venv/lib/python3*/site-packages/pyspark)
fi

cat > "$work/Keys.java" <<'JAVA'
import java.lang.reflect.Method;
import java.util.*;
import java.util.jar.*;

/** Prints `key TAB default` for every entry that Spark's classes register when they are loaded. */
public class Keys {
  public static void main(String[] jars) throws Exception {
    for (String jar : jars) {
      try (JarFile file = new JarFile(jar)) {
        for (JarEntry entry : Collections.list(file.entries())) {
          String name = entry.getName();
          boolean config = name.matches("org/apache/spark/(internal/config|deploy/yarn/config)/[^$]*\\$\\.class")
              || name.matches("org/apache/spark/sql/internal/(Static)?SQLConf\\$\\.class");
          if (config) Class.forName(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
        }
      }
    }
    Class<?> holder = Class.forName("org.apache.spark.internal.config.ConfigEntry$");
    Object known = holder.getMethod("knownConfigs").invoke(holder.getField("MODULE$").get(null));
    SortedMap<String, String> keys = new TreeMap<>();
    for (Object entry : ((Map<?, ?>) known).values()) {
      String text = call(entry, "defaultValueString").toString().replaceAll("\\s+", " ");
      keys.put(call(entry, "key").toString(), text.length() <= 80 ? text : text.substring(0, 79) + "…");
      scala.collection.Iterator<?> others = ((scala.collection.Iterable<?>) call(entry, "alternatives")).iterator();
      while (others.hasNext()) keys.putIfAbsent(others.next().toString(), text);
    }
    keys.forEach((key, text) -> System.out.println(key + "\t" + (text.equals("<undefined>") ? "" : text)));
  }

  private static Object call(Object entry, String name) throws Exception {
    Method method = entry.getClass().getMethod(name);
    method.setAccessible(true);
    return method.invoke(entry);
  }
}
JAVA

jars="$home/jars"
{
  echo "# configuration"
  # Some defaults are this machine's name and the folder that it is run in.
  (cd / && SPARK_LOCAL_HOSTNAME=localhost java -cp "$jars/*" "$work/Keys.java" "$jars/spark-core_2.13-$version.jar" "$jars/spark-yarn_2.13-$version.jar" \
    "$jars/spark-catalyst_2.13-$version.jar") 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
  echo "# constants"
  for class in core:org/apache/spark/util/Utils launcher:org/apache/spark/launcher/SparkLauncher; do
    unzip -p "$jars/spark-${class%%:*}_2.13-$version.jar" "${class##*:}.class" "${class##*:}\$.class" 2> /dev/null || true
  done | grep -aoE '\bspark(\.[a-z][A-Za-z]*)+' | sort -u
  echo "# environment"
  {
    cat "$home"/bin/* "$home"/sbin/*
    for jar in core launcher yarn; do
      unzip -p "$jars/spark-${jar}_2.13-$version.jar" 'org/apache/spark/*.class'
    done
  } | grep -aoE '\b(SPARK|PYSPARK|HADOOP|YARN)_[A-Z][A-Z_]*[A-Z]' | sort -u
} > "$here/spark-$version-keys.txt"
