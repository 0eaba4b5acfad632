#!/usr/bin/python3
"""Runs a libFuzzer target: ./dev fuzz [NAME [SECONDS]] [--runs N] [--plain] [--json]

Without a name it lists the targets. What a run finds interesting is kept in build/, what breaks
something in build/fuzz/findings; tests/corpus/NAME is where it starts from, and stays as it is.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time
from xml.sax.saxutils import quoteattr

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Without the sanitizers a target runs several times faster: for many runs of what they have seen.
PLAIN = ["-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-19", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
         "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1", "-DOBELISK_FUZZ=ON", "-DOBELISK_TESTS=OFF"]
# Ten instructions or so an input, of all lengths at once: short ones alone never reach
# a lease's end. Its bytes are choices, so that comparing them teaches nothing.
FLAGS = {"escrow_fuzz": ["-max_len=160", "-len_control=0", "-use_cmp=0"]}


def build(plain, name):
    folder = ROOT / "build" / ("fuzz-plain" if plain else "fuzz")
    configure = ["cmake", "-S", ".", "-B", str(folder), *PLAIN] if plain else [
        "cmake", "--preset", "fuzz"]
    for command in (configure, ["cmake", "--build", str(folder), *(["--target", name] if name
                                                                   else [])]):
        done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout[-4000:] + done.stderr[-4000:])
    return folder / "fuzz"


def targets():
    """Their names, from the lines that make them."""
    found = set()
    for path in ROOT.glob("*/**/CMakeLists.txt"):
        if "build" not in path.relative_to(ROOT).parts[:1]:
            found.update(re.findall(r"^\s*obelisk_fuzz\((\w+)", path.read_text(), re.MULTILINE))
    return sorted(found)


def run(options, binary, name):
    """Its exit code, how many runs it made, and the end of what it said."""
    kept = binary.parents[1] / "corpus" / name
    findings = binary.parents[1] / "findings"
    for folder in (kept, findings):
        folder.mkdir(parents=True, exist_ok=True)
    limit = f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds}"
    seeds = ROOT / "tests/corpus" / name
    process = subprocess.Popen(
        [str(binary), limit, *FLAGS.get(name, []), f"-artifact_prefix={findings}/",
         "-print_final_stats=1", str(kept), *([str(seeds)] if seeds.is_dir() else [])],
        cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    last, runs = [], 0
    for line in process.stdout:
        last = [*last[-40:], line]
        if match := re.match(r"#(\d+)\s", line):
            runs = int(match[1])
            if sys.stderr.isatty():
                print(f"\r{runs:,} runs", end="", file=sys.stderr, flush=True)
        if match := re.match(r"stat::number_of_executed_units:\s*(\d+)", line):
            runs = int(match[1])
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    return process.wait(), runs, "".join(last)


def write_junit(path, name, failed, words):
    body = f"<failure message={quoteattr(words[-2000:])}/>" if failed else ""
    pathlib.Path(path).write_text(
        f'<testsuite name="fuzz"><testcase classname="fuzz" name={quoteattr(name)}>{body}'
        "</testcase></testsuite>\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="./dev fuzz", description="Runs a libFuzzer target.")
    parser.add_argument("name", nargs="?", help="without it, the targets are listed")
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    parser.add_argument("--runs", type=int, help="so many runs, however long they take")
    parser.add_argument("--plain", action="store_true", help="without sanitizers, much faster")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--junit", metavar="FILE")
    options = parser.parse_args()
    known = targets()
    if options.name is None:
        print("\n".join(known))
        return 0
    name = options.name if options.name in known else f"{options.name}_fuzz"
    if name not in known:
        print(f"There is no fuzz target '{options.name}'. There are: {', '.join(known)}.",
              file=sys.stderr)
        return 2
    binary = build(options.plain, name) / name
    started = time.monotonic()
    code, runs, words = run(options, binary, name)
    seconds = round(time.monotonic() - started)
    if options.junit:
        write_junit(options.junit, name, code != 0, words)
    if code != 0:
        print(words, file=sys.stderr)
    found = "a finding, see above" if code != 0 else "no finding"
    kind = "without sanitizers" if options.plain else "with ASan and UBSan"
    print(f"{name}: {runs:,} runs in {seconds} s {kind}: {found}.",
          file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(json.dumps({"name": name, "runs": runs, "seconds": seconds,
                          "sanitizers": not options.plain, "findings": int(code != 0)}))
    return 1 if code != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
