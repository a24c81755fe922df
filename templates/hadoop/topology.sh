#!/bin/sh
# Racks of nodes, by their addresses or names: a line each. A rack is the availability zone of the node's group.
for node in "$@"; do
  name=$(getent hosts "$node" | awk 'NR == 1 { print $2 }')
  group=$${name#${cluster.name}-}
  case $${group%-*} in
%{ for group in slaves.zone_of_group ~}
%{ if group.zone != null ~}
    ${group.name}) echo "/${group.zone}" ;;
%{ endif ~}
%{ endfor ~}
    *) echo /default-rack ;;
  esac
done
