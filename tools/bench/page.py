#!/usr/bin/python3
"""How soon the page is there and how soon one is in, in Chromium on a whole stack of this machine.

    ./dev bench page [--rounds 5] [--json]

Each round is a browser that has nothing of ours: the bytes of the first screen as they come over
the wire, its largest paint, how far anything moved, the longest task; and with a wallet that
answers at once, from the click on an offer to a shell's prompt in the page, each of the wallet's
clicks included. Beside it, in the same run, the command line does the same rental: `obelisk rent`
and a command by ssh, as the way that has no page.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOALS = {"first_load_bytes": 150_000, "lcp_ms": 1_000, "layout_shift": 0, "longest_task_ms": 100,
         "click_to_prompt_ms": 10_000}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench page", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    options = parser.parse_args()
    node = os.environ.get("OBELISK_NODE") or subprocess.run(
        [ROOT / "tools/setup/node.sh"], check=True, capture_output=True, text=True).stdout.strip()
    done = subprocess.run([node, ROOT / "tests/browser/bench_page.mjs", str(options.rounds)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, "The page could not be measured: see above.", file=sys.stderr)
        return 1
    said = json.loads(done.stdout.splitlines()[-1])
    figures = said["figures"]
    missed = [name for name, goal in GOALS.items() if figures[name] > goal]
    for name, value in figures.items():
        goal = f"   goal {GOALS[name]}" if name in GOALS else ""
        print(f"{name:<24}{value:>12}{goal}")
    for name, value in said["ratios"].items():
        print(f"{name:<24}{value:>12}")
    if options.json:
        print(json.dumps({"name": "page", **said, "goals_missed": missed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
