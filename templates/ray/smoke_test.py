"""A small job: tasks on every node that has CPUs, and an object that goes between them.

    smoke_test.py ADDRESS
"""

import sys
import time

import ray


@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def part(numbers, at):
    time.sleep(0.2)
    return int(numbers[at::16].sum()), ray.get_runtime_context().get_node_id()


def main():
    import numpy

    ray.init(address=sys.argv[1], log_to_driver=False, logging_level="warning")
    numbers = ray.put(numpy.arange(1_000_000))
    parts = ray.get([part.remote(numbers, at) for at in range(16)], timeout=240)
    print("sum %d from %d nodes" % (sum(each for each, _ in parts), len({node for _, node in parts})))


if __name__ == "__main__":
    main()
