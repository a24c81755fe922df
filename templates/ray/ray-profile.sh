# Clients on this node, for people in the group `ray`.
export RAY_ADDRESS='${local.gcs}'
export RAY_AUTH_MODE='token'
export RAY_AUTH_TOKEN_PATH='/etc/ray/token'
