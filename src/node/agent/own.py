def own_part(bundle, index):
    """What of a group's configuration is for this node: without what only other members of an ensemble have, and with its
    own values where their marks are."""
    name = "%s-%s-%s" % (bundle["cluster"], bundle["group"], index)
    address = {name: address for address, name in host_entries(bundle["hosts"])}.get(name, "")
    number = int.from_bytes(socket.inet_aton(address), "big") & 0xFFFFFF if address else ""
    ensembles = bundle.get("ensembles", {})

    def concerns(item):
        return not item.get("only") or name in ensembles.get(item["only"], [])

    def filled(value, only):
        if isinstance(value, str):
            members = ensembles.get(only, [])
            own = {"name": name, "index": index, "address": address, "number": number,
                   "place": members.index(name) + 1 if name in members else ""}
            for key, text in own.items():
                value = value.replace("@@node.%s@@" % key, str(text))
            return value
        if isinstance(value, list):
            return [filled(part, only) for part in value]
        if isinstance(value, dict):
            return {key: filled(part, only) for key, part in value.items()}
        return value

    own = dict(bundle)
    for kind in ("directories", "files", "units", "steps", "probes"):
        items = [item for item in bundle[kind] if concerns(item)]
        fills = [kind != "files" or item.get("fills_in") for item in items]
        own[kind] = [filled(item, item.get("only")) if fill else item for item, fill in zip(items, fills)]
    return own


