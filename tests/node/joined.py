"""The node agent as nodes get it: its parts in one text. `build.rs` joins them in the same way."""

import importlib.util
import os
import sys

ROOM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "node")


def text():
    folder = os.path.join(ROOM, "agent")
    with open(os.path.join(folder, "order")) as file:
        parts = file.read().split()
    texts = []
    for part in parts:
        with open(os.path.join(folder, part + ".py")) as file:
            texts.append(file.read())
    joined = texts[0]
    for part, more in zip(parts[1:], texts[1:]):
        joined += "\n\n# --- %s %s\n\n" % (part, "-" * (112 - len(part))) + more
    return joined


def write(path):
    with open(path, "w") as file:
        file.write(text())


def load(path):
    """The agent as a module, from the text that it is written to."""
    write(path)
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("agent", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
