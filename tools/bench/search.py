#!/usr/bin/python3
"""How long a search takes over 100,000 live offers, beside SQLite in memory over the same rows.

    ./dev bench search [--offers 100000] [--rounds 200] [--seed N] [--json]

One query at a time, as the market runs it: parse, look at every offer, count, sort, the first 100
and a cursor. Both sides answer every question once first; where they differ there are no figures.
A query does no I/O and waits for nobody, so the goal is judged by its processor time: wall clock,
shown beside, has in it what else the machine does.
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
GOAL_MS = 5


def main():
    parser = argparse.ArgumentParser(prog="./dev bench search", description=__doc__.splitlines()[0])
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200, help="each asks 14 queries")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "search_bench"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([BUILD / "bench/search_bench", str(options.offers), str(options.rounds),
                           str(options.seed)], text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        print("There are no figures: see above.", file=sys.stderr)
        return 1
    figures = json.loads(done.stdout)
    ratios = {f"sqlite_over_ours_{at}": round(figures["sqlite"][at] / figures["queries"][at], 1)
              for at in ("p50_ms", "p99_ms", "cpu_p99_ms")}
    missed = [f"{name} cpu_p99_ms under {GOAL_MS}" for name in ("queries", "random", "dearest")
              if figures[name]["cpu_p99_ms"] >= GOAL_MS]
    if options.json:
        print(json.dumps({"name": "search", "figures": figures, "ratios": ratios,
                          "goals_missed": missed}))
        return 0
    print(f"{figures['offers']} offers; milliseconds, wall clock (and of the processor)")
    for name in ("queries", "sqlite", "random", "dearest", "quote", "quote_by_book",
                 "one_host_renewed", "all_renewed"):
        row = figures[name]
        print(f"  {name:18}{row['count']:6} p50 {row['p50_ms']:8.3f} ({row['cpu_p50_ms']:.3f})"
              f"  p99 {row['p99_ms']:8.3f} ({row['cpu_p99_ms']:.3f})"
              f"  max {row['max_ms']:8.3f} ({row['cpu_max_ms']:.3f})")
    print(f"  SQLite takes {ratios['sqlite_over_ours_p50_ms']} times as long at p50, "
          f"{ratios['sqlite_over_ours_p99_ms']} times at p99")
    print("Goals missed: " + ", ".join(missed) if missed else "Goals met.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
