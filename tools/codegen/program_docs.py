"""The tables of docs/escrow.md that come from program/description.json."""

SHOWN = {"hash": "32 bytes", "state": "u8", "tag": "u8", "how": "u8"}


def record(one):
    out = ["| offset | field | type | |", "|---:|---|---|---|"]
    if one.magic:
        out.append(f"| 0 | `{one.magic}` | {len(one.magic)} bytes | |")
    for field in one.fields:
        name = "zero" if field.is_zero else field.name
        note = f" {field.note} " if field.note else " "
        out.append(f"| {field.offset} | {name} | {SHOWN.get(field.type, field.type)} |{note}|")
    return out


def argument(field):
    if field.type == "terms":
        return "terms"
    size = "32" if field.type in ("hash", "key") else SHOWN.get(field.type, field.type)
    return f"{field.name} {size}"


def account(use):
    values = " or ".join(map(str, use.signs)) if isinstance(use.signs, list) else ""
    if use.only_if is not None:
        return f"{use.docs} s if how = {values}, else not there"
    flags = ("s" if use.signs is True else "") + ("w" if use.writable else "")
    text = f"{use.docs} {flags}".rstrip()
    if use.signs == "may":
        text += " (may sign)"
    return text + (f" (s if how = {values})" if values else "")


def instructions(description):
    out = ["| tag | name and data | bytes | accounts |", "|---:|---|---:|---|"]
    for one in description.instructions:
        data = ", ".join(argument(field) for field in one.fields)
        uses = ", ".join(account(use) for use in one.accounts)
        name = f"{one.name}: {data}" if data else one.name
        out.append(f"| {one.tag} | {name} | {one.length} | {uses} |")
    terms = ", ".join(argument(field) for field in description.terms)
    return [*out, "", f"terms: {terms}."]


def errors(description):
    rows = [f"| {one['code']} | {one['name']} | {one['docs']} |" for one in description.errors]
    return ["| code | name | what it means |", "|---:|---|---|", *rows]


def blocks(description):
    records = description.records
    return {"docs/escrow.md": {
        "market": record(records["market"]),
        "lease": record(records["lease"]),
        "instructions": instructions(description),
        "attestation": record(records["attestation"]),
        "event": record(records["event"]),
        "errors": errors(description),
    }}
