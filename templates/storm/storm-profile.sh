# storm, for members of the group `storm`: sudo usermod --append --groups storm NAME
export STORM_CONF_DIR=/etc/storm
export STORM_JAR_JVM_OPTS="${join(" ", local.keeper_auth)}"
export PATH="$PATH:${install.home}/bin"
