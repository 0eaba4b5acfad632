#!/usr/bin/python3
"""Makes one-line faults in the lease program and sees whether the suite notices.

    ./dev mutants escrow [--json] [--only TEXT] [--sample N] [--junit FILE]

The faults stand in escrow.txt. Each is made in a copy of the sources, below build/mutants, never
in the work tree, and the cheapest judge comes first: the native tests of core/escrow and program/.
What they let pass is built for the chain and goes through program/test. A fault that does not
compile is an error of the list, not a kill. Ends with 1 where one survived.
"""
import argparse
import collections
import concurrent.futures
import copy
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.sax.saxutils as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/mutants"
FOLDERS = ["src/base", "src/core/escrow", "program"]
JOBS = 2
TIMEOUT_S = 60
COMPILE = ["clang++-19", "-std=c++20", "-O0", "-w", "-fno-strict-aliasing", "-Isrc", "-I."]
LIBRARIES = ["-lgtest", "-lgtest_main", "-lsodium", "-lpthread"]
# program.cpp has open.cpp and step.cpp within it.
CODEC = [f"src/core/escrow/{name}.cpp" for name in ("codec", "error_text", "instructions")]
RULES = ["src/core/escrow/open.cpp", "src/core/escrow/step.cpp"]
NATIVE = ["program/program.cpp", "program/native/host.cpp", "program/native/host_syscalls.cpp"]
# What needs no program, a tool that is built apart, or minutes; and the ceilings of cost, which
# would catch a fault for the wrong reason.
NO_JUDGE = {"caller", "client", "description", "idl", "rent", "units", "verify"}
SEQUENCES = "300"  # of the differential test, whose whole run takes minutes

Mutant = collections.namedtuple("Mutant", "file why line instead")


class Failed(Exception):
    """What happened and what to do, for a person."""


def read_mutants(name):
    path = pathlib.Path(__file__).with_name(f"{name}.txt")
    if not path.exists():
        raise Failed(f"There are no mutants of '{name}'. There are: escrow.")
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines()
                     if not line.startswith("#"))
    for paragraph in filter(str.strip, text.split("\n\n")):
        match = re.fullmatch(r"(\S+): (.+)\n- +(.+)\n\+ +(.+)", paragraph.strip())
        if not match:
            raise Failed(f"{path.name}: this is not `file: why`, `- line` and `+ line`:\n"
                         f"{paragraph}")
        mutant = Mutant(*match.groups())
        lines = (ROOT / mutant.file).read_text(encoding="utf-8").splitlines()
        count = sum(line.strip() == mutant.line for line in lines)
        if count != 1:
            raise Failed(f"{path.name}: {mutant.file} has this line {count} times: {mutant.line}")
        yield mutant


def call(command, where, timeout_s=600, **environment):
    """(exit code, output); 124 where it ran too long."""
    environment = {**os.environ, **environment}
    environment.pop("GTEST_OUTPUT", None)  # what fails here is no failure of ./test
    try:
        done = subprocess.run(command, cwd=where, stdin=subprocess.DEVNULL, text=True,
                              env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=timeout_s,
                              errors="replace")
    except subprocess.TimeoutExpired:
        return 124, ""
    except OSError as error:
        raise Failed(f"{command[0]} does not start: {error.strerror}. Run ./dev setup.") from error
    return done.returncode, done.stdout


def must(command, where, **environment):
    code, output = call(command, where, **environment)
    if code != 0:
        raise Failed(f"{output[-3000:]}\nWithout any fault, this ended with {code}: "
                     f"{' '.join(map(str, command[:3]))}")
    return output


class Bench:
    """A copy of the sources with everything built; one fault at a time is made in it."""

    def __init__(self, folder, node):
        self.folder = folder
        self.node = node
        for part in FOLDERS:
            shutil.copytree(ROOT / part, folder / part,
                            ignore=shutil.ignore_patterns("client", "test", "*_fuzz.cpp"))
        base = [str(path.relative_to(folder)) for path in (folder / "src/base").glob("*.cpp")
                if not path.name.endswith("_test.cpp")]
        tests = {place: [str(path.relative_to(folder))
                         for path in sorted((folder / place).glob("*_test.cpp"))]
                 for place in ("src/core/escrow", "program/native")}
        # The quicker one first.
        self.binaries = {"escrow_test": [*RULES, *CODEC, *tests["src/core/escrow"], *base],
                         "program_test": [*NATIVE, *CODEC, *tests["program/native"], *base]}
        self.sources = sorted({one for all_ in self.binaries.values() for one in all_})
        self.flags = (folder / "program/bpf_flags.txt").read_text(encoding="ascii").split()
        self.plain_so = None
        self.sound_tests = set()

    def compile(self, source):
        ccache = ["ccache"] if shutil.which("ccache") else []
        return call([*ccache, *COMPILE, "-MD", "-c", source, "-o", f"{source}.o"], self.folder)

    def build_all(self, pool):
        for source, (code, output) in zip(self.sources, pool.map(self.compile, self.sources)):
            if code != 0:
                raise Failed(f"{output[-3000:]}\n{source} does not compile, without any fault.")
        for name in self.binaries:
            self.link(name)
            must([f"./{name}", "--gtest_brief=1"], self.folder)
        self.plain_so = self.build_so()
        if self.plain_so is None:
            raise Failed("The program does not build for the chain, without any fault.")

    def another(self, folder):
        """The same again, for a second fault at the same time."""
        shutil.copytree(self.folder, folder)
        bench = copy.copy(self)
        bench.folder = folder
        return bench

    def link(self, name):
        objects = [f"{source}.o" for source in self.binaries[name]]
        must(["clang++-19", *objects, "-o", name, *LIBRARIES], self.folder)

    def build_so(self):
        code, _ = call(["clang++-19", *self.flags, "-Wno-error", "-w", "-I.", "-Isrc", "-c",
                        "program/program.cpp", "-o", "obelisk.o"], self.folder)
        linker = ROOT / "build/bin/sbpf-ld"
        if code == 0:
            code, _ = call([linker, "-o", "obelisk.so", "obelisk.o"], self.folder)
        return (self.folder / "obelisk.so").read_bytes() if code == 0 else None

    def users(self, file):
        """The sources that a file is part of, by what the compiler said it read."""
        for source in self.sources:
            read = (self.folder / f"{source}.d").read_text(encoding="utf-8").split()
            if file in read:
                yield source

    def judge(self, mutant):
        """('killed', by whom), ('survived', '') or ('error', what)."""
        path = self.folder / mutant.file
        sound = path.read_text(encoding="utf-8")
        path.write_text("".join(
            line.replace(mutant.line, mutant.instead) if line.strip() == mutant.line else line
            for line in sound.splitlines(keepends=True)), encoding="utf-8")
        changed = list(self.users(mutant.file))
        try:
            for source in changed:
                code, output = self.compile(source)
                if code != 0:
                    return "error", output[:1500]
            killer = self.native_killer(changed) or self.chain_killer(mutant)
            return ("killed", killer) if killer else ("survived", "")
        finally:
            path.write_text(sound, encoding="utf-8")
            for source in changed:
                self.compile(source)

    def native_killer(self, changed):
        for name, sources in self.binaries.items():
            if not set(changed) & set(sources):
                continue
            self.link(name)
            code, output = call([f"./{name}", "--gtest_brief=1", "--gtest_fail_fast"], self.folder,
                                timeout_s=TIMEOUT_S)
            if code != 0:
                failed = re.search(r"\[  FAILED  \] ([\w/.]+)", output)
                return failed.group(1) if failed else f"{name} ended with {code}"
        return None

    def chain_killer(self, mutant):
        so = self.build_so()
        if so is None:
            return "sbpf-ld or the BPF compiler refuses it"
        if so == self.plain_so:
            return None
        stem = pathlib.Path(mutant.file).stem
        tests = [path for path in sorted((ROOT / "program/test").glob("*.test.mjs"))
                 if path.name.split(".")[0] not in NO_JUDGE]
        # The test that is named after the file, then the small ones.
        tests.sort(key=lambda path: (path.name.split(".")[0] != stem, path.stat().st_size))
        for path in tests:
            self.must_pass_without_faults(path)
            code, output = self.play(path, "obelisk.so")
            if code != 0:
                failed = re.search(r"^not ok \d+ - (.+)$", output, re.M)
                return f"{path.name}: {failed.group(1) if failed else code}"
        return None

    def play(self, path, so):
        return call([self.node, "--test", "--test-reporter=tap", path], ROOT, timeout_s=600,
                    OBELISK_SO=str(self.folder / so), OBELISK_SEQUENCES=SEQUENCES)

    def must_pass_without_faults(self, path):
        """A test that fails anyway, as for want of a file, is no judge."""
        if path in self.sound_tests:
            return
        (self.folder / "plain.so").write_bytes(self.plain_so)
        code, output = self.play(path, "plain.so")
        if code != 0:
            raise Failed(f"{output[-2000:]}\n{path.name} fails without any fault.")
        self.sound_tests.add(path)


def node_path():
    if "OBELISK_NODE" in os.environ:
        return os.environ["OBELISK_NODE"]
    return must([ROOT / "tools/setup/node.sh"], ROOT).strip()


def run_all(mutants, report):
    """[(mutant, verdict, by whom)], in the order of the list."""
    node = node_path()
    WORK.mkdir(parents=True, exist_ok=True)
    benches = queue.SimpleQueue()
    with (tempfile.TemporaryDirectory(dir=WORK) as top,
          concurrent.futures.ThreadPoolExecutor(JOBS) as pool):
        first = Bench(pathlib.Path(top) / "0", node)
        first.build_all(pool)
        benches.put(first)
        for number in range(1, JOBS):
            benches.put(first.another(pathlib.Path(top) / str(number)))

        def one(mutant):
            bench = benches.get()
            started = time.monotonic()
            try:
                verdict = bench.judge(mutant)
            finally:
                benches.put(bench)
            report(mutant, *verdict, time.monotonic() - started)
            return (mutant, *verdict)
        return list(pool.map(one, mutants))


def write_junit(path, results):
    body = ""
    for mutant, verdict, by in results:
        bad = "" if verdict == "killed" else f"<failure>{xml.escape(verdict + ' ' + by)}</failure>"
        name = xml.quoteattr(f"{mutant.file}: {mutant.why}")
        body += f'<testcase classname="mutants" name={name}>{bad}</testcase>\n'
    pathlib.Path(path).write_text(f'<testsuites><testsuite name="mutants">\n{body}'
                                  "</testsuite></testsuites>\n", encoding="utf-8")


def choose(mutants, options):
    chosen = [one for one in mutants if options.only in f"{one.file}: {one.why}"]
    if options.sample and options.sample < len(chosen):
        step = len(chosen) / options.sample
        chosen = [chosen[int(number * step)] for number in range(options.sample)]
    if not chosen:
        raise Failed(f"No mutant has '{options.only}' in its file or reason.")
    return chosen


def main():
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=["escrow"], help="whose mutants")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--only", default="", metavar="TEXT", help="whose file or reason has it")
    parser.add_argument("--sample", type=int, metavar="N", help="N of them, evenly chosen")
    parser.add_argument("--junit", metavar="FILE", help="also a report for ./test")
    options = parser.parse_args()
    started, done = time.monotonic(), 0

    def report(mutant, verdict, by, seconds):
        nonlocal done
        done += 1
        words = {"killed": f"killed by {by}", "survived": "SURVIVED", "error": f"ERROR {by}"}
        print(f"{done:>4} of {len(mutants)}  {seconds:>5.1f} s  {mutant.file}: {mutant.why}: "
              f"{words[verdict]}", flush=True)

    try:
        mutants = choose(list(read_mutants(options.name)), options)
        results = run_all(mutants, report)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 8
    of = {verdict: [f"{one.file}: {one.why}" for one, said, _ in results if said == verdict]
          for verdict in ("killed", "survived", "error")}
    print(f"{len(of['killed'])} of {len(mutants)} mutants killed in "
          f"{time.monotonic() - started:.0f} s.")
    for name in ("survived", "error"):
        for line in of[name]:
            print(f"{name.capitalize()}: {line}")
    if options.junit:
        write_junit(options.junit, results)
    if options.json:
        print(json.dumps({"mutants": len(mutants), "killed": len(of["killed"]),
                          "survived": of["survived"], "errors": of["error"]}))
    return 1 if of["survived"] or of["error"] else 0


if __name__ == "__main__":
    sys.exit(main())
