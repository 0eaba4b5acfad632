"""program/description.json, read and checked: what every writer of program.py works from.

Offsets and lengths are counted here, once. A description with padding, a doubled name or an unknown
type is refused: the bytes on chain are read by other people's programs.
"""
import dataclasses
import json
import pathlib
import re

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i64": 8, "key": 32, "hash": 32,
         "state": 1, "how": 1, "tag": 1}
ALIGN = {"key": 8, "hash": 8}  # four words each
MAX_ACCOUNTS = 16


class Wrong(SystemExit):
    def __init__(self, text):
        super().__init__(f"program/description.json: {text}")


@dataclasses.dataclass
class Field:
    name: str
    type: str
    note: str
    offset: int
    size: int

    @property
    def is_zero(self):
        return re.fullmatch(r"zero(_[a-z])?", self.name) is not None


@dataclasses.dataclass
class Record:
    """Bytes that stand as they are, in an account, a log line or a signed message."""
    name: str
    ident: str  # its name for tools
    fields: list
    size: int
    kind: int
    version: int
    magic: str
    about: str
    seeds: list

    def field(self, name):
        return next(field for field in self.fields if field.name == name)


@dataclasses.dataclass
class Account:
    name: str
    writable: bool
    signs: object  # True, False, "may", or the values of `how` with which it signs
    only_if: list  # the values of `how` with which it stands there at all; None: always
    address: str   # where it is always the same
    docs: str      # how the page calls it


@dataclasses.dataclass
class Instruction:
    name: str
    tag: int
    docs: str
    accounts: list
    fields: list
    length: int


def camel(name):
    """to_host as toHost, BAD_DATA as badData."""
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name):
    return camel(name)[0].upper() + camel(name)[1:]


def fields_from(rows, start, sizes, where):
    fields, at = [], start
    for name, kind, *note in rows:
        if kind not in sizes:
            raise Wrong(f"{where}.{name} is of the unknown type {kind}")
        fields.append(Field(name, kind, note[0] if note else "", at, sizes[kind]))
        at += sizes[kind]
    if len({field.name for field in fields}) != len(fields):
        raise Wrong(f"{where} has a name twice")
    return fields, at


def record_from(name, raw):
    magic = raw.get("magic", "")
    fields, size = fields_from(raw["fields"], len(magic), SIZES, name)
    for field in fields:
        if field.offset % ALIGN.get(field.type, field.size) != 0:
            raise Wrong(f"{name}.{field.name} at {field.offset} would need padding before it")
    if size % 8 != 0:
        raise Wrong(f"{name} has {size} bytes, no multiple of 8")
    return Record(name, raw.get("ident", name), fields, size, raw.get("kind", 0),
                  raw.get("version", 0), magic, raw.get("about", ""), raw.get("seeds", []))


def account_from(text, addresses):
    """`renter w how=0,1`: a name, s and w, `?` where it may sign, the `how` with which it signs,
    with a `!` where it stands there only then."""
    name, *words = text.split()
    signs, only_if, writable = False, None, False
    for word in words:
        if re.fullmatch("s?w?", word):
            signs, writable = signs or "s" in word, "w" in word
        elif word == "?":
            signs = "may"
        elif match := re.fullmatch(r"how=([0-9,]+)(!?)", word):
            signs = [int(value) for value in match[1].split(",")]
            only_if = signs if match[2] else None
        else:
            raise Wrong(f"account '{text}': {word} means nothing")
    address, docs = addresses.get(name, ("", name))
    return Account(name, writable, signs, only_if, address, docs)


class Description:
    def __init__(self, path):
        raw = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.name = raw["name"]
        self.types = raw["types"]
        self.rent_per_byte = raw["rent"]["highest_per_byte"]
        self.rent_overhead = raw["rent"]["overhead_bytes"]
        self.terms, terms_size = fields_from(raw["terms"], 0, SIZES, "terms")
        self.terms_size = terms_size
        self.records = {name: record_from(name, one) for name, one in raw["records"].items()}
        self.accounts = [one for one in self.records.values() if one.kind]
        sizes = {**SIZES, "terms": terms_size}
        self.instructions = []
        for tag, one in enumerate(raw["instructions"]):
            fields, length = fields_from(one["data"], 1, sizes, one["name"])
            uses = [account_from(text, raw["addresses"]) for text in one["accounts"]]
            if len(uses) > MAX_ACCOUNTS or len({use.name for use in uses}) != len(uses):
                raise Wrong(f"{one['name']}: its accounts are too many, or one stands there twice")
            self.instructions.append(
                Instruction(one["name"], tag, one["docs"], uses, fields, length))
        self.errors = raw["errors"]
        if [error["code"] for error in self.errors] != list(range(100, 100 + len(self.errors))):
            raise Wrong("the error codes are not 100 and so on, each once, in order")

    def rent(self, record):
        return (self.rent_overhead + record.size) * self.rent_per_byte
