"""A host's parts die, its machine is restarted, its disk is full, its network is gone: each time
the lease goes on as it was, or it ends with the money right by the chain alone."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import chain
import isolation_lab as lab
import leftovers
import pytest
import remains
from conftest import until
from test_power_cuts import stops_right
from test_rental import traces

RELAY = """
import asyncio, sys
async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data); await writer.drain()
    except OSError:
        pass
    writer.close()
async def main():
    for target in sys.argv[1:]:
        host, port = target.split(":")
        async def serve(reader, writer, host=host, port=port):
            there = await asyncio.open_connection(host, int(port))
            await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


# On a machine that is busy with other tests the watch's minute may have to begin anew, since a node
# that says nothing for five seconds is no control: here is room for that.
TERMS = {"gap-limit-s": 600}
DARK_FROM_S = 601  # nobody is called dark before the watch is up for so long
SLOT_MS = 60  # a card is free for the next test once its lease's end is final: 32 slots


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    world = make_world(TERMS, slot_ms=SLOT_MS)
    world.warp(DARK_FROM_S)
    return world


def begin(world):
    lease = world.rent(seconds=3600)["lease"]
    assert world.ssh(lease, "echo kept >/workspace/kept").returncode == 0
    world.warp(5)  # else it may be stopped in its first second
    return lease, lab.Lease(world, lease)


def rents_on(world):
    lease = world.rent(seconds=600)["lease"]
    world.warp(5)  # else it may be stopped in its first second
    stops_right(world, lease)


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


def paid_to_the_last_proof(world, lease):
    facts = world.lease(lease)
    _, ready, *_, ended = chain.history(world.rpc, lease)
    events = [event for record in chain.history(world.rpc, lease)
              for event in chain.events(record, world.addresses["program"])]
    served = chain.events(ended, world.addresses["program"])[-1]["proven_until"]
    served -= ready["blockTime"]
    assert sum(event["to_host"] + event["to_treasury"] for event in events) == (
        int(facts["lamports_per_hour"]) * served // 3600)
    assert facts["outcome"] == "host_dark", facts
    assert served <= facts.get("attestation", {}).get("alive_until", 1 << 62) - ready["blockTime"]
    return served


def test_the_machine_somebody_rents_is_killed(world):
    lease, _ = begin(world)
    world.let_time_pass(lease, 120)
    os.kill(first_process(world, lease), signal.SIGKILL)
    world.warp(61)  # the next login is due
    world.stopped_as_dark(lease)
    assert paid_to_the_last_proof(world, lease) >= 100
    until(lambda: not traces(lease), 40)


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
    # Until the host is back another test's host could take the slot; after a real restart there
    # would be none. Nobody takes a slot whose namespace is there.
    lab.run("ip", "netns", "add", seen.interface)
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


def fill(folder):
    """To the last block, without writing."""
    size = 1 << 32
    with open(folder / "full", "wb") as file:
        while size >= 4096:
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
            except OSError:
                size //= 2


def test_the_hosts_disk_is_full(make_world):
    world = make_world(start=False, slot_ms=SLOT_MS)
    folder = world.state / "hosts/host"
    folder.mkdir(parents=True)
    image = world.state / "host-disk.img"
    with open(image, "wb") as file:
        file.truncate(8 << 30)
    lab.run("mkfs.ext4", "-q", "-m", "0", image)
    lab.run("mount", "-o", "loop", image, folder)
    try:
        world.start_all()
        lease, _ = begin(world)
        fill(folder)
        wrote = world.ssh(lease, "dd if=/dev/zero of=/workspace/more bs=1M count=300 conv=fsync "
                                 "2>/dev/null && echo all of it is on the disk")
        assert wrote.stdout == "all of it is on the disk\n", wrote
        world.warp(61)
        stops_right(world, lease)
        until(lambda: not traces(lease), 40)
        until(lambda: not list((folder / "containers").iterdir()), 10)
        assert world.hosts["host"].running()
        (folder / "full").unlink()
        rents_on(world)
    finally:
        world.stop()
        # The loop devices of its leases let go of it a moment after they are unmounted.
        until(lambda: subprocess.run(["umount", folder], check=False, stderr=subprocess.DEVNULL,
                                     stdin=subprocess.DEVNULL).returncode == 0, 10)


@contextlib.contextmanager
def relayed(world):
    """The host reaches market and chain by ports of its own, which can be cut."""
    real = {name: world.endpoints[name] for name in ("market", "rpc", "ws")}
    targets = [url.split("//")[1].strip("/") for url in real.values()]
    relay = subprocess.Popen([sys.executable, "-c", RELAY, *targets], text=True,
                             stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        ports = [int(relay.stdout.readline()) for _ in targets]
        for (name, url), port in zip(real.items(), ports):
            world.endpoints[name] = f"{url.split('//')[0]}//127.0.0.1:{port}"
        world.start_host()
        world.endpoints.update(real)
        yield ports
    finally:
        relay.kill()
        relay.wait()


@contextlib.contextmanager
def cut(ports):
    """No packet to or from these ports of this machine arrives."""
    table = leftovers.mine(leftovers.CUT)
    chosen = "{ " + ", ".join(map(str, ports)) + " }"
    rules = (f"table inet {table} {{\nchain input {{\ntype filter hook input priority -5\n"
             f"tcp dport {chosen} drop\ntcp sport {chosen} drop\n}}\n}}\n")
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
    try:
        yield
    finally:
        lab.run("nft", "delete", "table", "inet", table)


def test_the_hosts_network_is_lost(make_world):
    world = make_world(TERMS, start=False, slot_ms=SLOT_MS)
    world.start_chain()
    world.create_market()
    world.start_gateway()
    world.start_market()
    world.warp(DARK_FROM_S)
    with relayed(world) as ports:
        world.wait_offer()
        lease, _ = begin(world)
        door = world.lease(lease)["ssh"]["port"]
        with cut([*ports, door]):
            time.sleep(4)
        assert disk_is_mine(world, lease), "some seconds are nothing"
        world.let_time_pass(lease, 120)
        with cut([*ports, door]):
            world.warp(61)  # the next login is due
            world.stopped_as_dark(lease)
            world.warp(600)
            assert traces(lease), "the host knows nothing of it yet"
        assert paid_to_the_last_proof(world, lease) >= 100
        until(lambda: not traces(lease), 60)
        rents_on(world)
        world.stop()
