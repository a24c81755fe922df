"""What was measured, as tables, beside its limits. Each function adds to `missed` what was not met."""

import math

TIMES_CHEAPER = {"validate": 50, "plan": 50, "apply": 50, "no-change plan": 100}  # in CPU; memory is only shown
FEW = 10  # up to so many slaves a command costs what a process costs, and no ratio can hold
ABOVE_VERSION_MS = 10.0  # there: CPU beyond that of `disco version`
GROWTH = 1.15  # cost as slaves to this power; 1 is linear, below it is the part that every run costs anyway
NO_CHANGE_CPU, NO_CHANGE_MEMORY = 1.0, 300.0  # seconds and MB, for 10,000 slaves
BINARY_MB, START_MS = 18.0, 10.0
BAR = 30

COMPARISON = (
    "                             DISCO           Terraform        times cheaper\n"
    "     N  command           CPU s     MB      CPU s     MB       CPU  memory  limit\n"
    "------  --------------  -------  -----   --------  -----   -------  ------  -----"
)


def times(ratio):
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×"


def verdict(holds, what, missed, otherwise="missed"):
    if holds:
        return "OK"
    missed.append(what)
    return otherwise


def comparison(slaves, ours, theirs, missed):
    lines = []
    for command, limit in TIMES_CHEAPER.items():
        disco, terraform = ours[command], theirs[command]
        ratio = terraform.cpu / disco.cpu
        if slaves <= FEW:
            said = "see below"
        else:
            what = f"{command}, {slaves:,} slaves: {times(ratio)} cheaper, not {limit}×"
            said = verdict(ratio >= limit, what, missed, f"below {limit}×")
        lines.append(
            f"{slaves:6}  {command:14}  {disco.cpu:7.3f}  {disco.memory:5.0f}"
            f"   {terraform.cpu:8.2f}  {terraform.memory:5.0f}"
            f"   {times(ratio):>7}  {times(terraform.memory / disco.memory):>6}  {said}"
        )
    return "\n".join(lines)


def growth(costs, commands, missed):
    """DISCO's cost for each number of slaves; the bars of a command share one scale."""
    lines = ["How DISCO's cost grows", "", "     N  command           CPU s     MB  µs a slave"]
    lines.append("------  --------------  -------  -----  ----------")
    for command in commands:
        most = max(measured[command].cpu for measured in costs.values())
        for slaves, measured in costs.items():
            spent = measured[command]
            bar = "#" * max(1, round(BAR * spent.cpu / most))
            each = spent.cpu / slaves * 1e6
            lines.append(f"{slaves:6}  {command:14}  {spent.cpu:7.3f}  {spent.memory:5.0f}  {each:10.0f}  {bar}")
        lines.append(exponent(command, costs, missed))
    return "\n".join(lines)


def exponent(command, costs, missed):
    """How fast the cost grows where it is largest: over the last factor of ten, or what there is of it."""
    sizes = list(costs)
    first = min((size for size in sizes[:-1] if size * 10 >= sizes[-1]), default=None)
    if first is None:
        return ""
    last = sizes[-1]
    power = math.log(costs[last][command].cpu / costs[first][command].cpu) / math.log(last / first)
    said = verdict(power <= GROWTH, f"{command} grows as N^{power:.2f}, not N^{GROWTH}", missed, "not linear")
    return f"        from {first:,} to {last:,} slaves the cost grows as N^{power:.2f} (at most N^{GROWTH}): {said}\n"


def few(spent, version, commands, missed):
    """What the commands cost with few slaves beyond `version`, which is what any run of the program costs."""
    lines = [f"{FEW} slaves, beyond `disco version` ({version.cpu * 1e3:.1f} ms of CPU):"]
    for command in commands:
        more = (spent[command].cpu - version.cpu) * 1e3
        large = f"{more:.1f} ms (at most {ABOVE_VERSION_MS:.0f} ms)"
        what = f"{command}, {FEW} slaves: {large} beyond `disco version`"
        lines.append(f"  {command:14}  {large}: {verdict(more <= ABOVE_VERSION_MS, what, missed)}")
    return "\n".join(lines)


def ten_thousand(spent, missed):
    cpu = f"CPU {spent.cpu:.2f} s (below {NO_CHANGE_CPU:.0f} s)"
    memory = f"memory {spent.memory:.0f} MB (below {NO_CHANGE_MEMORY:.0f} MB)"
    what = "no-change plan, 10,000 slaves: "
    return (
        f"10,000 slaves, no-change plan: {cpu}: {verdict(spent.cpu < NO_CHANGE_CPU, what + cpu, missed)};"
        f" {memory}: {verdict(spent.memory < NO_CHANGE_MEMORY, what + memory, missed)}"
    )


def binary(size, started, missed):
    megabytes, milliseconds = size / 1e6, started * 1e3
    large = f"{megabytes:.1f} MB (below {BINARY_MB:.0f} MB)"
    slow = f"{milliseconds:.1f} ms (below {START_MS:.0f} ms)"
    return (
        f"The program: {large}: {verdict(megabytes < BINARY_MB, f'program of {large}', missed)};"
        f" starts in {slow}: {verdict(milliseconds < START_MS, f'start in {slow}', missed)}"
    )
