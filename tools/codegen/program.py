#!/usr/bin/python3
"""Writes what is known of the lease program from its one description, program/description.json.

    tools/codegen/program.py                  the blocks in src/core/escrow and docs/escrow.md, and
                                              the client in program/client
    tools/codegen/program.py --check          says what differs from that, and ends with 1
    tools/codegen/program.py --idl OUT VERSION   the interface description, when it is built

What people read, and what must compile without this generator, is committed; --check in the tests
keeps it honest. The interface description is read by programs alone, so it is only built.
"""
import pathlib
import sys

sys.dont_write_bytecode = True  # nothing but what is asked for is left in the tree


import program_client
import program_cpp
import program_docs
import program_idl
from program_model import Description, Wrong

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = "program/description.json"


def markers(path, block):
    if path.endswith(".md"):
        return f"<!-- from {SOURCE}: {block} -->", f"<!-- end of {block} -->"
    return f"// From {SOURCE}: {block}.", f"// End of {block}."


def with_blocks(path, blocks):
    """The file's text with every block replaced; what stands around them is not touched."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for block, lines in blocks.items():
        first, last = markers(path, block)
        if text.count(first) != 1 or text.count(last) != 1:
            raise Wrong(f"{path} must hold the lines '{first}' and '{last}' once each")
        before, rest = text.split(first)
        _, after = rest.split(last)
        blank = "\n" if path.endswith(".md") else ""  # a table needs an empty line before it
        text = f"{before}{first}\n{blank}" + "\n".join(lines) + f"\n{blank}{last}{after}"
    return text


def wanted(description):
    """{path: text} of everything that is committed."""
    texts = program_client.files(description)
    for blocks in (program_cpp.blocks(description), program_docs.blocks(description)):
        texts.update({path: with_blocks(path, inner) for path, inner in blocks.items()})
    return texts


def main(words):
    description = Description(ROOT / SOURCE)
    if words[:1] == ["--idl"] and len(words) == 3:
        pathlib.Path(words[1]).write_text(program_idl.idl(description, words[2]), encoding="ascii")
        return 0
    if words not in ([], ["--check"]):
        raise SystemExit(__doc__)
    stale = {path: text for path, text in wanted(description).items()
             if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        if words:
            print(f"{path} is not what {SOURCE} says. Run: tools/codegen/program.py")
        else:
            (ROOT / path).write_text(text, encoding="utf-8")
            print(path)
    return 1 if words and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
