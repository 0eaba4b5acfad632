#!/usr/bin/python3
"""Builds the on-chain program in two directories and says whether both wrote the same bytes.

    ./dev program --verify [--json]       from the newest commit: linker and program, both times
    tools/program/verify.py --linker F    with that linker and the tree as it lies: quick, for tests

The two differ in what must not matter: the path's length and depth, the time zone, the language,
the umask, the order of work. Nothing is taken from a cache. One SHA-256 is printed, and the exit
code is 1 when there are two.
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = "build/program/obelisk.so"
# What the program is made of: the quick way copies no more.
SOURCES = ["program", "src/base", "src/core/escrow"]
# Each directory's surroundings; only the second builds in parallel.
PLACES = [
    {"path": "a", "umask": 0o022, "jobs": "1", "environment": {"TZ": "UTC", "LC_ALL": "C"}},
    {"path": "another/and a deeper/folder of the same", "umask": 0o077, "jobs": "2",
     "environment": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}},
]


class Failed(Exception):
    """What happened and what to do, for a person."""


def call(command, where, place):
    environment = {**os.environ, **place["environment"], "CCACHE_DISABLE": "1"}
    try:
        done = subprocess.run(command, cwd=where, env=environment, umask=place["umask"], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    except OSError as error:
        raise Failed(f"{command[0]} does not start: {error.strerror}. Run ./dev setup.") from error
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        raise Failed(f"{tail}\nThe program does not build in a clean directory ({command[0]} ended "
                     f"with {done.returncode}). Run ./dev program here first.")


def git(root, *words):
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed("There is no commit to build from: verify from a clone of the repository.")
    return done.stdout


def full_build(root, folder, place):
    """As a stranger would: the newest commit alone, and the linker built with it."""
    source = folder / "source"
    source.mkdir()
    tar = subprocess.run(["tar", "-x", "-C", source], input=git(root, "archive", "HEAD"),
                         umask=place["umask"], check=False)
    if tar.returncode != 0:
        raise Failed("The copy could not be written: check the free space.")
    call(["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-19",
          "-DCMAKE_BUILD_TYPE=Release", "-DOBELISK_TESTS=OFF"], source, place)
    call(["cmake", "--build", "build", "--target", "program", "-j", place["jobs"]], source, place)
    return source / PROGRAM


def quick_build(root, folder, place, linker):
    """The one compilation and the link, as program/CMakeLists.txt calls them."""
    for part in SOURCES:
        shutil.copytree(root / part, folder / part)
    flags = (folder / "program/bpf_flags.txt").read_text(encoding="ascii").split()
    call(["clang++-19", *flags, f"-ffile-prefix-map={folder}/=", f"-I{folder}", f"-I{folder}/src",
          "-c", str(folder / "program/program.cpp"), "-o", "obelisk.o"], folder, place)
    call([str(linker), "-o", "obelisk.so", "obelisk.o"], folder, place)
    return folder / "obelisk.so"


def build_both(root, linker):
    """The two files' bytes."""
    built = []
    with tempfile.TemporaryDirectory(prefix="obelisk-verify-") as top:
        for place in PLACES:
            folder = pathlib.Path(top) / place["path"]
            folder.mkdir(parents=True)
            file = (quick_build(root, folder, place, linker) if linker
                    else full_build(root, folder, place))
            built.append(file.read_bytes())
    return built


def report(root, built, full):
    """What --json prints. `built_here` is the file that the last ./dev program left, if any."""
    hashes = [hashlib.sha256(bytes_).hexdigest() for bytes_ in built]
    out = {"same": hashes[0] == hashes[1], "sha256": hashes[0], "elf_bytes": len(built[0]),
           "builds": hashes}
    if full:
        changed = git(root, "status", "--porcelain", "--untracked-files=no").decode().splitlines()
        here = root / PROGRAM
        out["commit"] = git(root, "rev-parse", "HEAD").decode().strip()
        out["changed_files"] = len(changed)
        out["built_here"] = hashlib.sha256(here.read_bytes()).hexdigest() if here.exists() else None
    return out


def print_for_people(out):
    if not out["same"]:
        print(f"{out['builds'][0]}\n{out['builds'][1]}\nTwo directories, two files: something of "
              "the place or the time is in the program.")
        return
    print(f"{out['sha256']}  {out['elf_bytes']} bytes, the same from two directories")
    if out.get("changed_files"):
        print(f"{out['changed_files']} changed files are not in it: it is built from "
              f"{out['commit'][:12]}.")
    if out.get("built_here") not in (None, out["sha256"]):
        print(f"{PROGRAM} is another, {out['built_here']}. Run ./dev program to build it anew.")


def main():
    parser = argparse.ArgumentParser(prog="./dev program --verify")
    parser.add_argument("--verify", action="store_true", help="build twice, in clean directories")
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--linker", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        built = build_both(options.root, options.linker)
        out = report(options.root, built, full=options.linker is None)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 8
    if options.json:
        print(json.dumps(out))
    else:
        print_for_people(out)
    return 0 if out["same"] else 1


if __name__ == "__main__":
    sys.exit(main())
