# zkCli.sh, for members of the group `zookeeper`: sudo usermod --append --groups zookeeper NAME
export ZOOCFGDIR=/etc/zookeeper
export CLIENT_JVMFLAGS="${join(" ", local.client_options)}"
alias zkCli.sh='${install.home}/bin/zkCli.sh -server ${local.connect}'
