#!/bin/sh
# What a node in a container needs that a hypervisor would give it. Runs before systemd as process 1, and with `again`
# beside it when something about the machine has changed: the rules of its security groups, its disks.
set -u
here=${0%/*}

# Security groups and the floating address. Without them the node does not start.
nft -f "$here/firewall" || { echo "disco: security rules cannot be set, the node stops"; exit 1; }
# The metadata address is a cloud's. Where this host is a server of one, nodes would read the host's own credentials there.
ip route replace prohibit 169.254.169.254/32 || { echo "disco: the host's metadata cannot be closed, the node stops"; exit 1; }
ip -6 route replace prohibit fe80::a9fe:a9fe/128 2>/dev/null

# Disks by the names that a hypervisor gives them.
mkdir -p /dev/disk/by-id
for link in /dev/disk/by-id/virtio-*; do
    [ -L "$link" ] || continue
    name=${link#/dev/disk/by-id/virtio-}
    grep -q "^$name " "$here/disks" || rm -f "$(readlink -f "$link")" "$link"
done
while read -r name major minor; do
    [ -b "/dev/loop$minor" ] || mknod -m 660 "/dev/loop$minor" b "$major" "$minor"
    ln -sfn "../../loop$minor" "/dev/disk/by-id/virtio-$name"
done <"$here/disks"
[ "${1-}" = again ] && exit 0

# systemd passes over disks of /etc/fstab in containers.
for link in /dev/disk/by-id/virtio-*; do
    [ -L "$link" ] || continue
    uuid=$(blkid -p -o value -s UUID "$link") && [ -n "$uuid" ] && [ -f /etc/fstab ] || continue
    while read -r what where _ options _; do
        [ "$what" = "UUID=$uuid" ] && echo "$where $(readlink -f "$link") $options"
    done </etc/fstab
done | sort | while read -r where device options; do
    mkdir -p "$where"
    mount -o "$options" "$device" "$where"
done

# The journal is the console.
mkdir -p /etc/systemd/journald.conf.d /etc/systemd/system.conf.d /etc/cloud/cloud.cfg.d
printf '[Journal]\nForwardToConsole=yes\nMaxLevelConsole=info\n' >/etc/systemd/journald.conf.d/disco.conf
printf '[Manager]\nShowStatus=no\n' >/etc/systemd/system.conf.d/disco.conf
printf 'datasource_list: [NoCloud]\nnetwork: {config: disabled}\nlocale: false\n' >/etc/cloud/cloud.cfg.d/99-disco.cfg
for unit in console-getty.service getty.target systemd-udevd.service apt-daily.timer apt-daily-upgrade.timer; do
    ln -sfn /dev/null "/etc/systemd/system/$unit"
done
mount -o remount,rw /sys/fs/cgroup 2>/dev/null

# Nothing on the node may change its rules or make itself other disks.
exec setpriv --inh-caps=-all --bounding-set=-net_admin,-mknod /sbin/init
