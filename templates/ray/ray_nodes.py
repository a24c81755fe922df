"""Nodes of a Ray cluster, by the names of their machines.

    ray_nodes.py list ADDRESS                    # those that are alive
    ray_nodes.py find ADDRESS NAME               # fails where this one is not
    ray_nodes.py drain ADDRESS NAME seconds=N    # takes no work any more, and ends with its tasks or after so long
"""

import os
import socket
import sys
import time

os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH="/etc/ray/token")

from ray._raylet import GcsClient
from ray.core.generated import autoscaler_pb2, gcs_pb2


def lives(node):
    """Whether Ray thinks so, and the node answers: Ray notices only after a while that one does not."""
    if node.state != gcs_pb2.GcsNodeInfo.GcsNodeState.ALIVE:
        return False
    try:
        socket.create_connection((node.node_manager_address, node.node_manager_port), timeout=2).close()
        return True
    except OSError:
        return False


def main():
    what, address, *more = sys.argv[1:]
    client = GcsClient(address=address)
    alive = {node.node_name: node.node_id for node in client.get_all_node_info(timeout=30).values() if lives(node)}
    if what == "list":
        print("\n".join(sorted(alive)))
    elif what == "find":
        if more[0] not in alive:
            raise SystemExit("%s is not among the nodes of Ray that are alive" % more[0])
    elif more[0] in alive:
        end = int((time.time() + int(more[1].removeprefix("seconds="))) * 1000)
        reason = autoscaler_pb2.DrainNodeReason.Value("DRAIN_NODE_REASON_PREEMPTION")
        accepted, why = client.drain_node(alive[more[0]].hex(), reason, "the node leaves the cluster", end)
        if not accepted:
            raise SystemExit("%s cannot be drained: %s" % (more[0], why))
        print("%s is drained" % more[0])


if __name__ == "__main__":
    main()
