"""clang-tidy over many sources at once.

Most of its time goes into headers that the next source includes too. So sources that are compiled
alike go through it together, included one after the other by a file of no other content. Where
they cannot stand in one translation unit, the batch is halved, at last to the source alone: what
is found is what clang-tidy finds in each source by itself.

The compiler's own warnings are left to the build, where they are errors.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

BATCH = 16  # costs what two to five of them cost alone; halving one is dear in proportion

# A name that a source gives to something of its own, at the begin of a line: two sources that share
# one rarely stand in one translation unit. It need not be exact: it only spares us the halving.
NAME = re.compile(r"^(?:template.*> )?(?:struct|class|enum class|enum) (\w+)"
                  r"|^using (\w+) ="
                  r"|^(?!using|return|namespace)[A-Za-z\[][\w:<>,&*\[\]() ]*?[ &*]"
                  r"(\w+)(?:\(|\[| = |\{|;|\n)", re.MULTILINE)


def names(path):
    text = path.read_text(encoding="utf-8")
    return {"".join(found.groups("")) for found in NAME.finditer(text)} - {"operator"}


def flags_of(command):
    """What a command of compile_commands.json says but for what it compiles, and whereto."""
    words = iter(shlex.split(command["command"])[1:])
    kept = []
    for word in words:
        if word == "-o":
            next(words)
        elif word not in ("-c", command["file"]):
            kept.append(word)
    return tuple(kept)


def batches(sources, commands):
    """[(flags, sources)], the longest first; a source without a command stands alone, with None."""
    alike = collections.defaultdict(dict)
    for command in commands:
        alike[flags_of(command)][command["file"]] = True  # once, though two programs are made of it
    known = {file for files in alike.values() for file in files}
    made = [(None, [source]) for source in sources if str(source) not in known]
    for flags, files in alike.items():
        open_ones = []
        for source in (source for source in sources if str(source) in files):
            own = names(source)
            for batch, taken in open_ones:
                if len(batch) < BATCH and taken.isdisjoint(own):
                    break
            else:
                batch, taken = [], set()
                open_ones.append((batch, taken))
            batch.append(source)
            taken |= own
        made += [(flags, batch) for batch, _ in open_ones]
    return sorted(made, key=lambda one: -len(one[1]))


class ClangTidy:
    """`build` has a compile_commands.json; what the program says goes out as lines."""

    def __init__(self, root, build):
        self.root, self.build = root, root / build
        self.command = ["clang-tidy-19", "--quiet", f"--config-file={root}/.clang-tidy",
                        "--extra-arg=-Wno-unknown-warning-option"]

    def run(self, source, flags):
        how = ["-p", str(self.build), str(source)] if flags is None else [str(source), "--", *flags]
        return subprocess.run([*self.command, *how], cwd=self.build, text=True,
                              capture_output=True, check=False)

    def together(self, flags, sources):
        """As errors, warnings that come of the neighbours would part what goes together."""
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as file:
            file.writelines(f'#include "{source}"\n' for source in sources)
            file.flush()
            return self.run(file.name, (*flags, "-Wno-error"))

    def findings(self, flags, sources):
        one = len(sources) == 1
        done = self.run(sources[0], flags) if one else self.together(flags, sources)
        if done.returncode == 0:
            return []
        lines = [line for line in done.stdout.splitlines() if "error:" in line]
        if not one and (not lines or any("[clang-diagnostic-error]" in line for line in lines)):
            half = len(sources) // 2
            return self.findings(flags, sources[:half]) + self.findings(flags, sources[half:])
        lines = [line.replace(f"{self.root}/", "") for line in lines]
        return lines or [f"{sources[0].relative_to(self.root)}: {done.stderr[-400:]}"]

    def all_findings(self, paths):
        commands = json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8"))
        made = batches([self.root / path for path in sorted(paths)], commands)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            found = pool.map(lambda batch: self.findings(*batch), made)
            return sorted({line for lines in found for line in lines})
