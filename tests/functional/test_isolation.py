"""What somebody with root in a lease can do to the machine around it: tried, and each refusal shown
to be one by a control, which is the same attempt with that protection off and has to come through.

Writes docs/isolation.md and fails where the committed one says something else;
OBELISK_WRITE_ISOLATION=1 puts the new one there.
"""
import base64
import collections
import json
import os
import shlex
import socket
import subprocess
import tempfile
import time

import isolation_lab as lab
import pytest
from conftest import ROOT, until

PAGE = ROOT / "docs/isolation.md"
Row = collections.namedtuple("Row", "part attempt protection probe change", defaults=(None,))

SHARE, KERNEL, LOOK, NET, OPEN = ("More than its share", "The kernel and its devices",
                                  "Looking around", "The network", "What is not closed")
LAYERS = "user range, dropped capabilities, seccomp, read-only `/proc/sys`"
MASKS = "`/proc` and `/sys` masked where they show others"
TABLE = "the host's nftables table"
ROOT_OF_HOST = lab.as_this_machines_root

# Those whose control is the container once more with `change` made to it.
ROWS = [
    Row(SHARE, "take 200 MiB of memory where 128 are left", "memory limit of the control group",
        ("memory_bomb",), lab.with_room),
    Row(SHARE, "fork 300 processes where 100 are allowed", "process limit of the control group",
        ("fork_bomb",), lab.with_room),
    Row(SHARE, "fill 3 GiB of a disk of 2 GB", "a disk image of the bought size",
        ("disk_bomb",), lab.with_room),
    Row(KERNEL, "mount a file system", LAYERS, ("mount_something",), ROOT_OF_HOST),
    Row(KERNEL, "make a disk's device node", LAYERS, ("make_device",), ROOT_OF_HOST),
    Row(KERNEL, "open another tenant's disk by a device node that is there",
        "`nodev`, device control group", ("open_device", "/opt/node"), lab.without_devices_group),
    Row(KERNEL, "change `kernel.core_pattern`", LAYERS,
        ("write_setting", "/proc/sys/kernel/core_pattern"), ROOT_OF_HOST),
    Row(KERNEL, "change `vm.overcommit_memory`", LAYERS,
        ("write_setting", "/proc/sys/vm/overcommit_memory"), ROOT_OF_HOST),
    Row(KERNEL, "read the kernel's log", LAYERS, ("read_kernel_log",), ROOT_OF_HOST),
    Row(KERNEL, "load a kernel module", LAYERS, ("load_module",), ROOT_OF_HOST),
    Row(KERNEL, "set the clock", LAYERS, ("set_clock",), ROOT_OF_HOST),
    Row(KERNEL, "swap to a file", LAYERS, ("swap_on",), ROOT_OF_HOST),
    Row(KERNEL, "load a BPF map", LAYERS, ("load_bpf",), ROOT_OF_HOST),
    Row(KERNEL, "watch the whole processor's performance counters", LAYERS,
        ("watch_performance",), ROOT_OF_HOST),
    Row(KERNEL, "open a file by its number, past the mounts", LAYERS, ("open_by_handle",),
        ROOT_OF_HOST),
    Row(KERNEL, "keep keys in the kernel's keyring", "seccomp", ("use_keyring",),
        lab.without_seccomp),
    Row(KERNEL, "nest a user namespace and mount in it", "`user.max_user_namespaces` is 0 inside",
        ("nested_user_namespace",), lambda config: None),
    Row(KERNEL, "make a network namespace", LAYERS, ("network_namespace",), ROOT_OF_HOST),
    Row(KERNEL, "become root by a setuid program", "no new privileges", ("setuid_program",),
        lab.allowing_new_privileges),
    Row(LOOK, "see a process of this machine", "process namespace, user range",
        ("see_processes", "PID"), lab.without_process_namespace),
    Row(LOOK, "trace a process of this machine", "process namespace, user range",
        ("trace_process", "PID"), lab.without_process_namespace),
    Row(LOOK, "list the control groups", MASKS, ("read_folder", "/sys/fs/cgroup"),
        lab.without_masks),
    Row(LOOK, "read its own place among the control groups", "control group namespace",
        ("read_cgroup",), lab.without_cgroup_namespace),
    Row(LOOK, "list this machine's network interfaces", MASKS,
        ("read_folder", "/sys/devices/virtual/net"), lab.without_masks),
    Row(LOOK, "read where other leases' disks lie", MASKS,
        ("read_file", "/sys/devices/virtual/block/loop*/loop/backing_file"), lab.without_masks),
    Row(LOOK, "list this machine's disks", MASKS, ("read_folder", "/sys/class/block"),
        lab.without_masks),
    Row(LOOK, "read the partitions", MASKS, ("read_file", "/proc/partitions"), lab.without_masks),
    Row(LOOK, "change who may log in", "`/lease` is read-only",
        ("write_file", "/lease/authorized_keys"), "writable"),
    Row(NET, "open a raw socket", "a network that belongs to the host",
        ("raw_socket",), lab.with_a_network_of_its_own),
    Row(NET, "read packets off the wire", "a network that belongs to the host",
        ("packet_socket",), lab.with_a_network_of_its_own),
]
NOT_CLOSED = [
    ("read this machine's load and memory", ("read_file", "/proc/loadavg")),
    ("read the kernel's modules", ("read_folder", "/sys/module")),
    ("read the private ssh key of its own machine",
     ("read_file", "/lease/ssh_host_ed25519_key")),
]
HEAD = """# Isolation, shown

What root in a lease tried, over ssh, on a real lease, and what became of it. Each attempt was made
a second time with what is named off (the same container once more without it, or the host's table
of rules taken away) and came through: so that is what stops it, and the probe works. Where several
are named, all of them were off the second time.

This page is written by `tests/functional/test_isolation.py`, which runs the probes of
`isolation_probes.py` in each `./test` and fails where an answer changes. The limits of memory and
processes were lowered for the bombs, so that they are small; the mechanism is that of every lease.
"""
FOOT = """
Not tried: a fault of the kernel itself, of NVIDIA's driver or of the card; side channels of the
processor; a device that a card's driver makes. A lease shares the host's kernel.

With no new privileges, `sudo` does nothing inside and programs with file capabilities get none: who
logs in is root already, and `ping` works without. Without user namespaces inside, sandboxes that
make their own (browsers, bubblewrap, rootless podman) have to be told to do without.
"""


def change_lease_mount(config):
    for mount in config["mounts"]:
        if mount["destination"] == "/lease":
            mount["options"].remove("ro")


@pytest.fixture(name="leases", scope="module")
def fixture_leases(world):
    """Two tenants of two hosts on this machine."""
    world.start_demo_host(1)
    until(lambda: {offer["card"] for offer in world.get("/v1/offers")["offers"]} ==
          {"cpu", "rtx-4090"})
    mine = lab.Lease(world, world.rent()["lease"])
    yield mine, lab.Lease(world, world.rent(card="rtx-4090")["lease"], "demo-1")


def inside(world, lease, wanted):
    done = world.ssh(lease.address, "python3 /opt/probes.py " + shlex.quote(json.dumps(wanted)))
    assert done.returncode == 0, done
    return {said["name"]: said for said in map(json.loads, done.stdout.splitlines())}


def put_probes(world, lease):
    text = base64.b64encode(lab.PROBES.read_bytes()).decode()
    done = world.ssh(lease.address, f"echo {text} | base64 -d >/opt/probes.py")
    assert done.returncode == 0, done


def lower_limits(lease):
    """So that a bomb is a small one. What podman set is what was bought."""
    memory, processes = (lease.limit("memory", "memory.limit_in_bytes"),
                         lease.limit("pids", "pids.max"))
    assert int(memory.read_text()) // 4096 == lease.record["memory_bytes"] // 4096
    assert int(processes.read_text()) == lease.record["max_processes"]
    both = lease.limit("memory", "memory.memsw.limit_in_bytes")
    memory.write_text(str(128 << 20))
    if both.exists():
        both.write_text(str(128 << 20))
    processes.write_text("100")


def attempts(pid):
    return {row.attempt: [pid if word == "PID" else word for word in row.probe] for row in ROWS}


def lay_node(lease, device):
    """As nobody inside could make it; its owner may do with it as he likes."""
    node = lease.mounts / "root/opt/node"
    os.mknod(node, 0o60600, device)
    base = lease.config["linux"]["uidMappings"][0]["hostID"]
    os.chown(node, base, base)


def try_containers(world, lease, victim, disk):
    put_probes(world, lease)
    lower_limits(lease)
    lay_node(lease, disk)
    wanted = attempts(victim)
    here = inside(world, lease, wanted)
    groups = collections.defaultdict(list)
    for row in ROWS:
        groups[change_lease_mount if row.change == "writable" else row.change].append(row.attempt)
    there = {}
    with tempfile.TemporaryDirectory(prefix="obelisk-control-") as folder:
        controls = lab.Controls(lease, os.path.join(folder, "c"))
        for change, names in groups.items():
            there |= controls.probe(change, {name: wanted[name] for name in names},
                                    keep=[("opt/node", 0o60600, disk)])
    return here, there


def try_network(world, lease, other):
    """With the table, and with it gone: this host's alone, and back it comes."""
    outside = lab.Outside(lease, but=other.ip)
    listener = socket.create_server(("0.0.0.0", 0))
    port = listener.getsockname()[1]
    wanted = {
        "reach this machine by the lease's gateway": ("connect", lease.gateway, port),
        "reach this machine by another lease's gateway": ("connect", other.gateway, port),
        "reach another tenant's ssh": ("connect", other.ip, 22),
        "reach a machine in the host's own network": ("connect", outside.neighbour, 80),
        "reach the metadata address 169.254.169.254": ("connect", lab.METADATA, 80),
        "send mail (port 25)": ("connect", outside.public, 25),
        "reach the internet (nothing forbids that)": ("connect", outside.public, 80),
    }
    strict = f"/proc/sys/net/ipv4/conf/{lease.interface}/rp_filter"

    def spoof(wait_s):
        for _ in range(3):
            lab.run("ip", "netns", "exec", lease.interface, "python3", "-c", lab.SPOOF,
                    "198.51.100.7", outside.public)
        deadline = time.monotonic() + wait_s
        came = False
        while not came and time.monotonic() < deadline:
            time.sleep(0.2)
            came = "198.51.100.7" in outside.heard()
        return {"went": came, "text": "arrived" if came else "dropped"}

    name = "send from an address that is not its own"
    try:
        here = inside(world, lease, wanted)
        here[name] = spoof(1)
        rules = lab.run("nft", "list", "table", "inet", lease.table)
        theirs = lab.run("nft", "list", "table", "inet", other.table)
        lab.run("nft", "delete", "table", "inet", lease.table)
        lab.run("nft", "delete", "table", "inet", other.table)
        try:
            there = inside(world, lease, wanted)
            write(strict, "0")
            there[name] = spoof(10)
        finally:
            write(strict, "1")
            for text in (rules, theirs):
                subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)
        again = inside(world, lease, wanted)
        assert {key: said["went"] for key, said in again.items()} == {
            key: here[key]["went"] for key in again}
    finally:
        listener.close()
        outside.close()
    return here, there, name


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def table_of(part, rows):
    out = [f"\n## {part}\n", "| attempt | what protects | in a lease | with that off |",
           "|---|---|---|---|"]
    return "\n".join(out + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def test_a_lease_stays_in_and_the_page_says_so(world, leases):
    lease, other = leases
    victim = subprocess.Popen(["sleep", "600"])
    try:
        here, there = try_containers(world, lease, victim.pid, other.disk_device())
    finally:
        victim.kill()
        victim.wait()
    page = HEAD
    wrong = []

    def judged(attempt, protection, one, control):
        if one["went"]:
            wrong.append(f"{attempt}: {one['text']}")
        if not control["went"]:
            wrong.append(f"{attempt}, its control: {control['text']}")
        return attempt, protection, one["text"], control["text"]

    for part in (SHARE, KERNEL, LOOK):
        page += table_of(part, [judged(row.attempt, row.protection, here[row.attempt],
                                       there[row.attempt]) for row in ROWS if row.part == part])
    near, far, spoofed = try_network(world, lease, other)
    free = "reach the internet (nothing forbids that)"
    assert near.pop(free)["went"] and far.pop(free)["went"], "the probes reach nothing at all"
    rows = [judged(row.attempt, row.protection, here[row.attempt], there[row.attempt])
            for row in ROWS if row.part == NET]
    rows += [judged(name, TABLE + (", `rp_filter`" if name == spoofed else ""), near[name],
                    far[name]) for name in near]
    page += table_of(NET, rows)
    opened = inside(world, lease, {name: probe for name, probe in NOT_CLOSED})
    page += f"\n## {OPEN}\n\n| attempt | in a lease |\n|---|---|\n"
    page += "".join(f"| {name} | {opened[name]['text']} |\n" for name, _ in NOT_CLOSED) + FOOT
    assert not wrong, "\n".join(wrong)
    assert world.ssh(lease.address, "echo alive").stdout == "alive\n"
    if os.environ.get("OBELISK_WRITE_ISOLATION"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page, "write it anew: OBELISK_WRITE_ISOLATION=1"
