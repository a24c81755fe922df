"""A small job: every worker answers, then a product of matrices whose blocks the workers send each other."""

import dask.array
from distributed import Client


def main():
    with Client(timeout=60, name="smoke-test") as client:
        client.wait_for_workers(1, timeout=240)
        answers = client.run(lambda: 1)
        square = dask.array.ones((2000, 2000), chunks=(500, 500))
        total = (square @ square.T).sum().compute()
        print("%d workers, sum %d" % (len(answers), total))


if __name__ == "__main__":
    main()
