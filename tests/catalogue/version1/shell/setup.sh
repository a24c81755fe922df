#!/bin/sh
set -eu
printf '%s, %s\n' "${setting.greeting}" "$(hostname)" > /etc/motd
sysctl -q vm.swappiness=1
[ "$1" = --then-wait ] && exec sleep infinity
