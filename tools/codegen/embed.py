#!/usr/bin/python3
"""Writes a text file into a C++ source, as the bytes that a function hands out.

    tools/codegen/embed.py TEXT OUT.cpp HEADER NAMESPACE FUNCTION

HEADER declares `std::string_view FUNCTION();` in NAMESPACE. Numbers instead of a literal: compilers
bound how long a literal may be. A zero follows the text and does not belong to it.
"""
import pathlib
import sys


def main():
    source, out, header, namespace, function = sys.argv[1:]
    text = pathlib.Path(source).read_bytes()
    rows = [", ".join(str(byte) for byte in text[at:at + 24]) for at in range(0, len(text), 24)]
    pathlib.Path(out).write_text(
        f'#include "{header}"\n\nnamespace {namespace} {{\n\nnamespace {{\n\n'
        "constexpr unsigned char kText[] = {\n    " + ",\n    ".join([*rows, "0"]) + "};\n\n"
        "}  // namespace\n\n"
        f"std::string_view {function}() {{\n"
        "  return {reinterpret_cast<const char*>(kText), sizeof kText - 1};\n}\n\n"
        f"}}  // namespace {namespace}\n", encoding="ascii")


if __name__ == "__main__":
    main()
