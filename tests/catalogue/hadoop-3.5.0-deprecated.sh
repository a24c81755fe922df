#!/bin/bash
# Writes templates/hadoop/deprecated.txt anew: the old names of keys that Hadoop 3.5.0 still reads, each with its successor,
# as its own classes say. Needs a JDK and the archive of Hadoop 3.5.0, unpacked. Ordinary test runs never run it.
#   hadoop-3.5.0-deprecated.sh FOLDER > templates/hadoop/deprecated.txt
set -euo pipefail
hadoop=${1:?the folder of Hadoop 3.5.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
classes=$(find "$hadoop/share/hadoop" -name '*.jar' -printf '%p:')
cat > "$work/Deprecated.java" <<'JAVA'
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;

public class Deprecated {
    public static void main(String[] none) throws Exception {
        // Each of them adds its own.
        new org.apache.hadoop.hdfs.HdfsConfiguration();
        org.apache.hadoop.mapreduce.util.ConfigUtil.loadResources();
        new org.apache.hadoop.yarn.conf.YarnConfiguration();
        Field context = Configuration.class.getDeclaredField("deprecationContext");
        context.setAccessible(true);
        Object known = ((AtomicReference<?>) context.get(null)).get();
        Method map = known.getClass().getDeclaredMethod("getDeprecatedKeyMap");
        map.setAccessible(true);
        TreeMap<String, String> successors = new TreeMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) map.invoke(known)).entrySet()) {
            Field keys = entry.getValue().getClass().getDeclaredField("newKeys");
            keys.setAccessible(true);
            successors.put((String) entry.getKey(), String.join(",", (String[]) keys.get(entry.getValue())));
        }
        successors.forEach((old, now) -> System.out.println(old + "\t" + now));
    }
}
JAVA
javac -nowarn -Xlint:-unchecked -cp "$classes" -d "$work" "$work/Deprecated.java" 2> /dev/null
java -cp "$classes$work" Deprecated 2> /dev/null
