#!/usr/bin/python3
"""Runs the test suites one after another and sums what their own runners reported.

Nothing is counted by hand: every runner writes JUnit files, and the closing line is their sum. A
runner that dies without a report counts as one failure: silence can never look like success.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
NODE = os.environ.get("OBELISK_NODE", "node")
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def node_tests(files):
    return lambda report, _long: [
        NODE, "--test", "--test-reporter=junit", f"--test-reporter-destination={report}/node.xml",
        "--test-reporter=dot", "--test-reporter-destination=stdout", *files()]


def page_units(report, _long):
    return [NODE, "web/node_modules/vitest/vitest.mjs", "run", "--root", "web", "--reporter=junit",
            f"--outputFile={report}/vitest.xml"]


def browser(report, long):
    """One stack and one Chromium at a time: two would only wait for each other."""
    command = node_tests(found("tests/browser/*_test.mjs"))(report, long)
    return [*command[:2], "--test-concurrency=1", "--test-timeout=300000", *command[2:]]


def found(pattern):
    """The files of a suite; none at all would let the runner look for some by itself."""
    def files():
        names = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))
        return names or [f"no-file-matches/{pattern}"]
    return files


def unit(report, _long):
    return ["ctest", "--preset", "dev", "-j", "2", "--no-tests=error"]


def second_opinion(report, _long):
    return ["ctest", "--preset", "gcc-core", "-j", "2", "--no-tests=error"]


def cover(report, _long):
    return ["/usr/bin/python3", "tools/cover/cover.py", "--junit", f"{report}/cover.xml"]


def mutants(report, long):
    """Sixty, evenly chosen, each time; all of them, which takes some minutes, with --long."""
    chosen = [] if long else ["--sample", "60"]
    return ["/usr/bin/python3", "tools/mutants/mutants.py", "escrow", *chosen,
            "--junit", f"{report}/mutants.xml"]


def fuzz(report, long):
    """Ten million runs of the escrow's fuzzer; its corpus is replayed by `unit` every time."""
    if not long:
        return None
    return ["/usr/bin/python3", "tools/testing/fuzz.py", "escrow", "--runs", "10000000", "--plain",
            "--junit", f"{report}/fuzz.xml"]


def chaos(report, long):
    """Fifty seeds each time, a thousand with --long."""
    return ["/usr/bin/python3", "tools/chaos/chain.py", "--seeds", "1000" if long else "50",
            "--jobs", "8", "--junit", f"{report}/chaos.xml"]


def chaos_gateway(report, long):
    """Three quick faults each time, all of them, which takes some minutes, with --long."""
    return ["/usr/bin/python3", "tools/chaos/gateway.py", "--faults", "all" if long else "quick",
            "--junit", f"{report}/chaos-gateway.xml"]


def sim(report, long):
    """Five hundred worlds each time, ten thousand with --long."""
    return ["/usr/bin/python3", "tools/testing/sim.py", "--seeds", "10000" if long else "500",
            "--junit", f"{report}/sim.xml"]


def functional(folder):
    def command(report, long):
        chosen = [] if long else ["-m", "not long"]
        return [*PYTEST, "-n", "2", *chosen, f"--junitxml={report}/pytest.xml", f"tests/{folder}"]
    return command


def tidy(report, _long):
    return ["/usr/bin/python3", "tools/tidy/tidy.py", "--junit", f"{report}/tidy.xml"]


# name: what it is, the commands that run it. A suite whose folder is not there yet is not listed.
SUITES = {
    "unit": ("values and decisions under ASan and UBSan; base and core also by g++; messages, "
             "addresses and files beside @solana/kit's; every branch of the lease program, and "
             "faults made in it",
             [unit, node_tests(found("tests/conformance/*_test.mjs")), second_opinion, cover,
              mutants, fuzz], "src"),
    "program": ("the built program in the Solana VM, deployed by the loader",
                [node_tests(found("program/test/*.test.mjs"))], "program/test"),
    "localnet": ("the local network, as @solana/kit sees it",
                 [node_tests(found("localnet/test/*_test.mjs"))], "localnet/test"),
    "functional": ("real processes, real containers, real ssh: rentals and bad days",
                   [functional("functional")], "tests/functional"),
    "chaos": ("payments over a network that misbehaves in every way: none lost, none twice; hosts "
              "behind gateways that are cut off, forgotten and killed",
              [chaos, chaos_gateway], "tools/chaos"),
    "sim": ("the whole market in one process, from seeds: every promise after every step, and "
            "planted faults that must be found", [sim], "sim"),
    "browser": ("the page in Debian's Chromium on a whole stack: from a card to a receipt",
                [page_units, browser], "tests/browser"),
    "tidy": ("layout, direction of includes, sizes, clang-tidy", [tidy], "tools/tidy"),
}


# What needs only the processor, and no quiet machine: it takes what the others leave, from the
# start, and is waited for at its place. The others wait for slots, logins and deadlines a lot.
BESIDE = {"tidy"}


def totals(folder):
    """(passed, failed, skipped) over every JUnit file below a folder, with the failures' names."""
    passed = failed = skipped = 0
    names = []
    for path in sorted(folder.rglob("*.xml")):
        try:
            cases = list(ElementTree.parse(path).getroot().iter("testcase"))
        except ElementTree.ParseError:
            failed += 1
            names.append(f"{path.name}: the report is cut off")
            continue
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                names.append(f"{case.get('classname', '')} {case.get('name', '')}".strip())
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped, names


def run_command(words, report):
    """(passed, failed, skipped) of one runner and what there is to say of it, as lines."""
    shutil.rmtree(report, ignore_errors=True)
    report.mkdir(parents=True)
    environment = {**os.environ, "GTEST_OUTPUT": f"xml:{report}/", "GTEST_COLOR": "no",
                   "NO_COLOR": "1"}  # what colours a terminal breaks a report
    said = []
    with open(report / "output.txt", "w+", encoding="utf-8", errors="replace") as output:
        code = subprocess.run(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                              stdout=output, stderr=subprocess.STDOUT, check=False).returncode
        passed, failed, skipped, names = totals(report)
        if code != 0 and failed == 0:
            failed, names = 1, [f"the runner ended with {code}"]
        if passed + failed + skipped == 0:
            failed, names = 1, ["the runner reported no test"]
        if failed:
            output.seek(0)
            said.append("".join(output.readlines()[-150:]))
    return (passed, failed, skipped), said, names


def run_suite(name, junit, long, say=print):
    """Runs one suite; what it printed is shown only if something went wrong."""
    sums = (0, 0, 0)
    for number, command in enumerate(SUITES[name][1]):
        words = command(junit / name / str(number), long)
        if words is None:
            continue
        if name in BESIDE:
            words = ["chrt", "--idle", "0", *words]
        started = time.monotonic()
        counts, said, names = run_command(words, junit / name / str(number))
        for line in [*said, *(f"FAILED {name}: {failure}" for failure in names)]:
            say(line)
        sums = tuple(map(sum, zip(sums, counts)))
        say(f"{name:<12}{counts[0]:>6} passed{counts[1]:>5} failed{counts[2]:>5} skipped"
            f"{time.monotonic() - started:>8.0f} s")
    return sums


def run_suites(names, junit, long):
    """The sums of all of them: one after the other, and beside these what may run so."""
    def say(line):
        print(line, flush=True)

    with concurrent.futures.ThreadPoolExecutor(len(BESIDE)) as pool:
        kept = {name: [] for name in names if name in BESIDE}
        beside = {name: pool.submit(run_suite, name, junit, long, kept[name].append)
                  for name in kept}
        results = []
        for name in names:
            if name not in beside:
                results.append(run_suite(name, junit, long, say))
                continue
            results.append(beside[name].result())
            for line in kept[name]:
                say(line)
    return results


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Runs every test of the project.")
    parser.add_argument("--list", action="store_true", help="names the suites and ends")
    parser.add_argument("--only", metavar="SUITE", help="runs one suite")
    parser.add_argument("--long", action="store_true", help="also what takes longer than minutes")
    parser.add_argument("--junit", metavar="DIR", default="build/junit", help="where reports go")
    options = parser.parse_args()
    suites = [name for name, (_, _, folder) in SUITES.items() if (ROOT / folder).exists()]
    if options.list:
        for name in suites:
            print(f"{name:<12}{SUITES[name][0]}")
        return 0
    if options.only:
        if options.only not in suites:
            print(f"There is no suite '{options.only}'. There are: {', '.join(suites)}.")
            return 2
        suites = [options.only]
    junit = (ROOT / options.junit).resolve()
    results = run_suites(suites, junit, options.long)
    passed, failed, skipped = (sum(column) for column in zip(*results))
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
