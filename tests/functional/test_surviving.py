"""Parts of podman die, and the whole machine is restarted: the lease goes on, on its own disk, and
the money comes right by the chain alone."""
import contextlib
import os
import pathlib
import signal
import subprocess

import isolation_lab as lab
import pytest
import remains
from conftest import until
from test_power_cuts import stops_right
from test_rental import traces


def begin(world):
    lease = world.rent(seconds=3600)["lease"]
    assert world.ssh(lease, "echo kept >/workspace/kept").returncode == 0
    return lease, lab.Lease(world, lease)


def disk_is_mine(world, lease):
    return until(lambda: world.ssh(lease, "cat /workspace/kept").stdout == "kept\n", 40, 0.5)


def processes_naming(words):
    """(pid, command line) of each that says all of these."""
    for pid in remains.processes():
        with contextlib.suppress(OSError):
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if all(word in line for word in words):
                yield pid


def kill_each(pids):
    found = list(pids)
    assert found, "there was nothing to kill"
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def first_process(world, lease):
    (pid,) = remains.Host(world.state / "hosts/host").running()
    assert lease in pathlib.Path(f"/proc/{pid}/mountinfo").read_text()
    return pid


@pytest.mark.parametrize("part", ["podman", "monitor", "podman and monitor"])
def test_a_part_of_podman_is_killed(world, part):
    lease, seen = begin(world)
    if "podman" in part:
        kill_each(processes_naming([str(seen.instance), " system service "]))
    if "monitor" in part:
        kill_each(processes_naming(["conmon", str(seen.instance)]))
    assert disk_is_mine(world, lease)
    stops_right(world, lease)
    until(lambda: not traces(lease), 30)


def reboot(world, seen):
    """All that a restart of the machine undoes; what lies in the state folder stays."""
    pid = first_process(world, seen.address)
    world.hosts["host"].kill()
    kill_each(processes_naming(["conmon", str(seen.instance)]))
    kill_each([pid])
    kill_each(processes_naming([str(seen.instance), " system service "]))
    until(lambda: not pathlib.Path(f"/proc/{pid}").exists())

    def unmounted():
        points = [line.split()[4] for line in remains.lines("cat", "/proc/self/mountinfo")
                  if str(seen.instance) in line.split()[4]]
        for point in reversed(points):
            subprocess.run(["umount", point], check=False, capture_output=True)
        return not points
    until(unmounted)
    lab.run("ip", "link", "del", seen.interface)
    lab.run("ip", "netns", "del", seen.interface)
    lab.run("nft", "delete", "table", "inet", seen.table)
    for group in sorted(remains.Host(world.state / "hosts/host").cgroups(), reverse=True):
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(group)
    lab.run("rm", "-rf", "--one-file-system", seen.instance)
    os.unlink(f"/run/obelisk/slots/{seen.record['slot']}")


def test_the_whole_machine_is_restarted(world):
    lease, seen = begin(world)
    reboot(world, seen)
    assert not traces(lease), "that was no restart"
    world.start_host()
    assert disk_is_mine(world, lease), "on the same disk, behind the same key"
    assert lab.Lease(world, lease).record["slot"] == seen.record["slot"]
    stops_right(world, lease)
    until(lambda: not traces(lease), 30)
