#!/bin/sh
set -eu
index=$(hostname | sed 's/.*-//')
if [ "$index" -ge "$SERVERS" ]; then exec sleep infinity; fi
prefix=$(hostname | sed 's/[0-9]*$//')
mkdir -p /var/lib/zookeeper /etc/zookeeper
echo "$((index + 1))" > /var/lib/zookeeper/myid
{
  printf 'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=${port.zookeeper}\n'
  at=0
  while [ "$at" -lt "$SERVERS" ]; do
    echo "server.$((at + 1))=$prefix$at:2888:3888"
    at=$((at + 1))
  done
} > /etc/zookeeper/zoo.cfg
exec runuser -u zookeeper -- "$HOME_OF_ZOOKEEPER/bin/zkServer.sh" --config /etc/zookeeper start-foreground
