#!/usr/bin/python3
"""Builds the page from web/ and writes its files into a C++ source.

    tools/codegen/page.py OUT      OUT.cpp has the list of files, OUT.bin their bytes

The bytes lie in one file that the assembler takes in as it is: a compiler that reads a megabyte of
numbers takes longer than everything else of the market. What Vite built stays in build/web.
"""
import gzip
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
BUILT = ROOT / "build/web"
TYPES = {".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".json": "application/json",
         ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".woff2": "font/woff2"}
# Compressed once more it only grows.
COMPRESSED = {".woff2"}


def build():
    node = os.environ.get("OBELISK_NODE") or subprocess.run(
        [ROOT / "tools/setup/node.sh"], check=True, capture_output=True, text=True).stdout.strip()
    if not (WEB / "node_modules").is_dir():
        sys.exit("The page's modules are not installed. Run: npm ci --prefix web --ignore-scripts")
    modules = WEB / "node_modules"
    for words in ([modules / "openapi-typescript/bin/cli.js", ROOT / "src/api/openapi.json",
                   "--output", "src/generated/api.ts"],
                  [modules / "vite/bin/vite.js", "build", "--logLevel", "warn"]):
        done = subprocess.run([node, *map(str, words)], cwd=WEB, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}{done.stderr}The page could not be built.")


def text(value):
    return json.dumps(value)


def rows_of(files, blob):
    """One line a file; its bytes, and the same compressed, go to the end of the blob."""
    for path in files:
        body = path.read_bytes()
        small = b"" if path.suffix in COMPRESSED else gzip.compress(body, 9, mtime=0)
        small = b"" if len(small) >= len(body) else small
        places = []
        for part in (body, small):
            places.append(f"bytes({len(blob)}, {len(part)})")
            blob += part
        name = "/" + path.relative_to(BUILT).as_posix()
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        yield (f"    {{{text(name)}, {text(TYPES[path.suffix])}, {text(etag)}, "
               f"{', '.join(places)}, {str(name.startswith('/assets/')).lower()}}},")


def main():
    out = pathlib.Path(sys.argv[1])
    build()
    blob = bytearray()
    files = sorted((path for path in BUILT.rglob("*") if path.is_file()),
                   key=lambda path: "/" + path.relative_to(BUILT).as_posix())
    rows = list(rows_of(files, blob))
    places = json.loads((WEB / "places.json").read_text())
    binary = out.with_suffix(".bin")
    binary.write_bytes(blob)
    out.with_suffix(".cpp").write_text("\n".join([
        '#include "apps/market/page/files.hpp"', "",
        f"// {hashlib.sha256(blob).hexdigest()}",
        f'asm(".pushsection .rodata\\nobelisk_page_bytes:\\n.incbin \\"{binary}\\"\\n.byte 0\\n"',
        '    ".popsection\\n");', f'extern "C" const char obelisk_page_bytes[{len(blob) + 1}];', "",
        "namespace obelisk::market_app {", "namespace {", "",
        "constexpr std::string_view bytes(std::size_t at, std::size_t size) {",
        "  return {obelisk_page_bytes + at, size};", "}", "",
        "constinit const PageFile kFiles[] = {", *rows, "};", "",
        "constexpr std::string_view kPlaces[] = {",
        *(f"    {text(place)}," for place in places), "};", "", "}  // namespace", "",
        "std::span<const PageFile> page_files() { return kFiles; }",
        "std::span<const std::string_view> page_places() { return kPlaces; }", "",
        "}  // namespace obelisk::market_app", ""]), encoding="ascii")


if __name__ == "__main__":
    main()
