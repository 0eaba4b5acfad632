#!/usr/bin/python3
"""How long a renter waits: N warm rentals on one stack, beside a bare ssh login to the same lease.

    ./dev bench rental [--runs 10] [--json]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from run import Client, ssh_key  # noqa: E402
from stack import Stack  # noqa: E402

GOAL_MS = 2000
NAMES = ("quote_ms", "sent_to_confirmed_ms", "confirmed_to_ssh_ms", "stop_ms")


def one(stack, client):
    """The figures of one rental, and of one more login to it."""
    stack.wait_offer("cpu")
    rented = client("rent", "cpu", "--seconds", 600, "--disk", "2GB",
                    "--ssh-key", ssh_key(stack), "--yes")
    started = time.monotonic()
    client.ssh(rented["lease"], "true")
    login_ms = (time.monotonic() - started) * 1000
    stopped = client("stop", rented["lease"], "--yes")
    return {**{name: (rented | stopped)[name] for name in NAMES}, "ssh_login_ms": login_ms}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench rental", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10, choices=range(1, 101), metavar="N")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obelisk-bench-") as directory:
        stack = Stack(directory)
        try:
            stack.start_all()
            client = Client(stack)
            one(stack, client)  # warm: nothing of the first is counted
            rows = [one(stack, client) for _ in range(options.runs)]
        finally:
            stack.stop()
            subprocess.run(["find", directory, "-xdev", "-mindepth", "1", "-delete"], check=False)
    figures = {}
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        figures[name] = {"median": round(statistics.median(values)), "min": round(values[0]),
                         "max": round(values[-1])}
    waited = figures["confirmed_to_ssh_ms"]["median"]
    ratio = round(waited / figures["ssh_login_ms"]["median"], 2)
    missed = [] if waited < GOAL_MS else [f"confirmed_to_ssh_ms under {GOAL_MS}"]
    if options.json:
        print(json.dumps({"name": "rental", "figures": figures,
                          "ratios": {"confirmed_to_ssh/ssh_login": ratio}, "goals_missed": missed}))
        return 0
    print(f"{options.runs} warm rentals{'median':>22}{'min':>8}{'max':>8}")
    for name, row in figures.items():
        print(f"  {name:<28}{row['median']:>8}{row['min']:>8}{row['max']:>8}")
    print(f"From the confirmed payment to a shell: {ratio} x a bare ssh login.")
    for goal in missed:
        print(f"Missed: {goal}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
