#!/usr/bin/python3
"""Payments over a network that misbehaves in every way it can: none is lost, none comes twice.

    ./dev chaos chain [--seeds 50] [--seed S] [--nodes 3] [--jobs 4] [--json]

Each seed is a local network of three nodes, a process that pays, and weather: faults of every
kind, mixed, with kill -9 of the payer and of the nodes among them. A seed makes the same plan and
the same weather again: --seed S plays one and shows it. Afterwards the books are read from the
chain alone.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from books import Books, intents, settle  # noqa: E402
from stack import Process, Stack, StackError  # noqa: E402
from weather import NODES, STORM_MS, weather  # noqa: E402

SLOT_MS = 20  # ten times as fast as the real network: a blockhash lives for three seconds
CALM_LIMIT_S = 120  # after the storm everything is final within that, or it counts as lost
HOLDERS = ("renter", "attestor", "host", "treasury")
RATE = 36_000_000  # lamports an hour
PAYER = ROOT / "build/chaos/chaos_payer"


def wait_until_final(rpc):
    """Until no rollback can reach what is there now."""
    slot = rpc("getSlot", {"commitment": "processed"})
    while rpc("getSlot", {"commitment": "finalized"}) < slot:
        time.sleep(SLOT_MS / 1000)


def make_template(folder, nodes):
    """A chain with the program, a market and money on it, to be copied for each seed."""
    stack = Stack(folder, terms={"ready-deadline-s": 600}, nodes=nodes, slot_ms=SLOT_MS)
    try:
        stack.start_chain()
        stack.create_market()
        wait_until_final(stack.rpc)
    finally:
        stack.stop()
    return stack


class Seed:
    """One seed: its stack, its payer, its storm."""

    def __init__(self, number, template, folder, nodes):
        self.number = number
        shutil.copytree(template.state, folder / "stack")
        self.stack = Stack(folder / "stack", nodes=nodes)
        self.stack.addresses = template.addresses
        self.market = template.market_info["market"]
        self.plan = intents(number)
        self.weather = weather(number, nodes)
        self.ends = []  # (kind, wall ms) of each spell that is over
        self.payer = None

    def play(self):
        stack = self.stack
        try:
            stack.start_localnet()
            wallets = [stack.addresses[name] for name in HOLDERS]
            before = self._lamports(wallets)
            self._start_payer()
            self._storm()
            calm_ms = time.time() * 1000
            late = not self._wait_for_payer()
            wait_until_final(stack.rpc)
            books = Books(stack.rpc, stack.addresses["program"],
                          [stack.addresses["renter"], stack.addresses["attestor"]])
            figures = settle(self.plan, books, wallets, before)
            return {"seed": self.number, **figures, "late": late,
                    "finals": len(set(self._finals(by="id"))), "recover_ms": self._recovery(),
                    "calm_ms": max(0, round(self._last_final() - calm_ms)),
                    "faults": self._struck()}
        finally:
            if self.payer is not None:
                self.payer.kill()
            stack.stop()

    def _lamports(self, addresses):
        return sum(self.stack.rpc("getBalance", address, {"commitment": "finalized"})["value"]
                   for address in addresses)

    def _start_payer(self):
        stack = self.stack
        plan = stack.state / "plan.json"
        plan.write_text(json.dumps({
            "program": stack.addresses["program"], "market": self.market, "rate": RATE,
            "host": stack.addresses["host"], "treasury": stack.addresses["treasury"],
            "intents": self.plan}))
        self.payer = Process("payer", [
            PAYER, plan, stack.state / "intents.sqlite", stack.node_urls("rpc"),
            stack.node_urls("ws"), stack.key("renter"), stack.key("attestor")], stack.state)
        self.payer.start()

    def _storm(self):
        """Begins and ends each spell at its time."""
        deeds = [(spell["at_ms"], self._begin, spell) for spell in self.weather]
        deeds += [(spell["at_ms"] + spell["for_ms"], self._end, spell) for spell in self.weather]
        started = time.monotonic()
        for at_ms, deed, spell in sorted(deeds, key=lambda one: one[0]):
            time.sleep(max(0, at_ms / 1000 - (time.monotonic() - started)))
            deed(spell)
        time.sleep(max(0, STORM_MS / 1000 - (time.monotonic() - started)))
        self.stack.rpc("obelisk_fault", {"kind": "none"})

    def _begin(self, spell):
        kind, options = spell["kind"], spell["options"]
        if kind == "payer_killed":
            self.payer.kill()
            self.payer.start()
        elif kind == "nodes_gone":
            self.stack.localnet.kill()
            time.sleep(options["ms"] / 1000)
            self.stack.restart_localnet()
        else:
            self.stack.rpc("obelisk_fault", {"kind": kind, **options})

    def _end(self, spell):
        kind, options = spell["kind"], spell["options"]
        if spell["for_ms"] > 0:
            node = {"node": options["node"]} if "node" in options else {}
            off = {"slots": 0} if kind == "lag" else {"rate": 0}
            self.stack.rpc("obelisk_fault", {"kind": kind, **node, **off})
        self.ends.append((kind, time.time() * 1000))

    def _wait_for_payer(self):
        until = time.monotonic() + CALM_LIMIT_S
        while self.payer.running() and time.monotonic() < until:
            time.sleep(0.02)
        return not self.payer.running()

    def _finals(self, by="ms"):
        lines = (json.loads(line) for line in self.payer.log.read_text().splitlines()
                 if line.startswith("{"))
        return sorted(line[by] for line in lines if line["what"] == "final")

    def _last_final(self):
        return max(self._finals(), default=0)

    def _recovery(self):
        """From the end of a spell to the next payment that was final, others still going on."""
        finals = self._finals()
        out = {}
        for kind, end_ms in self.ends:
            after = next((ms for ms in finals if ms >= end_ms), None)
            if after is not None:
                out.setdefault(kind, []).append(round(after - end_ms))
        return out

    def _struck(self):
        said = self.stack.rpc("obelisk_faults")
        return {**said["struck"], "undone": said["transactions"]["undone"]}


def play(number, template, nodes, keep):
    """One seed in a folder of its own; what went wrong with the tools is an error of the seed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"obelisk-chaos-{number}-"))
    try:
        row = Seed(number, template, folder, nodes).play()
        keep = keep or row["late"]  # its logs say what it waited for
        return row
    except (StackError, OSError, KeyError) as error:
        return {"seed": number, "error": f"{type(error).__name__}: {error}"}
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def is_wrong(row):
    return bool("error" in row or row["late"] or row["doubled"] or row["lost"]
                or row["lamports_unaccounted"])


def summed(rows, first):
    """The one object of all seeds."""
    good = [row for row in rows if "error" not in row]
    names = ("intended", "landed", "doubled", "lost", "lamports_unaccounted")
    out = {name: sum(row[name] for row in good) for name in names}
    recover = {}
    for row in good:
        for kind, values in row["recover_ms"].items():
            recover.setdefault(kind, []).extend(values)
    wrong = [row["seed"] for row in rows if is_wrong(row)]
    return {**out, "seed": wrong[0] if wrong else first, "seeds": len(rows), "wrong": wrong,
            "undone": sum(row["faults"]["undone"] for row in good),
            "calm_ms": {"median": round(statistics.median(row["calm_ms"] for row in good)),
                        "max": max(row["calm_ms"] for row in good)} if good else {},
            "recover_ms": {kind: {"median": round(statistics.median(values)), "max": max(values)}
                           for kind, values in sorted(recover.items())}}


def write_junit(rows, file):
    suite = ElementTree.Element("testsuite", name="chaos chain")
    for row in rows:
        case = ElementTree.SubElement(suite, "testcase", classname="chaos chain",
                                      name=f"seed {row['seed']}")
        if is_wrong(row):
            ElementTree.SubElement(case, "failure", message=json.dumps(row)).text = (
                f"Play it again: ./dev chaos chain --seed {row['seed']}")
    ElementTree.ElementTree(suite).write(file, encoding="unicode", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos chain",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50, metavar="N")
    parser.add_argument("--from", type=int, default=1, dest="first", metavar="SEED")
    parser.add_argument("--seed", type=int, metavar="S", help="one seed alone, with its weather")
    parser.add_argument("--jobs", type=int, default=4, choices=range(1, 17), metavar="N")
    parser.add_argument("--nodes", type=int, default=NODES, choices=range(1, 9), metavar="N",
                        help=f"nodes over the one chain; {NODES} if not said")
    parser.add_argument("--keep", action="store_true", help="leave each seed's folder and logs")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--junit", metavar="FILE")
    options = parser.parse_args()
    if not PAYER.exists():
        print("build/chaos/chaos_payer is missing: ./dev build makes it.", file=sys.stderr)
        return 8
    seeds = [options.seed] if options.seed is not None else range(
        options.first, options.first + options.seeds)
    rows = []
    with tempfile.TemporaryDirectory(prefix="obelisk-chaos-template-") as folder:
        template = make_template(folder, options.nodes)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for row in pool.map(
                    lambda seed: play(seed, template, options.nodes, options.keep), seeds):
                rows.append(row)
                if is_wrong(row):
                    print(f"seed {row['seed']}: {json.dumps(row)}", file=sys.stderr, flush=True)
                elif len(rows) % 10 == 0 and sys.stderr.isatty():
                    print(f"{len(rows)} of {len(seeds)} seeds", file=sys.stderr, flush=True)
    if options.seed is not None:
        for spell in weather(options.seed, options.nodes):
            print(f"{spell['at_ms']:>5} ms for {spell['for_ms']:>4} ms  {spell['kind']:<14}"
                  f"{json.dumps(spell['options'])}")
    out = summed(rows, seeds[0])
    if options.junit:
        write_junit(rows, options.junit)
    if options.json:
        print(json.dumps(out))
    else:
        print(f"{out['seeds']} seeds, {out['intended']} payments: {out['landed']} landed, "
              f"{out['doubled']} twice, {out['lost']} lost, {out['lamports_unaccounted']} lamports "
              f"unaccounted for. {out['undone']} transactions were rolled back on the way.")
    return 1 if any(is_wrong(row) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
