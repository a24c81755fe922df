#!/bin/bash
set -eu
# A number for each node: the last parts of its address.
id=$(hostname -I | awk '{ split($1, part, "."); print part[3] * 256 + part[4] }')
[ "$(hostname)" = "${cluster.master}" ] && id=1
sed "/^node.id=/d; /^advertised.listeners=/d" /etc/kafka/server.properties > /run/kafka.properties
echo "node.id=$id" >> /run/kafka.properties
[ "$id" = 1 ] || echo "advertised.listeners=PLAINTEXT://$(hostname):9092" >> /run/kafka.properties
"${install.home}/bin/kafka-storage.sh" format --ignore-formatted -t "${setting.cluster_id}" -c /run/kafka.properties
exec runuser -u kafka -- "${install.home}/bin/kafka-server-start.sh" /run/kafka.properties
