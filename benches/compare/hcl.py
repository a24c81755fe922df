"""Values of a Heat template as expressions of Terraform's language."""

import json


def literal(text):
    """A text in which nothing is a template's opening."""
    return text.replace("${", "$${").replace("%{", "%%{")


def quoted(text):
    return literal(json.dumps(text, ensure_ascii=False))


def expression(value, reference):
    """`reference` gives the expression that stands for another resource's id."""
    if isinstance(value, dict):
        if list(value) == ["get_resource"]:
            return reference(value["get_resource"])
        if list(value) == ["get_attr"]:
            return reference(value["get_attr"][0])
        inner = ", ".join(f"{quoted(key)} = {expression(item, reference)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(expression(item, reference) for item in value)}]"
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)
