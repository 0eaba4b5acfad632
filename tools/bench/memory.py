#!/usr/bin/python3
"""What 10,000 connected hosts and 100,000 running leases take in one market: memory and processor.

    ./dev bench memory [--hosts 10000] [--leases 100000] [--idle 10] [--json]

The market's own parts in one process, as its main puts them together, over a SQLite file; the hosts
are real WebSocket connections of another process, each with a listing that it signed. The chain is
the one in memory of the tests, because a local network that holds so many accounts would be what is
measured: it holds every lease's account, so that the market finds each as it should be. Its memory
is there before the first figure and is in none.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from processes import cpu_seconds, resident_bytes  # noqa: E402

BUILD = ROOT / "build/release"
CARDS = 16


class BenchError(Exception):
    """Why there are no figures."""


def build():
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "market_memory", "host_load"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def writes(pid):
    """Write calls so far: what goes to the disk and to sockets."""
    for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("syscw:"):
            return int(line.split()[1])
    return 0


def idle(pid, seconds):
    """What an undisturbed second costs: of the processor, and write calls."""
    time.sleep(2)
    began, cpu, calls = time.monotonic(), cpu_seconds(pid), writes(pid)
    time.sleep(seconds)
    took = time.monotonic() - began
    return {"cpu_percent": round((cpu_seconds(pid) - cpu) / took * 100, 1),
            "write_calls_per_s": round((writes(pid) - calls) / took, 1)}


def settle(pid, seconds=300):
    """Waits until three seconds pass with next to no write; how long that took."""
    began, calm, before = time.monotonic(), 0, writes(pid)
    while calm < 3:
        time.sleep(1)
        calls = writes(pid)
        calm = calm + 1 if calls - before < 20 else 0
        before = calls
        if time.monotonic() - began > seconds:
            raise BenchError(f"It still writes after {seconds} s.")
    return round(time.monotonic() - began - calm, 1)


class Market:
    def __init__(self, directory, options):
        self.child = subprocess.Popen(
            [BUILD / "bench/market_memory", directory, str(options.hosts), str(options.leases)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.child.pid

    def reach(self, stage):
        line = self.child.stdout.readline()
        if not line or json.loads(line)["stage"] != stage:
            raise BenchError(f"The market did not get to {stage}: {line}")
        return json.loads(line)

    def go_on(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def stop(self):
        self.child.stdin.close()
        try:
            self.child.wait(30)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def measure(options, directory):
    market = Market(directory, options)
    load = None
    try:
        market.reach("chain")
        figures = {"rss_bytes": {"chain": resident_bytes(market.pid)}}
        market.go_on()
        port = market.reach("leases")["port"]
        # The first round over all leases reads each account once, and writes what it shows.
        figures["first_round_s"] = settle(market.pid)
        figures["rss_bytes"]["leases"] = resident_bytes(market.pid)
        figures["idle_with_leases"] = idle(market.pid, options.idle)
        began = time.monotonic()
        load = subprocess.Popen([BUILD / "bench/host_load", str(port), str(options.hosts),
                                 str(CARDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True)
        if not load.stdout.readline():
            raise BenchError("The hosts could not connect.")
        figures["hosts_connected_s"] = round(time.monotonic() - began, 1)
        time.sleep(3)
        figures["rss_bytes"]["hosts"] = resident_bytes(market.pid)
        figures["idle_with_all"] = idle(market.pid, options.idle)
        market.go_on()
        reached = market.reach("hosts")
        if reached["hosts"] != options.hosts or reached["active"] != options.leases:
            raise BenchError(f"Not all are there any more: {reached}.")
        market.go_on()
        rss = figures["rss_bytes"]
        figures["bytes_per_lease"] = round((rss["leases"] - rss["chain"]) / max(options.leases, 1))
        figures["bytes_per_host"] = round((rss["hosts"] - rss["leases"]) / options.hosts)
        return figures
    finally:
        if load is not None:
            load.stdin.close()
            load.wait(30)
        market.stop()


def main():
    parser = argparse.ArgumentParser(prog="./dev bench memory", description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--leases", type=int, default=100_000)
    parser.add_argument("--idle", type=float, default=10, help="seconds that are watched")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    build()
    # In memory where there is room: how long a disk takes for all the records is not the question.
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="obelisk-bench-", dir=place) as directory:
        try:
            figures = measure(options, directory)
        except BenchError as error:
            print(f"{error} No figures.", file=sys.stderr)
            return 1
    figures.update(hosts=options.hosts, leases=options.leases, cards_per_host=CARDS)
    if options.json:
        print(json.dumps({"name": "memory", "figures": figures, "ratios": {}, "goals_missed": []}))
        return 0
    rss = figures["rss_bytes"]
    print(f"{options.leases} running leases, then {options.hosts} hosts with {CARDS} cards each")
    print(f"  resident         {rss['chain'] >> 20:>7} MiB  of it the chain in memory, before all")
    print(f"                   {rss['leases'] >> 20:>7} MiB  with the leases")
    print(f"                   {rss['hosts'] >> 20:>7} MiB  with the hosts, connected in "
          f"{figures['hosts_connected_s']} s")
    print(f"  the first look at all leases took {figures['first_round_s']} s")
    print(f"  an idle lease    {figures['bytes_per_lease']:>7} bytes")
    print(f"  a connected host {figures['bytes_per_host']:>7} bytes, its listing included")
    for name, words in (("idle_with_leases", "leases alone"), ("idle_with_all", "hosts too")):
        row = figures[name]
        print(f"  idle, {words:12}{row['cpu_percent']:>6} % of a core, "
              f"{row['write_calls_per_s']} write calls a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
