"""The blocks of src/core/escrow that come from program/description.json."""
from program_model import pascal

CPP_TYPES = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t",
             "i64": "int64_t", "key": "Key", "hash": "Key", "state": "State", "tag": "Tag",
             "how": "StopHow"}


def member(name):
    """The C++ name of a field; only `operator` needs another than its own."""
    return "operator_key" if name == "operator" else name


def struct_body(fields):
    return [f"  {CPP_TYPES[field.type]} {member(field.name)};" for field in fields]


def record(one):
    """The struct, and the proof that the compiler lays it out as the page says."""
    name = pascal(one.name)
    out = []
    if one.magic:
        word = int.from_bytes(one.magic.encode(), "little")
        width = len(one.magic) * 8
        out += [f'// "{one.magic}" as a word, as it lies in memory.',
                f"inline constexpr uint{width}_t k{name}Magic = 0x{word:0{width // 4}x};", ""]
    if one.about:
        out.append(f"// {one.about}")
    out.append(f"struct {name} {{")
    if one.magic:
        out.append(f"  uint{len(one.magic) * 8}_t magic;")
    out += [*struct_body(one.fields), "};",
            f"static_assert(sizeof({name}) == {one.size} && alignof({name}) == 8);"]
    if one.magic:
        out.append(f"static_assert(offsetof({name}, magic) == 0);")
    out += [f"static_assert(offsetof({name}, {member(field.name)}) == {field.offset});"
            for field in one.fields]
    return out


def enum(name, values, notes=None):
    if notes is None:
        inner = ", ".join(f"{value} = {number}" for number, value in enumerate(values))
        return [f"enum class {name} : uint8_t {{ {inner} }};"]
    width = max(len(f"{value} = {number},") for number, value in enumerate(values))
    rows = [f"  {f'{value} = {number},':<{width}}  // {notes[number]}"
            for number, value in enumerate(values)]
    return [f"enum class {name} : uint8_t {{", *rows, "};"]


def tags(description):
    rows = [f"  {one.name} = {one.tag}," for one in description.instructions]
    return ["enum class Tag : uint8_t {", *rows, "};"]


def lengths(description):
    out = [f"inline constexpr uint64_t kTermsLength = {description.terms_size};"]
    out += [f"inline constexpr uint64_t k{pascal(one.name)}Length = {one.length};"
            for one in description.instructions]
    most = max(len(one.accounts) for one in description.instructions)
    return [*out, "", f"inline constexpr uint64_t kMaxAccounts = {most};"]


def numbers(description):
    market, lease = description.records["market"], description.records["lease"]
    rent = "kHighestRentPerByte"
    return [
        f"inline constexpr uint8_t kMarketKind = {market.kind};",
        f"inline constexpr uint8_t kLeaseKind = {lease.kind};",
        f"inline constexpr uint8_t kVersion = {lease.version};",
        "",
        "// Rent at the highest price per byte the chain has had, so that a change of rent moves",
        "// no quote and blocks no payout. A lease gives its part back at the close; a market does",
        "// not.",
        f"inline constexpr uint64_t {rent} = {description.rent_per_byte};",
        f"inline constexpr uint64_t kAccountOverheadBytes = {description.rent_overhead};",
        "inline constexpr uint64_t kBondLamports ="
        f" (kAccountOverheadBytes + {lease.size}) * {rent};",
        "inline constexpr uint64_t kMarketRentLamports ="
        f" (kAccountOverheadBytes + {market.size}) * {rent};",
        "// Below this a payment to an empty account would fail the whole transaction.",
        f"inline constexpr uint64_t kSmallestFirstPayment = kAccountOverheadBytes * {rent};",
    ]


def errors(description):
    rows = [f"  {error['name'].lower()} = {error['code']}," for error in description.errors]
    return ["enum class Error : uint64_t {", "  none = 0,", *rows, "};"]


def error_texts(description):
    out = ["// clang-format off",
           f"constexpr std::array<ErrorText, {len(description.errors)}> kTexts = {{{{"]
    for error in description.errors:
        out += [f"    {{Error::{error['name'].lower()}, \"{error['name']}\",",
                f"     \"{error['what']}\",", f"     \"{error['action']}\"}},"]
    return [*out, "}};", "// clang-format on"]


def blocks(description):
    """{file: {block: lines}}"""
    records = description.records
    state, how = description.types["state"], description.types["how"]
    return {
        "src/core/escrow/instruction_set.hpp": {
            "tags": tags(description),
            "how": enum("StopHow", how["values"], how["notes"]),
            "lengths": lengths(description),
        },
        "src/core/escrow/layout.hpp": {
            "numbers": numbers(description),
            "state": enum("State", state["values"]),
            "terms": ["struct MarketTerms {", *struct_body(description.terms), "};"],
            "market": record(records["market"]),
            "lease": record(records["lease"]),
        },
        "src/core/escrow/event.hpp": {"event": record(records["event"])},
        "src/core/escrow/attestation.hpp": {"attestation": record(records["attestation"])},
        "src/core/escrow/errors.hpp": {"errors": errors(description)},
        "src/core/escrow/error_text.cpp": {"texts": error_texts(description)},
    }
