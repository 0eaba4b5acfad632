#!/usr/bin/python3
"""Checks the frame of ARCHITECTURE.md: who may include whom, sizes, what no file may hold.

    tools/tidy/tidy.py [--no-clang] [--junit FILE] [FILE...]

Prints a line per finding and ends with 1 if there is one. --no-clang leaves clang-tidy out (it
takes minutes, everything else a second). With files named, clang-tidy looks only at those.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import xml.sax.saxutils as xml

import clang

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = {".cpp", ".hpp", ".mjs", ".py", ".sh", ".ts", ".svelte"}

# folder: what its files may include, by prefix of the include. First match of the longest folder.
MAY_INCLUDE = {
    "src/base": ["base/"],
    "src/core/escrow": ["core/escrow/", "base/"],
    "src/core": ["core/", "base/"],
    "src/api": ["api/", "base/"],
    "src/ports": ["ports/", "api/", "core/", "base/"],
    "src/adapters/http": ["adapters/http/", "ports/", "core/", "base/"],
    "src/adapters": ["ports/", "core/", "base/", "api/", "adapters/http/",
                     "adapters/files/", "adapters/sql/"],  # and their own folder
    "src/apps": ["ports/", "core/", "base/", "api/", "adapters/"],  # and their own folder
    "sim": ["sim/", "apps/", "adapters/fake/", "ports/", "core/", "base/", "api/"],
    "program": ["program/", "core/escrow/", "base/"],
    "tools": ["tools/"],
    # Benchmarks put the parts of a program together, to measure the whole of it.
    "tests/bench": ["apps/", "ports/", "core/", "base/", "api/", "adapters/", "tests/"],
    "tests": ["ports/", "core/", "base/", "api/", "adapters/", "tests/"],
}
BOOST_FOLDERS = {"src/adapters", "src/api", "src/apps", "tests"}  # core and base never see Boost
# Beast costs ten seconds a file, so one folder pays for it; Asio is wherever bytes are carried.
KNOWN_ONLY_BY = {
    re.compile(r"boost/beast"): ("src/adapters/http/",),
    re.compile(r"boost/asio"): ("src/adapters/http/", "src/adapters/tunnel/"),
}

# Longer than the fence, each with its reason. Nothing is here because it was quicker.
LONG_FILES = {}
MAX_LINES, MAX_TEST_LINES, MAX_COLUMNS = 500, 800, 100

FORBIDDEN = {
    r"(?<![A-Za-z0-9_.])/(work|home/[a-z]+)/": "a path of one machine",
    r"(?<![A-Za-z0-9_.])/root/(?!\.ssh|workspace)": "a path of one machine",
    r"\b(TODO|FIXME|XXX|HACK)\b": "an unfinished word",
}


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                         capture_output=True, check=True).stdout
    return [path for path in out.splitlines() if (ROOT / path).is_file()]


def is_test(path):
    return re.search(r"(_test|_fuzz|\.test)\.|^tests/|/test/", path) is not None


def home(path, table):
    """The longest folder of `table` that holds `path`."""
    folders = [folder for folder in table if path.startswith(folder + "/")]
    return max(folders, key=len) if folders else None


def own_folder(path):
    """adapters/x or apps/x: what every file of that folder may include besides."""
    match = re.match(r"src/((?:adapters|apps)/[^/]+/)", path)
    return [match.group(1)] if match else []


def check_includes(path, lines):
    folder = home(path, MAY_INCLUDE)
    if folder is None or not path.endswith((".cpp", ".hpp")):
        return
    allowed = MAY_INCLUDE[folder] + own_folder(path)
    if path.startswith("src/core") and is_test(path):
        allowed = allowed + ["api/"]
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#include ([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        quoted, name = match.group(1) == '"', match.group(2)
        if quoted and "/" in name and not name.startswith(tuple(allowed)):
            yield number, f"{folder} must not include {name}"
        if name.startswith("boost/") and home(path, BOOST_FOLDERS) is None:
            yield number, f"{folder} must not know Boost"
        for pattern, folders in KNOWN_ONLY_BY.items():
            if pattern.match(name) and not path.startswith(folders):
                yield number, f"only {' and '.join(folders)} may know {pattern.pattern}"


def check_sizes(path, lines):
    if pathlib.Path(path).suffix not in CODE:
        return
    limit = MAX_TEST_LINES if is_test(path) else LONG_FILES.get(path, MAX_LINES)
    if len(lines) > limit:
        yield limit, f"{len(lines)} lines; the fence is {limit}: split it by what it is about"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS and "http" not in line:
            yield number, f"{len(line)} columns; the fence is {MAX_COLUMNS}"


def check_words(path, lines):
    if path == "tools/tidy/tidy.py" or path.endswith(("package-lock.json", ".bin")):
        return
    for number, line in enumerate(lines, 1):
        for pattern, what in FORBIDDEN.items():
            if re.search(pattern, line):
                yield number, what


def check_header(path, lines):
    if not path.endswith(".hpp"):
        return
    if not lines or not lines[0].startswith("//"):
        yield 1, "a header opens with what the thing is and what it must never do"
    if "#pragma once" not in lines:
        yield 1, "no #pragma once"


def check_lock(path, lines):
    if path.endswith("package-lock.json"):
        for number, line in enumerate(lines, 1):
            if '"resolved"' in line and "http" in line:
                yield number, "a download address in a lock file"


CHECKS = {
    "includes": check_includes,
    "sizes": check_sizes,
    "words": check_words,
    "headers": check_header,
    "locks": check_lock,
}


def frame_findings(paths):
    """{check: [finding, ...]} over every tracked text file."""
    findings = {name: [] for name in CHECKS}
    for path in paths:
        try:
            lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for name, check in CHECKS.items():
            for number, what in check(path, lines) or ():
                findings[name].append(f"{path}:{number}: {what}")
    return findings


def clang_findings(paths, build):
    """clang-tidy over every source of the build."""
    ours = ("src/", "sim/")
    sources = [path for path in paths if path.endswith(".cpp") and path.startswith(ours)]
    return clang.ClangTidy(ROOT, build).all_findings(sources)


def write_junit(path, findings):
    cases = ""
    for name, lines in findings.items():
        text = xml.escape("\n".join(lines[:100]))
        body = f"<failure>{text}</failure>" if lines else ""
        cases += f'<testcase classname="tidy" name="{name}">{body}</testcase>\n'
    pathlib.Path(path).write_text(f'<testsuites><testsuite name="tidy">\n{cases}'
                                  "</testsuite></testsuites>\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-clang", action="store_true")
    parser.add_argument("--junit")
    parser.add_argument("--build", default="build/dev")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    paths = tracked()
    findings = frame_findings(paths)
    if not options.no_clang:
        findings["clang-tidy"] = clang_findings(options.files or paths, options.build)
    for name, lines in findings.items():
        for line in lines:
            print(f"{line} [{name}]")
    if options.junit:
        write_junit(options.junit, findings)
    count = sum(len(lines) for lines in findings.values())
    print("Tidy." if count == 0 else f"{count} to mend.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
