#!/usr/bin/python3
"""How fast transactions are decoded and indexed: our C++ beside @solana/kit, on the same input.

    ./dev bench chain [--count 10000] [--rounds 7] [--seed TEXT] [--json]

Both sides first decode everything once into a checksum of every field; where these differ there are
no figures. Then they take turns, round by round, one thread each, on one core. What SQLite costs on
top of indexing is measured apart: kit has no store.
"""
import argparse
import json
import os
import pathlib
import secrets
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/bench"
BUILD = ROOT / "build/release"
NODE = os.environ.get("OBELISK_NODE", "node")
WORK = ("decode", "index")
WARM_UPS = 2  # rounds that a JIT compiler has to itself


class BenchError(Exception):
    """Why there are no figures."""


def binary():
    """Ours, built now if need be: no other build makes it."""
    named = os.environ.get("OBELISK_CHAIN_BENCH")
    if named:
        return named
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "chain_bench"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return BUILD / "bench/chain_bench"


def one_core():
    """Both sides on the last core of those we may use: the first has the machine's own work."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Side:
    """One of the two, waiting for its turn."""

    def __init__(self, name, command, files):
        self.name = name
        self.child = subprocess.Popen([str(word) for word in (*command, *files)], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
                                      preexec_fn=one_core)

    def ask(self, line):
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if not answer:
            raise BenchError(f"{self.name} ended at \"{line}\".")
        return json.loads(answer)

    def stop(self):
        self.child.kill()
        self.child.wait()


def compare(sides):
    """Nothing if both decoded the same, field for field."""
    for work in WORK:
        said = {side.name: side.ask(f"checksum {work}")["checksum"] for side in sides}
        if len(set(said.values())) != 1:
            raise BenchError(f"They do not {work} the same: {said}.")


def measure(sides, rounds, round_ms):
    """Rates by work and side: {"decode": {"ours": [...], "kit": [...]}, ...}."""
    rates = {work: {side.name: [] for side in sides} for work in WORK}
    for work in WORK:
        for number in range(-WARM_UPS, rounds):
            said = {side.name: side.ask(f"{work} {round_ms}") for side in sides}
            if len({answer["sum"] for answer in said.values()}) != 1:
                raise BenchError(f"They counted differently: {said}.")
            for name, answer in said.items():
                if number >= 0:
                    rates[work][name].append(answer["per_s"])
    return rates


def run(options, directory):
    files = [pathlib.Path(directory) / name for name in ("messages", "records")]
    done = subprocess.run([NODE, str(HERE / "chain_input.mjs"), options.seed, str(options.count),
                           *map(str, files)], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    distinct = json.loads(done.stdout)["distinct_records"]
    sides = []
    try:
        database = pathlib.Path(directory) / "index.sqlite"
        sides.append(Side("ours", [binary()], [*files, database]))
        sides.append(Side("kit", [NODE, HERE / "chain_kit.mjs"], files))
        compare(sides)
        rates = measure(sides, options.rounds, options.round_ms)
        rates["store"] = {"ours": [sides[0].ask(f"store {options.round_ms}")["per_s"]
                                   for _ in range(options.rounds)]}
        return distinct, rates
    finally:
        for side in sides:
            side.stop()


def figures_of(rates):
    figures, ratios = {}, {}
    for work, sides in rates.items():
        for name, values in sides.items():
            figures[f"{work}_per_s_{name}"] = {
                "median": round(statistics.median(values)), "min": round(min(values)),
                "max": round(max(values))}
        if "kit" not in sides:
            continue
        # Each round's two sides ran next to each other: what slowed one slowed the other.
        each = [ours / kit for ours, kit in zip(sides["ours"], sides["kit"])]
        ratios[f"{work}_ours/kit"] = {"median": round(statistics.median(each), 1),
                                      "min": round(min(each), 1), "max": round(max(each), 1)}
    return figures, ratios


def main():
    parser = argparse.ArgumentParser(prog="./dev bench chain", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, metavar="N",
                        help="so many messages, and so many records (10000)")
    parser.add_argument("--rounds", type=int, default=7, choices=range(1, 101), metavar="N")
    parser.add_argument("--round-ms", type=int, default=1000, metavar="MS")
    parser.add_argument("--seed", default=None, help="of the input; without it another each time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.seed = options.seed or secrets.token_hex(4)
    with tempfile.TemporaryDirectory(prefix="obelisk-bench-") as directory:
        try:
            distinct, rates = run(options, directory)
        except BenchError as error:
            print(f"{error} Seed {options.seed}. No figures.", file=sys.stderr)
            return 1
    figures, ratios = figures_of(rates)
    if options.json:
        print(json.dumps({"name": "chain", "figures": figures, "ratios": ratios,
                          "goals_missed": [], "seed": options.seed, "count": options.count,
                          "rounds": options.rounds}))
        return 0
    print(f"{options.count} messages, {options.count} records ({distinct} of them different), "
          f"{options.rounds} rounds, seed {options.seed}")
    print(f"  {'each second':<24}{'median':>10}{'min':>10}{'max':>10}")
    for name, row in figures.items():
        print(f"  {name:<24}{row['median']:>10}{row['min']:>10}{row['max']:>10}")
    for name, row in ratios.items():
        print(f"  {name:<24}{row['median']:>10}{row['min']:>10}{row['max']:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
