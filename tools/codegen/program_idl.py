"""The program's interface description for tools: Codama, standard 1.6.0."""
import json

from program_model import camel

STANDARD = "1.6.0"
# Where a program of no known address stands: it is the deployment's, not the description's.
NO_ADDRESS = "11111111111111111111111111111111"


def node(kind, **members):
    return {"kind": kind, **members}


def number(size):
    return node("numberTypeNode", format=size, endian="le")


def fixed_bytes(size):
    return node("fixedSizeTypeNode", size=size, type=node("bytesTypeNode"))


def link(name):
    return node("definedTypeLinkNode", name=camel(name))


def type_node(description, kind):
    if kind == "key":
        return node("publicKeyTypeNode")
    if kind == "hash":
        return fixed_bytes(32)
    if kind == "terms":
        return link("market_terms")
    if kind == "tag":
        return number("u8")
    if kind in description.types:
        return link(description.types[kind]["ident"])
    return number(kind)


def struct(description, fields):
    return node("structTypeNode", fields=[
        node("structFieldTypeNode", name=camel(field.name), docs=[field.note] if field.note else [],
             type=type_node(description, field.type)) for field in fields])


def enum(one):
    return node("definedTypeNode", name=camel(one["ident"]), docs=[one["docs"]],
                type=node("enumTypeNode", size=number("u8"), variants=[
                    node("enumEmptyVariantTypeNode", name=camel(value), discriminator=at)
                    for at, value in enumerate(one["values"])]))


def constant(kind, value):
    return node("constantValueNode", type=kind, value=value)


def account(description, one):
    kind = constant(number("u8"), node("numberValueNode", number=one.kind))
    version = constant(number("u8"), node("numberValueNode", number=one.version))
    return node("accountNode", name=camel(one.ident), size=one.size, docs=[one.about],
                data=struct(description, one.fields), pda=node("pdaLinkNode", name=one.name),
                discriminators=[
                    node("constantDiscriminatorNode", offset=one.field("kind").offset,
                         constant=kind),
                    node("constantDiscriminatorNode", offset=one.field("version").offset,
                         constant=version),
                    node("sizeDiscriminatorNode", size=one.size)])


def pda(description, one):
    text = node("constantPdaSeedNode", type=node("stringTypeNode", encoding="utf8"),
                value=node("stringValueNode", string=one.name))
    seeds = [node("variablePdaSeedNode", name=camel(name), docs=[],
                  type=type_node(description, one.field(name).type)) for name in one.seeds]
    return node("pdaNode", name=camel(one.ident), docs=[one.about], seeds=[text, *seeds])


def pda_value(record, instruction):
    """How a tool finds the account by itself; None where the instruction does not say enough."""
    accounts = {use.name for use in instruction.accounts}
    arguments = {field.name for field in instruction.fields}
    seeds = []
    for name in record.seeds:
        if name in accounts:
            value = node("accountValueNode", name=camel(name))
        elif name in arguments:
            value = node("argumentValueNode", name=camel(name))
        else:
            return None
        seeds.append(node("pdaSeedValueNode", name=camel(name), value=value))
    return node("pdaValueNode", pda=node("pdaLinkNode", name=camel(record.ident)), seeds=seeds)


def account_use(description, instruction, use):
    signer = "either" if use.signs == "may" or (use.signs and use.only_if is None
                                                and use.signs is not True) else bool(use.signs)
    out = node("instructionAccountNode", name=camel(use.name), isWritable=use.writable,
               isSigner=signer, isOptional=use.only_if is not None, docs=[])
    if use.address:
        out["defaultValue"] = node("publicKeyValueNode", publicKey=use.address)
    elif use.name in description.records and description.records[use.name].seeds:
        value = pda_value(description.records[use.name], instruction)
        if value:
            out["defaultValue"] = value
    return out


def argument(description, instruction, field):
    out = node("instructionArgumentNode", name=camel(field.name), docs=[],
               type=type_node(description, field.type))
    if field.name == "bump":  # of the one address that the instruction makes
        made = next(use.name for use in instruction.accounts if use.name in description.records)
        out["defaultValue"] = node("accountBumpValueNode", name=camel(made))
    return out


def instruction(description, one):
    tag = node("instructionArgumentNode", name="discriminator", defaultValueStrategy="omitted",
               docs=[], type=number("u8"), defaultValue=node("numberValueNode", number=one.tag))
    return node("instructionNode", name=camel(one.name), docs=[one.docs],
                optionalAccountStrategy="omitted",
                accounts=[account_use(description, one, use) for use in one.accounts],
                arguments=[tag, *(argument(description, one, field) for field in one.fields)],
                discriminators=[node("fieldDiscriminatorNode", name="discriminator", offset=0)])


def event(description, one):
    magic = constant(fixed_bytes(len(one.magic)),
                     node("bytesValueNode", encoding="base16", data=one.magic.encode().hex()))
    data = node("hiddenPrefixTypeNode", type=struct(description, one.fields), prefix=[magic])
    return node("eventNode", name=camel(one.ident), data=data,
                docs=["What every instruction on a lease logs, as a Program data line."],
                discriminators=[node("constantDiscriminatorNode", offset=0, constant=magic)])


def error(one):
    return node("errorNode", name=camel(one["name"]), code=one["code"],
                message=f"{one['what']} {one['action']}", docs=[f"{one['name']}: {one['docs']}"])


def idl(description, version):
    terms = node("definedTypeNode", name="marketTerms", docs=["The operator's terms."],
                 type=struct(description, description.terms))
    program = node(
        "programNode", name=description.name, publicKey=NO_ADDRESS, version=version, docs=[],
        accounts=[account(description, one) for one in description.accounts],
        instructions=[instruction(description, one) for one in description.instructions],
        definedTypes=[*(enum(one) for one in description.types.values()), terms],
        pdas=[pda(description, one) for one in description.accounts],
        errors=[error(one) for one in description.errors],
        events=[event(description, description.records["event"])])
    root = node("rootNode", standard="codama", version=STANDARD, program=program,
                additionalPrograms=[])
    return json.dumps(root, ensure_ascii=True, separators=(",", ":")) + "\n"
