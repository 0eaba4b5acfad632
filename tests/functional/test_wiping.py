"""Many leases, one after the other and side by side, and after them nothing that was not there."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import threading
import time

import pytest
import remains
from conftest import BIN, ROOT, until
from slots import holder_of

SIDE_BY_SIDE = 6
COMMAND = "echo x >/workspace/x; nohup sleep 900 >/dev/null 2>&1 & mkdir /dev/shm/x; sync"


class Seen:
    """What each lease had of this machine's, while it ran."""

    def __init__(self):
        self.spaces, self.slots, self.bases = set(), set(), set()
        self.lock = threading.Lock()
        self.own = remains.namespaces_of("self")

    def note(self, host, lease):
        record = json.loads((host.state / "containers" / lease / "record.json").read_text())
        with self.lock:
            self.slots.add(record["slot"])
            for pid in host.running():
                try:
                    self.bases.add(os.stat(f"/proc/{pid}").st_uid)
                    self.spaces |= remains.namespaces_of(pid) - self.own
                except OSError:
                    continue  # another lease's, which has just ended

    def free(self):
        """Those that no other host's lease has taken since."""
        taken = {slot for slot in self.slots
                 if holder_of(str(slot)) != pathlib.Path("/nowhere")}
        return self.spaces, self.slots - taken, set() if taken else self.bases


@pytest.fixture(name="world")
def fixture_world(make_world):
    # A card is free once its lease's end is final: 32 slots.
    world = make_world(start=False, slot_ms=60)
    world.start_chain()
    world.create_market()
    world.start_market()
    world.start_demo_host(1, count=SIDE_BY_SIDE)
    world.wait_offer()
    world.ssh_key()
    for number in range(SIDE_BY_SIDE):
        world.new_wallet(f"renter-{number}", 10)
    return world


def rent_and_stop(world, host, wallet, seen):
    own = {"OBELISK_STATE": str(world.state / "clients" / wallet)}

    def rented():
        done = world.cli("rent", "rtx-4090", "--seconds", 600, "--disk", "2GB", "--ssh-key",
                         world.ssh_key(), "--yes", wallet=wallet, code=None, environment=own)
        assert done.code in (0, 5, 8), done
        return done.json["lease"] if done.code == 0 else None
    lease = until(rented, 60, 0.2)
    done = subprocess.run([str(BIN / "obelisk"), "ssh", lease, "--", COMMAND], check=False,
                          text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
                          env={**world.client_environment(wallet), **own})
    assert done.returncode == 0, done
    seen.note(host, lease)
    world.cli("stop", lease, "--yes", wallet=wallet, environment=own)


def many_leases(world, number):
    host = remains.Host(world.state / "hosts/demo-1")
    seen = Seen()
    rent_and_stop(world, host, "renter-0", seen)  # what stays from a first lease is there before

    def quiet():
        return not list(host.running()) and not host.slots()
    until(quiet, 30)
    before = host.look()
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        def rents(worker):
            for _ in range(number // SIDE_BY_SIDE + (worker < number % SIDE_BY_SIDE)):
                rent_and_stop(world, host, f"renter-{worker}", seen)
        list(pool.map(rents, range(SIDE_BY_SIDE)))
    until(quiet, 60)

    def changed():
        after = host.look()
        return {kind: sorted(after[kind] ^ before[kind]) for kind in before
                if after[kind] != before[kind]}
    try:
        until(lambda: not changed(), 15, 0.3)
    finally:
        print(json.dumps(changed(), indent=1)[:4000])
    until(lambda: not remains.still_there(host, seen.free()), 10, 0.3)
    assert seen.spaces and seen.bases, "nothing was looked at"
    locks = list((host.instance / "podman/tmp/locks").iterdir())
    # Used again by later containers: as many as there were at once, while others were being wiped.
    assert len(locks) <= max(2 * SIDE_BY_SIDE, number // 5), f"{len(locks)} locks of podman"
    ended = sum(state["state"] == "ended" for wallet in range(SIDE_BY_SIDE)
                for state in world.get("/v1/leases?limit=100", f"renter-{wallet}")["leases"])
    assert ended >= min(number, 100)


def test_leases_leave_nothing_on_this_machine(world):
    many_leases(world, 12)


@pytest.mark.long
def test_two_hundred_leases_leave_nothing_on_this_machine(world):
    many_leases(world, 200)


def test_a_mount_that_somebody_left_is_not_deleted_through(make_world):
    """Wiping refuses, what is below the mount stays, and once it is gone the wipe goes on."""
    world = make_world(start=False, slot_ms=60)
    world.start_all()
    precious = world.state / "precious"
    precious.mkdir()
    (precious / "kept").write_text("kept")
    lease = world.rent(seconds=600)["lease"]
    folder = world.state / "hosts/host/containers" / lease / "ssh"
    subprocess.run(["mount", "--bind", str(precious), str(folder)], check=True)
    try:
        world.cli("stop", lease, "--yes")
        host = remains.Host(world.state / "hosts/host")
        until(lambda: "wiping" in (folder.parent / "record.json").read_text() and
              not (host.instance / "mnt" / lease).exists(), 30)
        time.sleep(0.5)  # by now it would have deleted it
        assert (precious / "kept").read_text() == "kept"
        assert folder.parent.exists()
        world.hosts["host"].kill()
        wipe = subprocess.run(
            [str(BIN / "obelisk-host"), "wipe", "--state", str(world.state / "hosts/host"),
             "--images", str(ROOT / "build/image")], check=False, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=60)
        assert wipe.returncode == 5 and str(folder.parent) in wipe.stderr, wipe
        assert (precious / "kept").read_text() == "kept"
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    world.wipe_after(world.hosts["host"])
    assert not folder.parent.exists() and (precious / "kept").read_text() == "kept"
