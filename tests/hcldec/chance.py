"""Texts and expressions that chance makes, for compare.py."""

import decimal
import random
import re

decimal.getcontext().prec = 400
number = decimal.Decimal

# What ours refuses on purpose; see differences.md.
DELIBERATE = ("is in the object twice", "nested more than", "operators follow one another", "keys")

PIECES = [
    "{", "}", "[", "]", "(", ")", '"', "\n", "=", "==", "${", "%{", "~", "<<EOT\n", "<<-EOT\n", "EOT\n", "#", "//", "/*",
    "*/", ",", ":", "?", ".", "*", "[*]", ".*", "-", "!", "null", "true", "for ", "in ", "if ", "=>", "...", "$", "%",
    "$${", "%%{", "\\", "\\n", "\\u00e9", "\\x", "é", "e\u0301", "\t", "\r\n", "\r", " ", "0", "1.5", "1e3", "a", "b", "::",
    "&&", "||", "<", ">=", "/", "%", '"a"', '""', "%{ if a }", "%{ endif }", "%{ else }", "%{ for x in y }", "%{ endfor }",
    "${a}", "a.b", "a[0]", "a.0", "a.*.b", "a[*].b", "(1)", "{}", "[]", "f(", "f()", ";", "^", "&", "|", "`", "'", "“",
    "\ufeff", "\u00a0", "\u200b", "👩‍👩‍👧", "1_000", "0x1", "1.", ".5", "1e", "--", "!!", '": "', '", "', "\\u0000", "01",
]


def changed(texts, seed, count):
    """Pieces of the texts, which are (ending, text), with a few changes each."""
    chance = random.Random(seed)
    for _ in range(count):
        ending, text = chance.choice(texts)
        if ending == ".hcl" and chance.random() < 0.5:
            lines = text.split("\n")
            first = chance.randrange(len(lines))
            text = "\n".join(lines[first:first + chance.choice([1, 2, 3, 6, 12])]) + "\n"
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            text = change(chance, text, texts)
        yield ending, text


def change(chance, text, texts):
    at = chance.randrange(len(text) + 1)
    lines = text.split("\n")
    line = chance.randrange(len(lines))
    kind = chance.randrange(8)
    if kind == 0:
        return text[:at] + chance.choice(PIECES) + text[at:]
    if kind == 1:
        return text[:at] + text[at + chance.choice([1, 1, 1, 2, 5, 20]):]
    if kind == 2:
        return text[:at] + chance.choice(PIECES) + text[at + chance.choice([1, 1, 2]):]
    if kind == 3:
        return "\n".join(lines[:line] + [chance.choice(lines)] + lines[line:])
    if kind == 4:
        return "\n".join(lines[:line] + lines[line + 1:])
    if kind == 5:
        _, other = chance.choice(texts)
        start = chance.randrange(len(other) + 1)
        return text[:at] + other[start:start + chance.choice([3, 10, 30])] + text[at:]
    if kind == 6:
        return text[:at]
    words = [word.span() for word in re.finditer(r"\w+|[^\w\s]", text)]
    if len(words) < 2:
        return text
    (a, b), (c, d) = sorted(chance.sample(words, 2))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


# ---------------------------------------------------------------------------------------------------------------------

VARIABLES = """
variables {
  s    = "text"
  n    = 5
  f    = 2.5
  t    = true
  l    = [1, 2, 3]
  ls   = ["a", "b"]
  m    = { a = 1, b = 2 }
  o    = [{ id = 1, n = ["x", "y"] }, { id = 2, n = [] }]
  no   = null
  e    = []
  eo   = {}
  num  = "12"
  mix  = [1, "a", true, null]
  deep = { x = { y = [{ z = 1 }] } }
}
"""
NAMES = ["s", "n", "f", "t", "l", "ls", "m", "o", "no", "e", "eo", "num", "mix", "deep"]
LITERALS = [
    "0", "1", "2", "10", "1.5", "0.1", "3.25", "1e3", "100000000000000000000", '"a"', '"b"', '""', '"12"', '"1.50"',
    '"true"', '"é"', "true", "false", "null", "[]", "{}", "-1", '"x y"',
]
KEYS = ["a", "b", "x", "id", "n", "zz", '"b c"', "(s)", '"${n}k"', "true", "null"]
STEPS = [
    ".a", ".b", ".id", "[0]", "[1]", "[-1]", ".0", '["a"]', ".x.y[0].z", "[*].id", ".*.id", "[9]", ".zz", ".*.n.0",
    "[*].n[0]",
]


def expressions(seed, count, batch=30):
    """Batches of expressions, each with a type that its value is to have."""
    maker = Maker(random.Random(seed))
    for _ in range(max(1, count // batch)):
        texts = dict.fromkeys(maker.expression(maker.chance.randrange(1, 4)) for _ in range(batch))
        yield [(text, maker.type(2) if maker.chance.random() < 0.5 else "any") for text in texts]


class Maker:
    def __init__(self, chance):
        self.chance = chance

    def one(self, *of):
        return self.chance.choice(of)

    def type(self, depth):
        kind = self.chance.randrange(12)
        if depth <= 0 or kind < 6:
            return self.one("string", "number", "bool", "any")
        if kind < 9:
            return self.one("list", "set", "map") + "(" + self.type(depth - 1) + ")"
        if kind < 10:
            return "tuple([" + ", ".join(self.type(depth - 1) for _ in range(self.chance.randrange(4))) + "])"
        names = self.chance.sample(["a", "b", "id", "n", "x"], self.chance.randrange(3))
        return "object({" + ", ".join(name + " = " + self.type(depth - 1) for name in names) + "})"

    def expression(self, depth):
        one = self.one
        if depth <= 0:
            return one(*LITERALS, *NAMES)
        part = lambda: self.expression(depth - 1 - self.chance.randrange(2))
        several = lambda most, piece: [piece() for _ in range(self.chance.randrange(most))]
        kind = self.chance.randrange(22)
        if kind < 4:
            return one(*LITERALS, *NAMES)
        if kind < 6:
            return part() + one(" + ", " - ", " * ", " / ", " % ") + part()
        if kind < 8:
            return part() + one(" == ", " != ", " < ", " > ", " <= ", " >= ", " && ", " || ") + part()
        if kind == 8:
            return one("!", "-") + "(" + part() + ")"
        if kind == 9:
            return "(" + part() + ") ? (" + part() + ") : (" + part() + ")"
        if kind == 10:
            return "[" + ", ".join(several(4, part)) + "]"
        if kind == 11:
            keys = self.chance.sample(KEYS, self.chance.randrange(4))
            return "{ " + ", ".join(key + one(" = ", ": ") + part() for key in keys) + " }"
        if kind == 12:
            condition = one("", " if " + one("true", "v != null", "v == 1", part()))
            return "[for " + one("v", "k, v") + " in " + part() + " : " + one("v", "[v]", part()) + condition + "]"
        if kind == 13:
            key, value = one("k", "v", "(v)", '"${v}"', part()), one("v", part())
            return "{ for k, v in " + part() + " : " + key + " => " + value + one("", "...") + one("", " if true") + " }"
        if kind == 14:
            return "(" + part() + ")[*]" + one("", ".id", "[0]", ".n[0]", ".n[*]")
        if kind == 15:
            return "(" + part() + ").*" + one("", ".id", ".n", ".n.0", ".id[0]")
        if kind == 16:
            return "(" + part() + ")[" + part() + "]"
        if kind == 17:
            return one(*NAMES) + one(*STEPS)
        if kind < 20:
            piece = lambda: one("x", " ", "é", "$${a}", "%%{b}", "\\n", "  ", "${" + part() + "}", "${~ " + part() + " ~}")
            return '"' + "".join(several(4, piece)) + '"'
        trim = one(" ", " ~")
        if kind == 20:
            otherwise = one("", "%{ else }no", "%{~ else ~} no ")
            then = one("yes", " y ", "${" + part() + "}")
            return '"%{ if ' + part() + trim + "}" + then + otherwise + '%{ endif }"'
        names, end = one("v", "k, v"), one("%{ endfor }", "%{~ endfor }")
        return '"%{ for ' + names + " in " + part() + trim + "}" + one("${v}", "x", " ${v} ") + end + '"'


def may_differ(text, reference, ours):
    """Whether differences.md tells why only one of them refuses an expression."""
    if reference:
        return (
            "Inconsistent conditional result types" in reference
            or "Invalid operand" in reference and ("&&" in text or "||" in text)
            or "Incorrect attribute value type" in reference and "?" in text
            or "for" in text and "if" in text
        )
    return "division by zero" in ours or "&&" in text or "||" in text


def values_may_differ(text):
    """Whether differences.md tells why values differ."""
    return "?" in text


def near(one, other):
    """Equal but for the last digits of fractions, which the reference rounds, and for its -0."""
    if one == "-0":
        return other == "0"
    if isinstance(one, number) and isinstance(other, number):
        return abs(one - other) <= abs(one) * number("1e-140")
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(near, one, other))
    return type(one) is type(other) and one == other
