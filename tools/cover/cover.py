#!/usr/bin/python3
"""Which branches of the lease program its native tests take, each way.

    ./dev cover [--json] [--junit FILE]

It builds the tests of src/core/escrow and program/ with clang's counters, runs them, and reads what
every branch in the source did: a condition counts as two, taken and not, and so does each way out
of a switch. A source that is compiled twice, or a template with many faces, is counted once, with
what all of its copies did. What no test can reach stands in excluded.txt, with the reason. Ends
with 1 where a way was not taken, or where an exclusion excludes nothing any more.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import xml.sax.saxutils as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/cover"
TESTS = ["escrow_test", "program_test"]
EXCLUDED = pathlib.Path(__file__).with_name("excluded.txt")

# Where a branch stands: its file, line and column; in a macro the place of its use, and which of
# the macro's conditions it is. Ordered as one reads.
Place = collections.namedtuple("Place", "file line column condition")
WAYS = ("true", "false")


class Failed(Exception):
    """What happened and what to do, for a person."""


def call(command, **options):
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, **options)
    except OSError as error:
        raise Failed(f"{command[0]} does not start: {error.strerror}. Run ./dev setup.") from error
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise Failed(f"{tail}\n{' '.join(map(str, command[:4]))} ended with {done.returncode}.")
    return done.stdout


def is_ours(file):
    """The money's code: not its tests, and not the small runtime that stands in for the chain."""
    return (file.startswith(("src/core/escrow/", "program/")) and file.count("/") in (1, 3)
            and not file.endswith("_test.cpp") and file != "src/core/escrow/test_lease.hpp")


def read_export(export, counts):
    """Adds what one binary counted to {Place: [taken, not taken]}."""
    for file in export["data"][0]["files"]:
        # The prefix map leaves names that are relative to the build's folder.
        name = file["filename"].removeprefix("build/cover/")
        if not is_ours(name):
            continue
        for line, column, _, _, taken, other, *_ in file["branches"]:
            add(counts, Place(name, line, column, 0), taken, other)
        for use in file["expansions"]:
            line, column = use["source_region"][:2]
            for number, branch in enumerate(use["branches"], 1):
                add(counts, Place(name, line, column, number), *branch[4:6])


def add(counts, place, taken, other):
    both = counts.setdefault(place, [0, 0])
    both[0] += taken
    both[1] += other


def measure():
    """{Place: [taken, not taken]} over all tests. Each binary is read with its own counters."""
    call(["cmake", "--preset", "cover"])
    call(["cmake", "--build", "--preset", "cover", "--target", *TESTS])
    counts = {}
    for test in TESTS:
        binary = BUILD / "test" / test
        raw, merged = BUILD / f"{test}.profraw", BUILD / f"{test}.profdata"
        environment = {name: value for name, value in os.environ.items() if name != "GTEST_OUTPUT"}
        call([binary, "--gtest_brief=1"], env={**environment, "LLVM_PROFILE_FILE": str(raw)})
        call(["llvm-profdata-19", "merge", "-o", merged, raw])
        export = call(["llvm-cov-19", "export", f"-instr-profile={merged}", binary])
        read_export(json.loads(export), counts)
    return counts


def read_exclusions():
    """(file, line of code, way, reason) of each paragraph."""
    text = "\n".join(line for line in EXCLUDED.read_text(encoding="utf-8").splitlines()
                     if not line.startswith("#"))
    for paragraph in filter(str.strip, text.split("\n\n")):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        way, colon, reason = " ".join(lines[2:]).partition(": ")
        if len(lines) < 3 or not colon or way not in WAYS:
            raise Failed(f"excluded.txt: this paragraph is not file, line and `way: why`:\n"
                         f"{paragraph}")
        yield lines[0], lines[1], way, reason


def judge(counts, exclusions):
    """(ways taken, [excluded], [not taken], [stale exclusions])."""
    sources = {file: (ROOT / file).read_text(encoding="utf-8").splitlines()
               for file in {place.file for place in counts}}
    left = {entry[:3]: entry[3] for entry in exclusions}
    used, covered, excluded, uncovered = set(), 0, [], []
    for place in sorted(counts):
        code = sources[place.file][place.line - 1].strip()
        for way, count in zip(WAYS, counts[place]):
            what = {"file": place.file, "line": place.line, "column": place.column,
                    "code": code, "way": way}
            if place.condition:
                what["condition"] = place.condition
            if count:
                covered += 1
            elif (key := (place.file, code, way)) in left and key not in used:
                used.add(key)
                excluded.append({**what, "reason": left[key]})
            else:
                uncovered.append(what)
    stale = [f"{file}: {code} ({way})" for file, code, way in left if (file, code, way) not in used]
    return covered, excluded, uncovered, stale


def describe(what):
    which = f", its condition {what['condition']}" if "condition" in what else ""
    where = f"{what['file']}:{what['line']}:{what['column']}"
    return f"{where}: never {what['way']}{which}: {what['code']}"


def write_junit(path, counts, uncovered, stale):
    lost = collections.defaultdict(list)
    for what in uncovered:
        lost[what["file"]].append(describe(what))
    cases = {file: lost[file] for file in sorted({place.file for place in counts})}
    cases["exclusions"] = [f"excludes nothing: {line}" for line in stale]
    body = "".join(
        f'<testcase classname="cover" name="{xml.escape(name)}">'
        + (f"<failure>{xml.escape(chr(10).join(lines))}</failure>" if lines else "")
        + "</testcase>\n" for name, lines in cases.items())
    pathlib.Path(path).write_text(f'<testsuites><testsuite name="cover">\n{body}'
                                  "</testsuite></testsuites>\n", encoding="utf-8")


def print_table(counts):
    files = collections.defaultdict(lambda: [0, 0])
    for place, both in counts.items():
        files[place.file][0] += 2
        files[place.file][1] += sum(1 for count in both if count)
    for file, (ways, taken) in sorted(files.items()):
        print(f"{file:<40}{taken:>6} of{ways:>5}")


def main():
    parser = argparse.ArgumentParser(prog="./dev cover", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--junit", metavar="FILE", help="also a report for ./test")
    options = parser.parse_args()
    try:
        counts = measure()
        covered, excluded, uncovered, stale = judge(counts, list(read_exclusions()))
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 8
    print_table(counts)
    for what in excluded:
        print(f"Excluded: {describe(what)}\n    {what['reason']}")
    for what in uncovered:
        print(describe(what))
    for line in stale:
        print(f"excluded.txt excludes nothing with {line}")
    ways = 2 * len(counts)
    print(f"{covered} of {ways} branches are taken, {len(excluded)} are excluded.")
    if options.junit:
        write_junit(options.junit, counts, uncovered, stale)
    if options.json:
        print(json.dumps({"branches": ways, "covered": covered, "excluded": len(excluded),
                          "exclusions": excluded, "uncovered": uncovered, "stale": stale}))
    return 1 if uncovered or stale else 0


if __name__ == "__main__":
    sys.exit(main())
