"""What the kernel counts of a process, and which core it may run on: for benchmarks."""
import os
import pathlib


def cores():
    """(the one that is measured, the one for everything else)"""
    mine = sorted(os.sched_getaffinity(0))
    return mine[-1], mine[0]


def pin(pid, core):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})


def cpu_seconds(pid):
    """Of processor time so far, user and system, all its threads."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    """Nothing where it has ended."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None
