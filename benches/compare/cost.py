"""What a command costs: CPU time and memory, as the kernel counted them."""

import ctypes
import os
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36


class CommandFailed(Exception):
    """A command ended with another code than it should have."""


@dataclass
class Cost:
    cpu: float  # seconds, user and system
    memory: float  # largest resident size, in MB of 1,000,000 bytes
    runs: int = 1


def adopts_orphans():
    """Makes this process the parent of its orphaned grandchildren; says whether it could (only Linux knows how)."""
    try:
        return ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (AttributeError, OSError):
        return False


ADOPTS = adopts_orphans()

# A process remembers the memory of what it was before it became its program. Python's is 14 MB, more than a small
# DISCO uses, so a shell of 1 MB starts the command, waits until it is adopted, and then becomes it.
LAUNCHER = 'exec 3<&0; (read -r _ <&3; exec "$@" 3<&- </dev/null >"$OUTPUT" 2>&1) & echo $!'


def start(argv, folder, environment, output):
    environment = dict(environment, OUTPUT=output)
    if not ADOPTS:
        with open(output, "wb") as file:
            return subprocess.Popen(
                argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            ).pid
    go, ready = os.pipe()
    with subprocess.Popen(
        ["sh", "-c", LAUNCHER, "sh", *argv], cwd=folder, env=environment, stdin=go, stdout=subprocess.PIPE
    ) as shell:
        pid = int(shell.stdout.readline())
    os.close(go)
    os.write(ready, b"\n")
    os.close(ready)
    return pid


def once(argv, folder, environment, output, expected=0):
    """The cost of one run. What the command prints goes to the file `output`."""
    pid = start(argv, folder, environment, output)
    try:
        _, status, usage = os.wait4(pid, 0)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.wait4(pid, 0)
        raise
    code = os.waitstatus_to_exitcode(status)
    if code != expected:
        with open(output, encoding="utf-8", errors="replace") as file:
            said = file.read().strip()[-2000:]
        raise CommandFailed(f"`{' '.join(argv)}` ended with {code} instead of {expected}:\n{said}")
    kilobyte = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * kilobyte / 1e6)


def median(costs):
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.memory for cost in costs),
        len(costs),
    )


def several(run, at_most=10, enough=3.0):
    """The median of up to `at_most` runs; none begins once `enough` seconds of CPU are spent."""
    costs = []
    while len(costs) < at_most and sum(cost.cpu for cost in costs) < enough:
        costs.append(run())
    return median(costs)


def start_time(argv, environment, runs=20):
    """The median time on the clock, in seconds, from starting a command to its end."""
    times = []
    for _ in range(runs):
        before = time.perf_counter()
        subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - before)
    return statistics.median(times)
