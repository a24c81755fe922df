"""A page of the scheduler that lists its workers as DISCO reads them. It can only be read."""

import time

from distributed.http.utils import RequestHandler


class Workers(RequestHandler):
    def get(self):
        now = time.time()
        self.write({"workers": [
            {
                "name": str(worker.name),
                "address": worker.address,
                "status": worker.status.name,
                "threads": worker.nthreads,
                "executing": len(worker.processing),
                "memory": worker.metrics.get("memory", 0),
                "memory_limit": worker.memory_limit,
                "spilled": (worker.metrics.get("spilled_bytes") or {}).get("disk", 0),
                "silent": max(0, now - worker.last_seen),
            }
            for worker in self.server.workers.values()
        ]})


routes = [("nodes/workers.json", Workers, {})]
