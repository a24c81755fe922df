"""Moves what the workers of leaving nodes hold to others; they take no work any more. Those that stay after all are
restarted.

    retire.py FILE     # names of nodes that leave, a line each
"""

import sys

from distributed import Client


def main():
    with open(sys.argv[1]) as file:
        leaving = set(file.read().split())
    with Client(timeout=30, name="retire") as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        node = {address: str(worker["name"]).split(".")[0] for address, worker in workers.items()}
        back = [address for address, worker in workers.items()
                if worker["status"] == "closing_gracefully" and node[address] not in leaving]
        if back:
            client.restart_workers(back, timeout=120, raise_for_error=False)
        out = [address for address in workers if node[address] in leaving]
        moved = client.retire_workers(workers=out, close_workers=False, remove=False) if out else {}
        left = sorted(node[address] for address in set(out) - set(moved))
        if left:
            raise SystemExit("nobody has room for what %s holds" % ", ".join(left))
        print("retired: %s; back: %s" % (
            " ".join(sorted(map(node.get, out))) or "none", " ".join(sorted(map(node.get, back))) or "none"))


if __name__ == "__main__":
    main()
