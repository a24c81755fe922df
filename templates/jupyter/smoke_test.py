"""Starts each kernel of this machine, as a notebook does, and has it compute something.

    smoke_test.py KERNEL…
"""

import os
import sys
import tempfile

from jupyter_client import KernelManager

CODE = {
    "python3": "print('sum', sum(range(10)))",
    "dask": """
from distributed import Client
client = Client(timeout=60)
print('sum', sum(client.gather(client.map(lambda n: n, range(10), pure=False))))
client.close()
""",
    "pyspark": """
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName('smoke test').config('spark.cores.max', 1).getOrCreate()
print('sum', spark.sparkContext.parallelize(range(10), 2).sum())
spark.stop()
""",
    "ray": """
import ray
ray.init(log_to_driver=False)
print('sum', sum(ray.get([ray.remote(lambda n: n).remote(n) for n in range(10)])))
ray.shutdown()
""",
}


def main():
    for name in sys.argv[1:]:
        folder = tempfile.TemporaryDirectory()
        manager = KernelManager(kernel_name=name, transport="ipc", connection_file=os.path.join(folder.name, "kernel.json"))
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        told = []

        def hear(message):
            content = message["content"]
            told.append(content.get("text") or "\n".join(content.get("traceback", [])))

        try:
            client.wait_for_ready(timeout=120)
            reply = client.execute_interactive(CODE[name], timeout=240, output_hook=hear)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            folder.cleanup()
        text = "".join(told)
        if reply["content"]["status"] != "ok" or "sum 45" not in text:
            raise SystemExit("kernel %s: %s" % (name, text[-3000:] or reply["content"]))
        print("kernel %s: sum 45" % name)
    print("all kernels compute")


if __name__ == "__main__":
    main()
