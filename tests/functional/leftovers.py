"""What tests put on this machine beside their hosts, named after the process that did: what one
that was killed left, the next removes. A rule or a route that nobody takes away would hold for
every later test."""
import os
import pathlib
import re
import subprocess

CUT, OUTSIDE = "obcut", "obout"  # an nft table; a network namespace and the way to it
NAME = re.compile(rf"({CUT}|{OUTSIDE})(\d+)")


def mine(kind):
    """Short enough for an interface. One of each kind at a time."""
    return f"{kind}{os.getpid()}"


def _is_left(name):
    match = NAME.fullmatch(name)
    # At the start of a session what bears its own pid is an earlier process's.
    return match is not None and (int(match[2]) == os.getpid()
                                  or not os.path.exists(f"/proc/{match[2]}"))


def _do(*words):
    # The other worker may have been faster.
    return subprocess.run(words, text=True, check=False, capture_output=True,
                          stdin=subprocess.DEVNULL).stdout


def sweep():
    for line in _do("nft", "list", "tables", "inet").splitlines():
        name = line.split()[-1]
        if _is_left(name):
            _do("nft", "delete", "table", "inet", name)
    for path in pathlib.Path("/run/netns").glob(f"{OUTSIDE}*"):
        if _is_left(path.name):
            # The other end goes with it, and with that the routes by it; a rule that leads to an
            # empty table leads nowhere.
            for pid in _do("ip", "netns", "pids", path.name).split():
                _do("kill", "-9", pid)
            _do("ip", "netns", "del", path.name)
