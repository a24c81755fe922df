#!/bin/bash
# Writes hadoop-3.5.0-defaults.txt anew: the keys that Hadoop 3.5.0 knows, with their defaults, out of its own jars.
# Needs Maven (with access to Maven Central), unzip, a JDK (javap) and python3. Ordinary test runs never run it.
set -euo pipefail
version=3.5.0
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

artifacts="hadoop-common hadoop-hdfs hadoop-hdfs-client hadoop-yarn-common hadoop-mapreduce-client-core
hadoop-mapreduce-client-common hadoop-yarn-server-resourcemanager"
{
  echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
  echo '<groupId>defaults</groupId><artifactId>defaults</artifactId><version>1</version><packaging>pom</packaging>'
  echo '<dependencies>'
  for artifact in $artifacts; do
    echo "<dependency><groupId>org.apache.hadoop</groupId><artifactId>$artifact</artifactId><version>$version</version>"
    echo '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>'
  done
  echo '</dependencies></project>'
} > "$work/pom.xml"
mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/jars" > /dev/null

for pair in common:core hdfs:hdfs yarn-common:yarn mapreduce-client-core:mapred; do
  unzip -o -q "$work/jars/hadoop-${pair%%:*}-$version.jar" "${pair##*:}-default.xml" -d "$work"
done
# Keys that the code knows but the files do not list, and a port that only the code knows.
for class in \
  hadoop-hdfs-client:org.apache.hadoop.hdfs.client.HdfsClientConfigKeys \
  hadoop-mapreduce-client-core:org.apache.hadoop.mapreduce.MRJobConfig \
  hadoop-mapreduce-client-common:org.apache.hadoop.mapreduce.v2.jobhistory.JHAdminConfig \
  hadoop-yarn-server-resourcemanager:org.apache.hadoop.yarn.server.resourcemanager.scheduler.capacity.CapacitySchedulerConfiguration
do
  javap -constants -cp "$work/jars/${class%%:*}-$version.jar" "${class##*:}" > "$work/${class##*.}.constants"
done

python3 - "$work" > "$here/hadoop-$version-defaults.txt" <<'PYTHON'
import glob, os, re, sys
import xml.etree.ElementTree as tree

work = sys.argv[1]
for name in ["core", "hdfs", "yarn", "mapred"]:
    print(f"# {name}-default.xml")
    keys = {}
    for item in tree.parse(f"{work}/{name}-default.xml").getroot().iter("property"):
        value = " ".join((item.findtext("value") or "").split())
        keys[item.findtext("name").strip()] = value if len(value) <= 80 else value[:79] + "…"
    for key, value in sorted(keys.items()):
        print(f"{key}\t{value}")
for path in sorted(glob.glob(f"{work}/*.constants")):
    print(f"# constants of {os.path.basename(path).removesuffix('.constants')}")
    text = open(path).read()
    for key in sorted(set(re.findall(r'String \w+ = "((?:mapreduce|yarn)\.[A-Za-z0-9_.-]*[A-Za-z0-9])"', text))):
        print(f"{key}\t")
    for name, port in sorted(re.findall(r'int (\w+_RPC_PORT_DEFAULT) = (\d+)', text)):
        print(f"{name}\t{port}")
PYTHON
