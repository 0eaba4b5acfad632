#!/usr/bin/python3
"""Hosts far away behind gateways, and a network that does everything it can to them.

    ./dev chaos gateway [--faults NAME,...] [--json]

Real processes in network namespaces joined by slow links: market and watch, two gateways, a host
behind NAT, another one, a renter. For each fault a lease is rented and sessions are opened through
both gateways; the fault is struck and ended; then sessions, attestations and money are looked at.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import sys
import tempfile
import time
import traceback
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Before this folder: what reads a rental from the chain is a `chain` of the tests' own.
sys.path[:0] = [str(ROOT / folder)
                for folder in ("tools/local", "tools/chaos/far", "tests/functional")]
from faults import FAULTS, QUICK  # noqa: E402
from network import Network  # noqa: E402
from trial import TROUBLE, Trial  # noqa: E402
from world import World, missing  # noqa: E402


def play(faults, folder):
    """(rows, violations) of these faults, one after the other in one world."""
    rows, violations = [], []
    folder.mkdir()
    try:
        with Network() as network:
            world = World(network, folder)
            with world.spaces["market"].inside():
                try:
                    world.start()
                    for fault in faults:
                        trial = Trial(world, fault)
                        rows.append(trial.run())
                        violations += trial.violations
                        say_row(rows[-1], trial.violations)
                finally:
                    world.stop()
    except TROUBLE as error:
        traceback.print_exc()
        rows.append({"name": f"world {folder.name}"})
        violations.append(f"world {folder.name}: {type(error).__name__}: {error}")
    return rows, violations


def play_all(faults, folder):
    """The same in two worlds at once, each in a process of its own: most of it is waiting."""
    groups = [[fault for fault in faults if fault.is_slow == slow] for slow in (False, True)]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        worlds = [pool.submit(play, group, folder / str(number))
                  for number, group in enumerate(groups, 1) if group]
        done = [world.result() for world in worlds]
    return [row for rows, _ in done for row in rows], [one for _, found in done for one in found]


def figures_of(rows, seconds):
    def most(name):
        return max((row[name] for row in rows if row.get(name) is not None), default=None)

    return {"faults": len(rows), "recover_ms_max": most("recover_ms"),
            "attested_again_ms_max": most("attested_again_ms"), "wall_s": round(seconds)}


def as_words(session):
    return ", ".join(f"{name} {what}" for name, what in session.items()
                     if name != "longest_silence_ms")


def say_row(row, violations):
    if not violations and "session" in row:
        print(f"{row['name']:<22}{row['seconds']:>7}{row['recover_ms']:>11}"
              f"{row['attested_again_ms'] or '-':>11}"
              f"{row['session'].get('longest_silence_ms', '-'):>10}  "
              f"{as_words(row['session'])}", flush=True)
    for words in violations:
        print(f"VIOLATION {words}", flush=True)


def write_junit(rows, violations, file):
    suite = ElementTree.Element("testsuite", name="chaos gateway")
    for row in rows:
        case = ElementTree.SubElement(suite, "testcase", classname="chaos gateway",
                                      name=row["name"])
        own = [words for words in violations if words.startswith(f"{row['name']}: ")]
        if own:
            ElementTree.SubElement(case, "failure", message="; ".join(own)).text = (
                f"Play it again: ./dev chaos gateway --faults {row['name']}")
    ElementTree.ElementTree(suite).write(file, encoding="unicode", xml_declaration=True)


def chosen(text):
    names = {fault.name: fault for fault in FAULTS}
    words = {"all": list(names), "quick": list(QUICK)}.get(text) or text.split(",")
    unknown = [word for word in words if word not in names]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no fault {', '.join(unknown)}; there are: {', '.join(names)}")
    return [names[word] for word in words]


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos gateway",
                                     description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=chosen, default="all", metavar="NAME,...",
                        help=f"all (if not said), quick, or of: "
                             f"{', '.join(fault.name for fault in FAULTS)}")
    parser.add_argument("--keep", action="store_true", help="leave the folder and its logs")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--junit", metavar="FILE")
    options = parser.parse_args()
    if words := missing():
        print(f"This cannot be done here: {words}.", file=sys.stderr)
        return 8
    folder = pathlib.Path(tempfile.mkdtemp(prefix="obelisk-chaos-gateway-"))
    began = time.monotonic()
    print(f"{'fault':<22}{'s':>7}{'recover ms':>11}{'attest ms':>11}{'silent ms':>10}  sessions",
          flush=True)
    rows, violations = play_all(options.faults, folder)
    figures = figures_of(rows, time.monotonic() - began)
    if options.keep or violations:
        print(f"Its logs: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if options.junit:
        write_junit(rows, violations, options.junit)
    if options.json:
        print(json.dumps({"name": "gateway", "faults": rows, "violations": violations,
                          "figures": figures}))
    else:
        print(f"{len(rows)} faults, {len(violations)} violations, {figures['wall_s']} s")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
