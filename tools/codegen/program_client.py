"""The client of the program: TypeScript with the types of @solana/kit, and plain modules.

What stands between « and » is TypeScript alone. The .ts files keep it, the .mjs files lose it: so
both are one text, and Node, which runs no TypeScript before 22.18, needs no build.
"""
import json
import re
import textwrap

from program_model import camel, pascal

HEADER = "// Generated from program/description.json by tools/codegen/program.py: change those.\n"

# type: (the part of kit's codec names, the type it decodes to, the type a caller may give)
CODECS = {"u8": ("U8", "number", "number"), "u16": ("U16", "number", "number"),
          "u32": ("U32", "number", "number"), "u64": ("U64", "bigint", "number | bigint"),
          "i64": ("I64", "bigint", "number | bigint"), "key": ("Address", "Address", "Address")}


def named(kind):
    """The client's own types: state, how, tag."""
    return {"state": "State", "how": "How", "tag": "Tag"}.get(kind)


def decoded(field):
    if field.type == "hash":
        return "ReadonlyUint8Array"
    return named(field.type) or CODECS[field.type][1]


def given(field):
    if field.type == "terms":
        return "MarketTerms"
    if field.type == "hash":
        return "ReadonlyUint8Array"
    return named(field.type) or CODECS[field.type][2]


def decoder(field):
    if field.type == "hash":
        return "fixDecoderSize(getBytesDecoder(), 32)"
    if name := named(field.type):
        return f"getU8Decoder()« as FixedSizeDecoder<{name}, 1>»"
    return f"get{CODECS[field.type][0]}Decoder()"


def encoder(field):
    if field.type == "terms":
        return "termsEncoder"
    if field.type == "hash":
        return "hashEncoder"
    return f"get{'U8' if named(field.type) else CODECS[field.type][0]}Encoder()"


def wrapped(before, items, after, indent="  "):
    """before + items, broken over lines of at most 98 columns, + after."""
    one = f"{before}{' ' if before.endswith('{') else ''}{', '.join(items)}"
    one += f"{' ' if before.endswith('{') else ''}{after}"
    if len(one) <= 98:
        return one + "\n"
    body = textwrap.fill(", ".join(items) + ",", 98, initial_indent=indent,
                         subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)
    return f"{before}\n{body}\n{after}\n"


def rows(fields, make):
    return "".join(f'  ["{camel(field.name)}", {make(field)}],\n' for field in fields)


def interface(name, fields, kind, about=""):
    out = f"// {about}\n" if about else ""
    out += f"export interface {name} {{\n"
    for field in fields:
        note = f"  // {field.note}" if field.note else ""
        line = f"  readonly {camel(field.name)}: {kind(field)};"
        out += (line + note if len(line + note) <= 98 else f"  // {field.note}\n{line}") + "\n"
    return out + "}\n"


def constants(name, pairs):
    items = [f"{key}: {value}" for key, value in pairs]
    return wrapped(f"export const {name} = {{", items, "}« as const»;")


def union(name, source):
    return f"«export type {name} = (typeof {source})[keyof typeof {source}];\n»"


def protocol(description):
    records = description.records
    out = HEADER
    out += "// The numbers of the protocol and its arithmetic. docs/escrow.md explains them.\n\n"
    out += constants("TAG", [(camel(one.name), one.tag) for one in description.instructions])
    out += union("Tag", "TAG")
    for kind, name in (("how", "HOW"), ("state", "STATE")):
        values = description.types[kind]["values"]
        out += f"// {description.types[kind]['docs']}\n"
        out += constants(name, [(value, at) for at, value in enumerate(values)])
        out += union(named(kind), name)
    out += "\n" + constants("ERROR", [(one["name"], one["code"]) for one in description.errors])
    out += "«export type ErrorName = keyof typeof ERROR;\n»\n"
    out += ("«export interface ErrorText {\n  readonly code: number;\n"
            "  readonly name: ErrorName;\n"
            "  readonly meaning: string; // what happened\n"
            "  readonly action: string; // what to do\n}\n»")
    out += "export const ERRORS«: readonly ErrorText[]» = [\n"
    for one in description.errors:
        out += (f"  {{\n    code: {one['code']}, name: \"{one['name']}\",\n"
                f"    meaning: {json.dumps(one['what'])},\n"
                f"    action: {json.dumps(one['action'])},\n  }},\n")
    out += "];\n"
    out += ("// What a number that the program returned means; nothing for one not its own.\n"
            "export const errorOf = (code«: number»)«: ErrorText | undefined» =>\n"
            "  ERRORS.find((one) => one.code === code);\n\n")
    market, lease = records["market"], records["lease"]
    for one in records.values():
        out += f"export const {one.name.upper()}_SIZE = {one.size};\n"
    for one in description.accounts:
        out += f"// Where its fields lie, for the filters of getProgramAccounts.\n"
        out += constants(f"{one.name.upper()}_OFFSET",
                         [(camel(field.name), field.offset) for field in one.fields])
    out += f"""
export const BOND_LAMPORTS = {description.rent(lease):_}n;
export const MARKET_RENT_LAMPORTS = {description.rent(market):_}n;
export const SMALLEST_FIRST_PAYMENT = {description.rent_overhead * description.rent_per_byte:_}n;

"""
    out += "«import type { Address } from \"@solana/kit\";\n\n»"
    known = [("SYSTEM_PROGRAM", "11111111111111111111111111111111"),
             ("INSTRUCTIONS_SYSVAR", "Sysvar1nstructions1111111111111111111111111"),
             ("ED25519_PROGRAM", "Ed25519SigVerify111111111111111111111111111")]
    for name, address in known:
        out += f"export const {name} =\n  \"{address}\"« as Address»;\n"
    return out + """
«type Whole = number | bigint;
»// What is paid for so many seconds, rounded up; what they earn, rounded down; the market's part.
export const price = (rate«: Whole», seconds«: Whole»)«: bigint» =>
  (BigInt(rate) * BigInt(seconds) + 3599n) / 3600n;
export const earned = (rate«: Whole», seconds«: Whole»)«: bigint» =>
  (BigInt(rate) * BigInt(seconds)) / 3600n;
export const fee = (amount«: Whole», bps«: Whole»)«: bigint» =>
  (BigInt(amount) * BigInt(bps)) / 10_000n;
"""


def account_code(one):
    name = pascal(one.name)
    out = f"«\n{interface(name, one.fields, decoded, one.about)}»"
    out += (f"\nexport const get{name}Decoder = ()«: FixedSizeDecoder<{name}>» =>"
            f" getStructDecoder([\n{rows(one.fields, decoder)}]);\n")
    tests = [f"data.length === {one.name.upper()}_SIZE",
             f"data[{one.field('kind').offset}] === {one.kind}",
             f"data[{one.field('version').offset}] === {one.version}"]
    state = next((field for field in one.fields if field.type == "state"), None)
    check = " && ".join(tests)
    out += f"""
// Throws unless the bytes are {'an' if one.name[0] in 'aeiou' else 'a'} {one.name} of this version.
export function decode{name}(data«: ReadonlyUint8Array»)«: {name}» {{
  expect({check}, "a {one.name}");
"""
    if state:
        out += (f"  expect(data[{state.offset}]«!» >= STATE.funded &&"
                f" data[{state.offset}]«!» <= STATE.closing, \"an open {one.name}\");\n")
    return out + f"  return get{name}Decoder().decode(data);\n}}\n"


def finder(one):
    def parameter(name):
        field = one.field(name)
        return f"{camel(name)}«: {given(field)}»"

    def seed(name):
        codec = "addressBytes" if one.field(name).type == "key" else "u64Bytes"
        return f"{codec}({camel(name)})"
    names = ", ".join(["program«: Address»", *map(parameter, one.seeds)])
    seeds = ", ".join([f'"{one.name}"', *map(seed, one.seeds)])
    return (f"export const find{pascal(one.name)} = (\n  {names},\n"
            ")«: Promise<ProgramDerivedAddress>» => getProgramDerivedAddress({\n"
            f"  programAddress: program, seeds: [{seeds}],\n}});\n")


def accounts(description):
    event = description.records["event"]
    out = HEADER + "// The program's addresses, accounts and events, as objects.\n"
    out += """import {
  fixDecoderSize, getAddressDecoder, getAddressEncoder, getBase64Encoder, getBytesDecoder,
  getI64Decoder, getProgramDerivedAddress, getStructDecoder, getU16Decoder, getU32Decoder,
  getU64Decoder, getU64Encoder, getU8Decoder,
} from "#kit";
«import type {
  Address, FixedSizeDecoder, ProgramDerivedAddress, ReadonlyUint8Array,
} from "@solana/kit";
»import { EVENT_SIZE, LEASE_SIZE, MARKET_SIZE, STATE, TAG } from "./protocol.ts";
«import type { State, Tag } from "./protocol.ts";
»
const addressBytes = (address«: Address») => getAddressEncoder().encode(address);
const u64Bytes = (value«: number | bigint») => getU64Encoder().encode(value);

// [address, bump]
"""
    out += "".join(finder(one) for one in description.accounts)
    out += """
function expect(condition«: boolean», what«: string»)«: void» {
  if (!condition) throw new Error(`not ${what} of this program`);
}
"""
    out += "".join(account_code(one) for one in description.accounts)
    magic = ", ".join(str(byte) for byte in event.magic.encode())
    first = description.instructions[min(
        one.tag for one in description.instructions if one.name == "open")]
    last = description.instructions[-1]
    out += f"«\n{interface('LeaseEvent', event.fields, decoded)}»"
    out += f"""
const EVENT_MAGIC = [{magic}]; // "{event.magic}"

export const getEventDecoder = ()«: FixedSizeDecoder<LeaseEvent>» => getStructDecoder([
{rows(event.fields, decoder)}]);

export function decodeEvent(data«: ReadonlyUint8Array»)«: LeaseEvent» {{
  const ours = data.length === EVENT_SIZE && EVENT_MAGIC.every((byte, i) => data[i] === byte);
  expect(ours, "an event");
  const event = getEventDecoder().decode(data, EVENT_MAGIC.length);
  const known = event.tag >= TAG.{camel(first.name)} && event.tag <= TAG.{camel(last.name)}
    && event.state <= STATE.{description.types['state']['values'][-1]} && event.zero === 0;
  expect(known, "an event");
  return event;
}}

// The events in a transaction's logs. Only lines that `program` itself logged count: any other
// program may print the same bytes.
export function eventsOf(logs«: readonly string[]», program«: Address»)«: LeaseEvent[]» {{
  const running«: string[]» = [];
  const events«: LeaseEvent[]» = [];
  for (const line of logs) {{
    const invoked = /^Program (\\w+) invoke \\[\\d+\\]$/.exec(line);
    if (invoked) running.push(invoked[1]«!»);
    else if (/^Program \\w+ (success|failed)/.test(line)) running.pop();
    else if (line.startsWith("Program data: ") && running.at(-1) === program) {{
      events.push(decodeEvent(getBase64Encoder().encode(line.slice(14))));
    }}
  }}
  return events;
}}
"""
    return out


def account_expression(use):
    if use.address:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", camel(use.name)).upper()
        return f"account({name}, false, false)"
    signs = {True: "true", False: "false", "may": "input.renterSigns ?? false"}.get(
        use.signs if isinstance(use.signs, (bool, str)) else None)
    if signs is None:
        signs = " || ".join(f"input.how === {value}" for value in use.signs)
    return f"account(input.{camel(use.name)}, {str(use.writable).lower()}, {signs})"


def instruction_code(one):
    name = pascal(one.name)
    out = f"«\nexport interface {name}Input {{\n  readonly program: Address;\n"
    for use in one.accounts:
        if not use.address:
            party = "Party" if use.signs else "Address"
            optional = "?" if use.only_if is not None else ""
            out += f"  readonly {camel(use.name)}{optional}: {party};\n"
    if any(use.signs == "may" for use in one.accounts):
        out += "  readonly renterSigns?: boolean; // without, anyone may send it once it is late\n"
    for field in one.fields:
        out += f"  readonly {camel(field.name)}: {given(field)};\n"
    out += "}\n»"
    data = f"{camel(one.name)}Data"
    out += (f"\nconst {data} = getStructEncoder([\n  [\"discriminator\", getU8Encoder()],\n"
            f"{rows(one.fields, encoder)}]);\n" if one.fields else "\n")
    out += f"// {one.docs}\n"
    start = f"export const {camel(one.name)} = (input«: {name}Input»)«: LeaseInstruction» =>"
    fixed = [use for use in one.accounts if use.only_if is None]
    uses = "".join(f"    {account_expression(use)},\n" for use in fixed)
    for use in one.accounts:
        if use.only_if is not None:
            condition = " || ".join(f"input.how === {value}" for value in use.only_if)
            uses += (f"    ...({condition}\n      ? [account(needed(input.{camel(use.name)},"
                     f" \"{camel(use.name)}\"), {str(use.writable).lower()}, true)] : []),\n")
    tag = f"TAG.{camel(one.name)}"
    bytes_ = (f"{data}.encode({{ discriminator: {tag}, ...input }})" if one.fields
              else f"Uint8Array.of({tag})")
    return out + f"{start}\n  call(input.program, [\n{uses}  ], {bytes_});\n"


def instructions(description):
    attestation = description.records["attestation"]
    out = HEADER
    out += """// The program's instructions in the form @solana/kit takes. A party that signs is an
// address or kit's signer; with an address, who holds the key attaches it.
import {
  AccountRole, fixEncoderSize, getAddressEncoder, getBytesEncoder, getI64Encoder, getStructEncoder,
  getU16Encoder, getU32Encoder, getU64Encoder, getU8Encoder, transformEncoder,
} from "#kit";
«import type {
  AccountMeta, AccountSignerMeta, Address, Instruction, InstructionWithAccounts,
  InstructionWithData, ReadonlyUint8Array, TransactionSigner,
} from "@solana/kit";
»import { ED25519_PROGRAM, INSTRUCTIONS_SYSVAR, SYSTEM_PROGRAM, TAG } from "./protocol.ts";
«import type { How } from "./protocol.ts";

export type Party = Address | TransactionSigner;
type Meta = AccountMeta | AccountSignerMeta;
export type LeaseInstruction =
  Instruction & InstructionWithAccounts<readonly Meta[]> & InstructionWithData<ReadonlyUint8Array>;
»
const ROLES = [
  [AccountRole.READONLY, AccountRole.READONLY_SIGNER],
  [AccountRole.WRITABLE, AccountRole.WRITABLE_SIGNER],
]« as const»;
function account(party«: Party», writable«: boolean», signs«: boolean»)«: Meta» {
  const role = ROLES[writable ? 1 : 0][signs ? 1 : 0];
  if (typeof party === "string") return { address: party, role };
  return signs ? { address: party.address, role, signer: party }« as AccountSignerMeta»
    : { address: party.address, role };
}
function needed(party«: Party | undefined», name«: string»)«: Party» {
  if (party === undefined) throw new Error(`this instruction needs the address of ${name}`);
  return party;
}
function call(
  program«: Address», accounts«: readonly Meta[]», data«: ReadonlyUint8Array»,
)«: LeaseInstruction» {
  return { programAddress: program, accounts, data };
}

function exactly(length«: number», bytes«: ReadonlyUint8Array»)«: ReadonlyUint8Array» {
  if (bytes.length !== length) throw new Error(`${length} bytes are needed, not ${bytes.length}`);
  return bytes;
}
const hashEncoder = transformEncoder(fixEncoderSize(getBytesEncoder(), 32),
  (bytes«: ReadonlyUint8Array») => exactly(32, bytes));
"""
    out += f"«\n{interface('MarketTerms', description.terms, given)}»"
    out += f"\nconst termsEncoder = getStructEncoder([\n{rows(description.terms, encoder)}]);\n"
    out += "".join(instruction_code(one) for one in description.instructions)
    magic = ", ".join(str(byte) for byte in attestation.magic.encode())
    out += f"«\n{interface('Attestation', attestation.fields, given)}»"
    out += f"""
const ATTESTATION_MAGIC = Uint8Array.of({magic}); // "{attestation.magic}"
const attestationEncoder = getStructEncoder([
  ["magic", getBytesEncoder()],
{rows(attestation.fields, encoder)}]);
// The {attestation.size} bytes that attestor or renter sign.
export const attestation = (fields«: Attestation»)«: ReadonlyUint8Array» =>
  attestationEncoder.encode({{ magic: ATTESTATION_MAGIC, ...fields }});
«
export interface ProofInput {{
  readonly signer: Address;
  readonly signature: ReadonlyUint8Array;
  readonly message: ReadonlyUint8Array;
}}
»
// One signature; key, signature and message at 16, 48 and 112 of the same instruction.
const PROOF_HEADER = [
  0x01, 0x00, 0x30, 0x00, 0xff, 0xff, 0x10, 0x00, 0xff, 0xff, 0x70, 0x00, 0x58, 0x00, 0xff, 0xff,
];
// The instruction that proves a signed attestation; it goes right before its claim.
export const ed25519 = (input«: ProofInput»)«: LeaseInstruction» =>
  call(ED25519_PROGRAM, [], Uint8Array.of(...PROOF_HEADER,
    ...getAddressEncoder().encode(input.signer), ...input.signature, ...input.message));
"""
    return out


INDEX = HEADER + """// A client of the lease escrow for the page, scripts and tests: addresses,
// instructions, accounts, events, arithmetic. It signs nothing and sends nothing.
export * from "./accounts.ts";
export * from "./instructions.ts";
export * from "./protocol.ts";
"""


def plain(text):
    text = re.sub(r"«.*?»", "", text, flags=re.DOTALL)
    return re.sub(r'from "\./(\w+)\.ts"', r'from "./\1.mjs"', text)


def files(description):
    """{path: text}"""
    texts = {"obelisk": INDEX, "protocol": protocol(description), "accounts": accounts(description),
             "instructions": instructions(description)}
    out = {}
    for name, text in texts.items():
        out[f"program/client/{name}.ts"] = text.replace("«", "").replace("»", "")
        out[f"program/client/{name}.mjs"] = plain(text)
    return out
