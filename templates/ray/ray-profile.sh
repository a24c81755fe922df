# Clients on this node, for people in the group `ray`: drivers through Ray Client, jobs through the Jobs API.
export RAY_ADDRESS='ray://${cluster.master}:${port.ray-client}'
export RAY_API_SERVER_ADDRESS='http://${cluster.master}:${port.ray}'
export RAY_AUTH_MODE='token'
export RAY_AUTH_TOKEN_PATH='/etc/ray/token'
