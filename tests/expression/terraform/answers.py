#!/usr/bin/env python3
"""Asks Terraform for the answers in the tables beside this script.

    answers.py            compares the tables with what Terraform answers; ends with 1 if they differ
    answers.py --write    writes Terraform's answers into the tables, and its functions into functions.json

Needs the Terraform that VERSION names on the PATH; nothing is downloaded and nothing outlives the call.

A table is a text. A row is an expression, of one line or more, and the answer below it:

    = JSON : TYPE         the value and its type; `unknown` stands for what is known only after apply
    ! `PART` SUMMARY: DETAIL
                          a mistake, the part of the expression that Terraform blames, and its words
    ~ …                   where DISCO deliberately differs: what DISCO answers, or `!` alone for a mistake

Lines that begin with `#` are words for the reader. Each row becomes an output of one configuration; rows with mistakes
are found by planning it, taken out, and the rest is planned again until a plan holds.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VERSION = "1.11.4"
HERE = pathlib.Path(__file__).resolve().parent

# What is known only after apply; what other names mean stands in names.hcl. The test of the tables defines the same.
UNKNOWN = """
resource "terraform_data" "unknown" {}
locals {
  unknown        = jsondecode(terraform_data.unknown.id)
  unknown_text   = terraform_data.unknown.id
  unknown_list   = split(",", terraform_data.unknown.id)
  unknown_set    = setunion(split(",", terraform_data.unknown.id))
  unknown_map    = zipmap(split(",", terraform_data.unknown.id), split(",", terraform_data.unknown.id))
  unknown_number = tonumber(terraform_data.unknown.id)
  unknown_bool   = tobool(terraform_data.unknown.id)
}
"""


class Raw(str):
    """A number as it is written."""


class Row:
    def __init__(self, expression, answer_at):
        self.expression = expression
        self.answer_at = answer_at
        self.answer = None


def rows_of(lines):
    """The rows of a table, each with the index of the line that has its answer."""
    rows, begun = [], []
    for at, line in enumerate(lines):
        if not begun and (not line.strip() or line.startswith(("#", "~"))):
            continue
        if line.startswith(("= ", "! ")):
            rows.append(Row("\n".join(begun), at))
            begun = []
        elif line == "?":  # an answer that is still to come
            rows.append(Row("\n".join(begun), at))
            begun = []
        else:
            begun.append(line)
    if begun:
        sys.exit(f"a row without an answer; write `?` below it: {begun[0]}")
    return rows


def terraform(folder, *words, check=True, text=None):
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE="/dev/null", HOME="/home/somebody")
    environment = {name: value for name, value in environment.items() if name == "TF_CLI_CONFIG_FILE" or not name.startswith("TF_")}
    done = subprocess.run(["terraform", *words], cwd=folder, env=environment, input=text, capture_output=True, text=True)
    if check and done.returncode != 0:
        sys.exit(f"terraform {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done


def prepare(folder):
    """Names and files, as the rows expect them."""
    shutil.copytree(HERE / "files", folder / "files")
    names = (HERE / "names.hcl").read_text()
    (folder / "names.tf").write_text(f"{UNKNOWN}locals {{\n{names}}}\n")


def ask(rows, folder):
    """Gives each row its answer."""
    prepare(folder)
    for at, row in enumerate(rows):
        text = f'output "r{at}" {{\nsensitive = true\nvalue = {{\nv = {row.expression}\n}}\n}}\n'
        (folder / f"r{at}.tf").write_text(text)
    while True:
        planned = terraform(folder, "plan", "-json", "-out", "plan", check=False)
        faults = [json.loads(line).get("diagnostic") for line in planned.stdout.splitlines()]
        faults = [fault for fault in faults if fault and fault["severity"] == "error"]
        if not faults:
            break
        blame(rows, folder, faults)
    if planned.returncode != 0:
        sys.exit(planned.stdout + planned.stderr)
    shown = terraform(folder, "show", "-json", "plan").stdout
    plan = json.loads(shown, parse_float=Raw, parse_int=Raw)
    known, changes = plan["planned_values"]["outputs"], plan["output_changes"]
    for at, row in enumerate(rows):
        if row.answer:
            continue
        name = f"r{at}"
        change, after_unknown = changes[name], changes[name]["after_unknown"]
        unknown = after_unknown is True or (after_unknown or {}).get("v", False)
        value = json_text(change["after"]["v"] if "v" in (change["after"] or {}) else None, unknown)
        if "type" in known[name]:
            of = type_text(known[name]["type"][1]["v"])
        else:
            of = type_from_console(row.expression)
        row.answer = f"= {value} : {of}"


def blame(rows, folder, faults):
    """Takes rows with mistakes out of the configuration, and those whose value a plan cannot hold."""
    for fault in faults:
        if "range" not in fault:
            endless = re.findall(r'"r(\d+)": cannot serialize infinity', fault["detail"])
            for at in endless or sys.exit(f"not about a row: {fault}"):
                rows[int(at)].answer = "= infinity : number"
                (folder / f"r{at}.tf").unlink()
            continue
        name = fault["range"]["filename"]
        if not (name.startswith("r") and name.endswith(".tf")):
            sys.exit(f"not about a row: {fault}")
        row = rows[int(name[1:-3])]
        if row.answer:
            continue
        path = folder / name
        text = path.read_bytes()
        place = fault["range"]
        part = text[place["start"]["byte"]:place["end"]["byte"]].decode()
        words = " ".join(f"{fault['summary']}: {fault['detail']}".split())
        words = re.sub(r"\br\d+\.tf:[\d,-]+", "row", words)  # the file that the row was put into
        words = re.sub(r" goroutine \d+ \[running\].*", "", words)  # what a panic says is enough
        row.answer = f"! `{' '.join(part.split())}` {words}"
        path.unlink()


def json_text(value, unknown):
    """JSON without spaces and with sorted keys, `unknown` where that is true."""
    if unknown is True:
        return "unknown"
    if isinstance(value, dict) or isinstance(unknown, dict):
        value, unknown = value or {}, unknown or {}
        keys = sorted({*value, *(unknown if isinstance(unknown, dict) else ())})
        unknown = unknown if isinstance(unknown, dict) else {}
        parts = (json_text(key, False) + ":" + json_text(value.get(key), unknown.get(key)) for key in keys)
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        unknown = unknown if isinstance(unknown, list) else [False] * len(value)
        return "[" + ",".join(json_text(*pair) for pair in zip(value, unknown)) + "]"
    return value if isinstance(value, Raw) else json.dumps(value, ensure_ascii=False)


def type_text(of):
    """A type as Terraform's JSON writes it, as a `type = …` would."""
    if isinstance(of, str):
        return "any" if of == "dynamic" else of
    kind, within = of[0], of[1]
    if kind == "tuple":
        return f"tuple([{', '.join(map(type_text, within))}])"
    if kind == "object":
        names = ((name if re.fullmatch(r"[^\W\d][\w-]*", name) else json.dumps(name, ensure_ascii=False), name) for name in sorted(within))
        return "object({" + ", ".join(f"{shown} = {type_text(within[name])}" for shown, name in names) + "})"
    return f"{kind}({type_text(within)})"


def type_from_console(expression):
    """The type of a row that is not known throughout: only the console tells it."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prepare(folder)
        told = terraform(folder, "console", "-plan", text=f"type({' '.join(expression.split())})\n").stdout.strip()
    told = " ".join(told.split()).replace(": ", " = ").replace("dynamic", "any")
    return re.sub(r"([(\[{]) ", r"\1", re.sub(r",? ([)\]}])", r"\1", told))


def functions(folder):
    told = json.loads(terraform(folder, "metadata", "functions", "-json").stdout)
    plain = {
        name: {
            "parameters": [parameter["name"] for parameter in signature.get("parameters", [])],
            "variadic": signature.get("variadic_parameter", {}).get("name"),
        }
        for name, signature in sorted(told["function_signatures"].items())
        if "::" not in name
    }
    lines = [f'  {json.dumps(name)}: {json.dumps(signature)}' for name, signature in plain.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    write = sys.argv[1:] == ["--write"]
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit(__doc__)
    different = False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        version = json.loads(terraform(folder, "version", "-json").stdout)["terraform_version"]
        if version.removesuffix("-dev") != VERSION:
            sys.exit(f"the tables are Terraform {VERSION}'s, this is {version}")
        tables = {path: path.read_text().split("\n") for path in sorted(HERE.glob("*.txt"))}
        rows = {path: rows_of(lines) for path, lines in tables.items()}
        wanted = {HERE / "functions.json": functions(folder)}
        ask([row for found in rows.values() for row in found], folder)
        for path, lines in tables.items():
            for row in rows[path]:
                if lines[row.answer_at] != row.answer:
                    different = True
                    print(f"{path.name}: {row.expression}\n  there: {lines[row.answer_at]}\n  now:   {row.answer}")
                    lines[row.answer_at] = row.answer
            wanted[path] = "\n".join(lines)
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            different = True
            if write:
                path.write_text(text)
    if not write:
        sys.exit(1 if different else 0)


main()
