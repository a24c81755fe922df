"""Measures DISCO beside Terraform, prints what it finds, and ends with 1 if a limit is missed."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cost
import tables
from projects import Shape, Terraform, write_disco

COMMANDS = ("validate", "plan", "apply", "no-change plan")
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/hadoop/hadoop.disco.hcl"


class Bench:
    """Where things are measured, and with which programs."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.output = str(folder / "output")
        # Nobody's own settings take part.
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("DISCO_", "TF_", "OS_"))
        }
        self.environment.update(
            DISCO_LOCAL_TIME_SCALE="0", CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1", TF_CLI_CONFIG_FILE=os.devnull
        )

    def once(self, argv, folder, expected=0):
        return cost.once(argv, folder, self.environment, self.output, expected)

    def life(self, prefix, commands, fresh):
        """What each of the four commands costs. `fresh` makes an empty project and says where it is."""
        say = lambda name: print(f"\r{prefix}: {name} …\x1b[K", end="", file=sys.stderr, flush=True)
        costs = {}
        folder = fresh()
        for name in COMMANDS:
            if sys.stderr.isatty():
                say(name)
            argv, expected = commands[name]
            if name == "apply":
                costs[name] = cost.several(lambda: self.once(argv, fresh(), expected))
            else:
                costs[name] = cost.several(lambda: self.once(argv, folder, expected))
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        return costs

    def disco(self, slaves):
        def fresh():
            folder = self.folder / "disco"
            shutil.rmtree(folder, ignore_errors=True)
            write_disco(folder, EXAMPLE)
            return folder

        variable = ["--var", f"slaves={slaves}"]
        plan = [self.options.disco, "plan", "--detailed-exitcode", *variable]
        commands = {
            "validate": ([self.options.disco, "validate", *variable], 0),
            "plan": (plan, 2),
            "apply": ([self.options.disco, "apply", "--auto-approve", *variable], 0),
            "no-change plan": (plan, 0),
        }
        return self.life(f"DISCO, {slaves} slaves", commands, fresh)

    def terraform(self, slaves, writer):
        terraform = self.options.terraform

        def fresh():
            folder = self.folder / "terraform"
            shutil.rmtree(folder, ignore_errors=True)
            writer.write(folder, slaves)
            self.once([terraform, "init", "-input=false"], folder)
            return folder

        variable = ["-input=false", f"-var=slaves={slaves}"]
        plan = [terraform, "plan", "-detailed-exitcode", *variable]
        commands = {
            "validate": ([terraform, "validate"], 0),
            "plan": (plan, 2),
            "apply": ([terraform, "apply", "-auto-approve", *variable], 0),
            "no-change plan": (plan, 0),
        }
        return self.life(f"Terraform, {slaves} slaves", commands, fresh)

    def shape(self):
        folder = self.folder / "shape"
        write_disco(folder, EXAMPLE)
        return Shape(self.options.disco, folder, self.environment)

    def version(self, argv):
        return subprocess.run(
            argv, env=self.environment, check=True, stdout=subprocess.PIPE, encoding="utf-8"
        ).stdout

    def introduction(self, shape):
        files, size = shape.rendered()
        lines = [self.version([self.options.disco, "version"]).splitlines()[0]]
        if self.options.terraform:
            version = json.loads(self.version([self.options.terraform, "version", "-json"]))["terraform_version"]
            lines[0] += f" beside Terraform v{version}"
        lines[0] += f", on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
        lines.append(f"One master and N slaves, each with {files} rendered files of together {size:,} bytes.")
        if self.options.terraform:
            node = "three resources a node" if self.options.terraform_node == "parts" else "one resource a node"
            spelt = "written out" if self.options.terraform_slaves == "blocks" else "from a `count`"
            lines.append(f"Terraform: `terraform_data`, {node}, slaves {spelt}. DISCO: three resources a node.")
        lines.append("CPU is user + system time, memory the largest resident size in MB; medians of several runs.")
        load = os.getloadavg()[0]
        if load > 0.5:
            lines.append(f"The machine has other work (load {load:.1f}): all cost more, Terraform the most.")
        return "\n".join(lines)


def options():
    whole_numbers = lambda text: [int(number) for number in text.replace(",", " ").split()]
    parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__)
    parser.add_argument(
        "--sizes", type=whole_numbers, default=[10, 100, 1000], metavar='"N N"',
        help='how many slaves to compare with (default: "10 100 1000")',
    )
    parser.add_argument("--slaves", type=int, default=10_000, help="where DISCO's curve ends (default: 10000)")
    parser.add_argument("--disco", metavar="PATH", help="this program (default: build the release binary)")
    parser.add_argument(
        "--terraform", metavar="PATH", default="terraform", help="this program (default: the one on PATH)"
    )
    parser.add_argument(
        "--terraform-node", choices=["whole", "parts"], default="whole",
        help="a node in Terraform is one resource, or as in DISCO a port, a server and a deployment (default: whole)",
    )
    parser.add_argument(
        "--terraform-slaves", choices=["blocks", "count"], default="blocks",
        help="Terraform's slaves are written out, or share a block with a count (default: blocks)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a minute: compare 10 and 100 slaves, end the curve at 1000"
    )
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.sizes, chosen.slaves = [10, 100], 1000
    chosen.disco = shutil.which(chosen.disco or "disco") or parser.error(f"there is no program {chosen.disco}")
    chosen.disco = os.path.abspath(chosen.disco)
    found = shutil.which(chosen.terraform)
    if not found and chosen.terraform != "terraform":
        parser.error(f"there is no program {chosen.terraform}")
    chosen.terraform = found and os.path.abspath(found)
    return chosen


def attempt(what, *arguments):
    """What it costs, or why there is no answer."""
    try:
        return what(*arguments), None
    except cost.CommandFailed as failure:
        return None, str(failure)


def main():
    chosen = options()
    missed, left_out = [], []
    with tempfile.TemporaryDirectory(prefix="disco-compare-") as folder:
        bench = Bench(chosen, Path(folder))
        shape = bench.shape()
        print(bench.introduction(shape), end="\n\n", flush=True)
        writer = Terraform(shape, chosen.terraform_node == "parts", chosen.terraform_slaves == "blocks")
        curve = {}

        def disco(slaves):
            if slaves not in curve:
                costs, failure = attempt(bench.disco, slaves)
                if failure:
                    missed.append(f"DISCO with {slaves:,} slaves")
                    print(failure, end="\n\n", flush=True)
                curve[slaves] = costs
            return curve[slaves]

        if chosen.terraform:
            print(tables.COMPARISON, flush=True)
            for slaves in sorted(set(chosen.sizes)):
                ours = disco(slaves)
                theirs, failure = attempt(bench.terraform, slaves, writer)
                if failure:
                    left_out.append(f"Terraform with {slaves:,} slaves: it failed")
                    print(failure, end="\n\n", flush=True)
                if ours and theirs:
                    print(tables.comparison(slaves, ours, theirs, missed), flush=True)
            print()
        else:
            left_out.append("the comparison: there is no terraform on PATH, and no --terraform")

        sizes = {10, 100, 1000, 3000, 10_000} | set(chosen.sizes)
        sizes = sorted({size for size in sizes if size <= chosen.slaves} | {chosen.slaves})
        for slaves in sizes:
            disco(slaves)
        costs = {slaves: curve[slaves] for slaves in sizes if curve[slaves]}
        print(tables.growth(costs, COMMANDS, missed))
        if costs.get(tables.FEW):
            version = cost.several(lambda: bench.once([chosen.disco, "version"], bench.folder))
            print(tables.few(costs[tables.FEW], version, COMMANDS, missed), end="\n\n")
        if 10_000 not in sizes:
            left_out.append("the limits for 10,000 slaves")
        elif 10_000 in costs:
            print(tables.ten_thousand(costs[10_000]["no-change plan"], missed))
        started = cost.start_time([chosen.disco, "version"], bench.environment)
        print(tables.binary(os.path.getsize(chosen.disco), started, missed))

    print()
    for what in left_out:
        print(f"Left out: {what}.")
    for what in missed:
        print(f"Missed: {what}.")
    if not missed:
        print("Every limit that was measured holds.")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ncompare.sh: interrupted")
    except subprocess.CalledProcessError as error:
        sys.exit(f"compare.sh: {error}")
