#!/usr/bin/env python3
"""Puts HashiCorp's hcldec beside the example `hcldec`. Needs HashiCorp's on the PATH (or --reference) and the example
built; ordinary test runs do not run it.

    cargo build --release --example hcldec
    go install github.com/hashicorp/hcl/v2/cmd/hcldec@v2.24.0

    compare.py cases             are the answers in cases/ still those of the reference, and ours too? (Not those in
                                 cases/beyond/, which the reference cannot give.)
    compare.py cases --write     write the answers of the reference anew
    compare.py files FOLDER...   every .tf, .tfvars and .hcl below: is its syntax accepted by both or by none?
    compare.py changes FILE...   the same for thousands of files that chance made of these
    compare.py expressions       values, types and verdicts of thousands of expressions that chance made

The last two take --seed and --count. Where the two may differ is told in differences.md.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import chance

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASES = HERE / "cases"
ENDINGS = (".tf", ".tfvars", ".hcl", ".tf.json", ".hcl.json")
NOTHING = 'literal {\n  value = null\n}\n'


def run(decoder, arguments, cwd=None):
    done = subprocess.run([decoder, *arguments], cwd=cwd, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")


def complaints(text):
    """A line for each complaint in the JSON of either: severity, file, place and summary, with tabs between."""
    if not text.startswith("{"):
        return f"error\t-\t-\t{text.strip()}\n"
    lines = []
    for complaint in json.loads(text)["diagnostics"]:
        file = place = "-"
        if subject := complaint.get("subject"):
            (start, end), file = (subject["start"], subject["end"]), subject["filename"]
            place = f'{start["line"]}:{start["column"]}-{end["line"]}:{end["column"]}'
        lines.append((complaint["severity"], file, place, " ".join(complaint["summary"].split())))
    return "".join("\t".join(line) + "\n" for line in sorted(lines, key=lambda line: line[1:]))


# ---------------------------------------------------------------------------------------------------------------------
# cases

def arguments_of(case):
    """What a case is run with: its own arguments, or those of the specification suite."""
    own = case.with_suffix(".args")
    spec = [f"--spec={case.name}.hcldec"]
    if own.exists():
        return spec + own.read_text().splitlines()
    inputs = [f"{case.name}{ending}" for ending in (".hcl", ".hcl.json") if case.with_suffix(ending).exists()]
    return spec + ["--diags=json", "--with-type", "--keep-nulls"] + inputs


def columns(line):
    return line.split("\t")


def lines_of(text):
    """Severity, file and line of each complaint that has a place; of all if none has."""
    found = {(line[0], line[1], line[2].split(":")[0]) for line in map(columns, text.strip("\n").split("\n"))}
    return {place for place in found if place[1] != "-"} or found


def cases(options):
    wrong = 0
    for spec in sorted(CASES.rglob("*.hcldec")):
        case = spec.with_suffix("")
        if case.parent.name == "beyond":
            continue
        arguments = arguments_of(case)
        code, out, err = run(options.reference, arguments, cwd=case.parent)
        if "goroutine" in err:
            print(f"{case.relative_to(CASES)}: the reference crashes")
            wrong += 1
            continue
        kind, other, answer = (".value.json", ".complaints", out) if code == 0 else (".complaints", ".value.json", complaints(err))
        kept = case.with_suffix(kind)
        same = kept.exists() and (same_json(kept.read_text(), answer) if code == 0 else kept.read_text() == answer)
        if options.write and not same:
            kept.write_text(answer)
            case.with_suffix(other).unlink(missing_ok=True)
        elif not same:
            print(f"{case.relative_to(CASES)}: the reference says something else than {kept.name}")
            wrong += 1
        ours = run(options.ours, arguments, cwd=case.parent)
        if ours[0] != code or (code == 0 and not same_json(ours[1], out)):
            print(f"{case.relative_to(CASES)}: ours ends with {ours[0]}: {ours[1]}{ours[2]}")
            wrong += 1
        elif code != 0 and lines_of(complaints(ours[2])) != lines_of(answer):
            print(f"{case.relative_to(CASES)}: other lines\n  {complaints(ours[2])}  {answer}")
            wrong += 1
    print(f"{wrong} differences")
    return wrong


def same_json(one, other):
    def read(text):
        found = json.loads(text, parse_int=chance.number, parse_float=chance.number)
        # Only --var-refs gives a list.
        return sorted(found, key=lambda one: one["range"]["start"]["byte"]) if isinstance(found, list) else found
    return chance.near(read(one), read(other))


# ---------------------------------------------------------------------------------------------------------------------
# verdicts on syntax

def verdict(decoder, spec, file):
    """Only syntax counts with --var-refs: no specification is asked whether it expects what is there."""
    return run(decoder, [f"--spec={spec}", "--diags=json", "--var-refs", file])


def compared(options, files):
    """How both find the syntax of each file."""
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        spec = pathlib.Path(folder, "nothing.hcldec")
        spec.write_text(NOTHING)
        both = lambda file: [file] + [verdict(decoder, spec, file) for decoder in (options.reference, options.ours)]
        yield from pool.map(both, files)


def judge(options, files):
    count, total, wrong = collections.Counter(), 0, 0
    for file, reference, ours in compared(options, files):
        total += 1
        crashed = "goroutine" in reference[2]
        count["crashed" if crashed else "accepted" if reference[0] == 0 else "refused"] += 1
        if crashed or reference[0] == ours[0]:
            continue
        if reference[0] and agree_with_a_line_end(options, file):
            count["accepted by ours alone, as it should be"] += 1
            continue
        code, text = ("reference", reference[2]) if reference[0] else ("ours", ours[2])
        told = complaints(text)
        if code == "ours" and all(any(word in line for word in chance.DELIBERATE) for line in told.splitlines()):
            count["refused by ours alone, as it should be"] += 1
            continue
        wrong += 1
        print(f"{file}: refused by {code} alone: {told}", end="")
    print(f"{total} files, by the reference {dict(count)}; {wrong} differences")
    return wrong


def agree_with_a_line_end(options, file):
    """Ours takes the end of the file for the end of its last line, also behind the closing word of a heredoc."""
    with tempfile.NamedTemporaryFile(suffix=".hcl") as longer:
        longer.write(pathlib.Path(file).read_bytes() + b"\n")
        longer.flush()
        [(_, reference, ours)] = compared(options, [longer.name])
        return reference[0] == ours[0]


def files(options):
    found = [path for folder in options.paths for path in sorted(pathlib.Path(folder).rglob("*"))]
    return judge(options, [str(path) for path in found if path.name.endswith(ENDINGS) and path.is_file()])


def changes(options):
    text = lambda path: pathlib.Path(path).read_bytes().decode(errors="replace")
    texts = [(".hcl.json" if path.endswith(".json") else ".hcl", text(path)) for path in options.paths]
    keep = pathlib.Path(tempfile.mkdtemp(prefix="hcldec-"))
    names = []
    for at, (ending, text) in enumerate(chance.changed(texts, options.seed, options.count)):
        names.append(str(keep / f"{at}{ending}"))
        pathlib.Path(names[-1]).write_bytes(text.encode())
    wrong = judge(options, names)
    if not wrong:
        for name in names:
            os.unlink(name)
        keep.rmdir()
    return wrong


# ---------------------------------------------------------------------------------------------------------------------
# expressions

def evaluated(decoder, folder, expressions):
    """Which of the expressions fail, with the reason, and the values and types of all if none does."""
    spec, file = folder / "a.hcldec", folder / "a.hcl"
    attributes = [f'  attr "e{at}" {{\n    type = {of}\n  }}\n' for at, (_, of) in enumerate(expressions)]
    spec.write_text(chance.VARIABLES + "object {\n" + "".join(attributes) + "}\n")
    file.write_text("".join(f"e{at} = {text}\n" for at, (text, _) in enumerate(expressions)))
    code, out, err = run(decoder, [f"--spec={spec}", "--diags=json", "--with-type", "--keep-nulls", str(file)])
    if code == 0:
        return {}, json.loads(out, parse_int=chance.number, parse_float=chance.number)
    if not err.startswith("{"):
        return {"crashed": err}, None
    failed = {}
    for complaint in json.loads(err)["diagnostics"]:
        line = complaint.get("subject", {}).get("start", {}).get("line", 0)
        failed.setdefault(line - 1, f'{complaint["summary"]}: {complaint.get("detail", "")}')
    return failed, None


def expressions(options):
    wrong = total = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for batch in chance.expressions(options.seed, options.count):
            total += len(batch)
            reference, _ = evaluated(options.reference, folder, batch)
            if "crashed" in reference:
                batch = [one for one in batch if "crashed" not in evaluated(options.reference, folder, [one])[0]]
                reference, _ = evaluated(options.reference, folder, batch)
            ours, _ = evaluated(options.ours, folder, batch)
            for at, (text, of) in enumerate(batch):
                if (at in reference) != (at in ours) and not chance.may_differ(text, reference.get(at), ours.get(at)):
                    wrong += 1
                    print(f"{text} as {of}\n  reference: {reference.get(at)}\n  ours: {ours.get(at)}")
            good = [one for at, one in enumerate(batch) if at not in reference and at not in ours]
            values = [evaluated(decoder, folder, good)[1] for decoder in (options.reference, options.ours)]
            if None in values:
                wrong += 1
                print(f"only together do they fail: {good}")
                continue
            for at, (text, of) in enumerate(good):
                one, other = ((value["value"][f"e{at}"], value["type"][1][f"e{at}"]) for value in values)
                if not (chance.near(one, other) or chance.values_may_differ(text)):
                    wrong += 1
                    print(f"{text} as {of}\n  reference: {one}\n  ours: {other}")
    print(f"{total} expressions; {wrong} differences")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", default="hcldec", help="HashiCorp's hcldec")
    parser.add_argument("--ours", default=str(ROOT / "target/release/examples/hcldec"), help="the example")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("cases").add_argument("--write", action="store_true")
    commands.add_parser("files").add_argument("paths", nargs="+")
    for name in ("changes", "expressions"):
        command = commands.add_parser(name)
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--count", type=int, default=3000)
        if name == "changes":
            command.add_argument("paths", nargs="+")
    options = parser.parse_args()
    if not shutil.which(options.reference):
        parser.exit(message=f"{options.reference} is not there: nothing was compared\n")
    options.ours = os.path.abspath(options.ours)
    if not os.path.exists(options.ours):
        parser.error(f"{options.ours} is not there: cargo build --release --example hcldec")
    sys.exit(1 if globals()[options.command](options) else 0)


if __name__ == "__main__":
    main()
