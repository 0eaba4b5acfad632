#!/usr/bin/python3
"""The simulator as a test: worlds that must not break, planted faults that must be found.

    tools/testing/sim.py [--seeds 500] [--junit FILE]

One case for the worlds of each seed range, one for each planted fault, one for the promise that a
seed is the same world every time.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIM = ROOT / "build/sim/obelisk-sim"
AT_ONCE = 50


def simulated(*arguments):
    done = subprocess.run([SIM, *arguments, "--json"], text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"obelisk-sim {' '.join(arguments)} ended with {done.returncode}: "
                         f"{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def worlds(seeds):
    """(name, failure or None) for every range; a failure names the command that plays it again."""
    def play(first):
        count = min(AT_ONCE, seeds + 1 - first)
        return first, count, simulated("--seed", str(first), "--seeds", str(count))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        played = list(pool.map(play, range(1, seeds + 1, AT_ONCE)))
    for first, count, out in played:
        broken = [f"./dev sim --seed {bad['seed']}: {bad['promise']}: {bad['what']}"
                  for bad in out["failures"]]
        yield f"worlds {first} to {first + count - 1}", "\n".join(broken) or None


def planted():
    for fault in simulated("--planted")["planted"]:
        missed = None if fault["found"] else f"not found in {fault['seeds']} worlds"
        yield f"planted: {fault['name']}", missed


def repeated():
    """The same seeds twice: everything that is counted is the same."""
    twice = [simulated("--seed", "1", "--seeds", "10") for _ in range(2)]
    for out in twice:
        out.pop("core_seconds")
        out.pop("lease_days_per_core_minute")
    same = None if twice[0] == twice[1] else f"{twice[0]} and then {twice[1]}"
    yield "a seed is the same world again", same


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=500, metavar="N")
    parser.add_argument("--junit", metavar="FILE")
    options = parser.parse_args()
    if not SIM.exists():
        print("build/sim/obelisk-sim is missing: ./dev build makes it.", file=sys.stderr)
        return 8
    suite = ElementTree.Element("testsuite", name="sim")
    failed = 0
    for name, failure in [*repeated(), *planted(), *worlds(options.seeds)]:
        case = ElementTree.SubElement(suite, "testcase", classname="sim", name=name)
        if failure:
            failed += 1
            ElementTree.SubElement(case, "failure", message=failure)
            print(f"{name}: {failure}")
    if options.junit:
        ElementTree.ElementTree(suite).write(options.junit, encoding="unicode",
                                             xml_declaration=True)
    print(f"{len(suite)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
