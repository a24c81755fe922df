# Kafka's commands, as in: kafka-topics.sh --bootstrap-server $KAFKA_BOOTSTRAP --command-config /etc/kafka/client.properties --list
# The files are for members of the group `kafka`: sudo usermod --append --groups kafka NAME
export KAFKA_BOOTSTRAP="${local.bootstrap}"
export PATH="$PATH:${install.home}/bin"
