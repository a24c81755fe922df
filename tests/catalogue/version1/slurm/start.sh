#!/bin/sh
set -eu
apt-get -q -y install munge slurmctld slurmd
install -o munge -m 0400 /etc/slurm-disco/munge.key /etc/munge/munge.key
systemctl restart munge
cp /etc/slurm-disco/slurm.conf /etc/slurm/slurm.conf
exec "/usr/sbin/$1" -D
