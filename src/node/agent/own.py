def own_part(bundle, index):
    """What of a group's configuration is for this node: without what only other members of an ensemble have, and with its
    own values where their marks are."""
    name = "%s-%s-%s" % (bundle["cluster"], bundle["group"], index)
    address = {name: address for address, name in host_entries(bundle["hosts"])}.get(name, "")
    number = int.from_bytes(socket.inet_aton(address), "big") & 0xFFFFFF if address else ""
    ensembles = bundle.get("ensembles", {})

    def concerns(item):
        return not item.get("only") or name in ensembles.get(item["only"], [])

    def marks(item):
        members = ensembles.get(item.get("only"), [])
        place = members.index(name) + 1 if name in members else ""
        own = {"name": name, "index": index, "address": address, "number": number, "place": place}
        return {"@@node.%s@@" % key: str(value) for key, value in own.items()}

    own = dict(bundle)
    for kind in ("users", "directories", "files", "units", "steps", "probes"):
        own[kind] = [item for item in bundle[kind] if concerns(item)]
        if kind != "files":
            own[kind] = [filled(item, marks(item)) for item in own[kind]]
    # Marks beside secrets are found only once Heat's values are there.
    own["files"] = [dict(filled(item, marks(item)), marks=marks(item)) if item.get("fills_in") else item
                    for item in own["files"]]
    return own


def filled(value, marks):
    """A part of a bundle with values in the place of their marks."""
    if isinstance(value, str):
        for mark, text in marks.items():
            value = value.replace(mark, text)
        return value
    if isinstance(value, list):
        return [filled(part, marks) for part in value]
    if isinstance(value, dict):
        return {key: filled(part, marks) for key, part in value.items()}
    return value


