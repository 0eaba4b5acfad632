"""Where isolation is tried: a small world behind this machine, and leases with one protection off.

A control is the lease's own container once more, as podman wrote it down (its config.json), with
one thing changed, run by runc for the time of a few probes. Nothing of it outlives the test.
"""
import copy
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

import leftovers
from stack import ROOT

HERE = pathlib.Path(__file__).resolve().parent
PROBES = HERE / "isolation_probes.py"
ALL_CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_TIME", "CAP_SYSLOG", "CAP_MKNOD",
                    "CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE", "CAP_BPF", "CAP_PERFMON",
                    "CAP_NET_RAW", "CAP_NET_ADMIN")
METADATA = "169.254.169.254"
SERVER = """
import select, socket
tcp = []
for port in (80, 25):
    one = socket.socket(); one.bind(("", port)); one.listen(8); tcp.append(one)
udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("", 9999))
print("ready", flush=True)
while True:
    for one in select.select([*tcp, udp], [], [])[0]:
        if one is udp: print(udp.recvfrom(64)[1][0], flush=True)
        else: one.accept()[0].close()
"""
SPOOF = """
import socket, struct, sys
source, target = (socket.inet_aton(word) for word in sys.argv[1:])
udp = struct.pack("!HHHH", 9, 9999, 9, 0) + b"x"
head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, source, target)
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).sendto(
    head + udp, (sys.argv[2], 0))
"""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], text=True, check=True, timeout=60,
                          capture_output=True, stdin=subprocess.DEVNULL, **options).stdout


class Lease:
    """What this machine knows of a lease; the renter sees none of it."""

    def __init__(self, world, address, host="host"):
        self.address = address
        state = world.state / "hosts" / host
        self.instance = pathlib.Path(
            "/run/obelisk/" + hashlib.sha256(str(state).encode()).hexdigest()[:8])
        self.table = f"obelisk_{self.instance.name}"
        self.record = json.loads((state / "containers" / address / "record.json").read_text())
        self.interface = f"obelisk{self.record['slot']}"
        self.mounts = self.instance / "mnt" / address
        for file in (self.instance / "podman/root/vfs-containers").glob("*/userdata/config.json"):
            config = json.loads(file.read_text())
            if config["root"]["path"] == str(self.mounts / "root"):
                self.config = config
        self.cgroup = self.config["linux"]["cgroupsPath"]
        inside = run("ip", "-n", self.interface, "-j", "-4", "addr", "show", "dev", "eth0")
        outside = run("ip", "-j", "-4", "addr", "show", "dev", self.interface)
        self.ip, self.gateway = (json.loads(text)[0]["addr_info"][0]["local"]
                                 for text in (inside, outside))

    def disk_device(self):
        """The number of the loop device that its disk is."""
        for file in pathlib.Path("/sys/block").glob("loop*/loop/backing_file"):
            if self.address in file.read_text():
                major, minor = (file.parents[1] / "dev").read_text().split(":")
                return os.makedev(int(major), int(minor))
        raise AssertionError("its disk is no loop device")

    def limit(self, controller, name):
        """A file of its control group; version 1, as where the tests run."""
        return pathlib.Path(f"/sys/fs/cgroup/{controller}{self.cgroup}/{name}")


class Outside:
    """The internet, a neighbour in the host's network and a metadata service: one namespace, to
    which only what comes from the lease's interface is routed."""

    def __init__(self, lease, but):
        self.name = leftovers.mine(leftovers.OUTSIDE)
        third = random.randrange(64, 128)
        self.neighbour, link = f"192.168.{third}.2", f"192.168.{third}.1"
        self.public = "203.0.113.77"
        self.rule = ("iif", lease.interface, "lookup", str(random.randrange(10_000, 60_000)))
        self.undo = []
        self.do(("ip", "netns", "add", self.name), ("ip", "netns", "del", self.name))
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns",
            self.name)
        run("ip", "addr", "add", f"{link}/30", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        for words in (("addr", "add", f"{self.neighbour}/30", "dev", "eth0"),
                      ("addr", "add", f"{self.public}/32", "dev", "lo"),
                      ("addr", "add", f"{METADATA}/32", "dev", "lo"),
                      ("link", "set", "lo", "up"), ("link", "set", "eth0", "up"),
                      ("route", "add", "default", "via", link)):
            run("ip", "-n", self.name, *words)
        for kind in ("all", "eth0"):
            run("ip", "netns", "exec", self.name, "sysctl", "-qw",
                f"net.ipv4.conf.{kind}.rp_filter=0")
        run("sysctl", "-qw", f"net.ipv4.conf.{self.name}.rp_filter=0")
        table = self.rule[-1]
        self.do(("ip", "route", "add", "default", "via", self.neighbour, "table", table),
                ("ip", "route", "flush", "table", table))
        run("ip", "route", "add", "throw", f"{but}/32", "table", table)  # that goes as always
        self.do(("ip", "rule", "add", *self.rule), ("ip", "rule", "del", *self.rule))
        self.server = subprocess.Popen(
            ["ip", "netns", "exec", self.name, sys.executable, "-c", SERVER], text=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self.server.stdout.readline() == "ready\n"
        os.set_blocking(self.server.stdout.fileno(), False)

    def do(self, words, undo):
        run(*words)
        if undo:
            self.undo.append(undo)

    def heard(self):
        try:
            return os.read(self.server.stdout.fileno(), 4096).decode().split()
        except BlockingIOError:
            return []

    def close(self):
        self.server.kill()
        self.server.wait()
        for words in reversed(self.undo):
            subprocess.run(words, check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.name], check=False, capture_output=True)


def without_user_range(config):
    config["linux"].pop("uidMappings")
    config["linux"].pop("gidMappings")
    drop_namespace(config, "user")


def drop_namespace(config, kind):
    config["linux"]["namespaces"] = [
        one for one in config["linux"]["namespaces"] if one["type"] != kind]


def with_all_capabilities(config):
    for names in config["process"]["capabilities"].values():
        names += [name for name in ALL_CAPABILITIES if name not in names]


def without_seccomp(config):
    config["linux"].pop("seccomp")


def as_this_machines_root(config):
    """User range, capabilities, seccomp and read-only settings: each of these alone would do."""
    without_user_range(config)
    with_all_capabilities(config)
    without_seccomp(config)
    config["linux"]["readonlyPaths"] = []


def without_devices_group(config):
    as_this_machines_root(config)
    config["linux"]["resources"]["devices"] = [
        {"allow": True, "type": "a", "access": "rwm"}]


def without_masks(config):
    config["linux"]["maskedPaths"] = []


def without_process_namespace(config):
    drop_namespace(config, "pid")
    drop_namespace(config, "cgroup")
    config["mounts"] = [one for one in config["mounts"] if one["destination"] != "/proc"]
    config["mounts"].append({"destination": "/proc", "type": "bind", "source": "/proc",
                             "options": ["rbind"]})
    without_user_range(config)
    with_all_capabilities(config)
    without_seccomp(config)


def without_cgroup_namespace(config):
    drop_namespace(config, "cgroup")


def with_a_network_of_its_own(config):
    drop_namespace(config, "network")
    config["linux"]["namespaces"].append({"type": "network"})


def allowing_new_privileges(config):
    config["process"]["noNewPrivileges"] = False


def with_room(config):
    config["linux"]["resources"]["memory"] = {"limit": 512 << 20, "swap": 512 << 20}
    config["linux"]["resources"]["pids"] = {"limit": 1000}


class Controls:
    """Runs probes in the lease's container once more, with something taken away."""

    def __init__(self, lease, folder):
        self.lease, self.folder = lease, pathlib.Path(folder)
        self.number = 0

    def probe(self, change, wanted, keep=()):
        """What each probe says where `change` was made to the container; `keep` are device nodes
        to lay there: (path, mode, device)."""
        self.number += 1
        name = f"obelisk-control-{os.getpid()}-{self.number}"
        bundle = self.folder / name
        for part in ("up", "work", "root", "workspace", "lease"):
            (bundle / part).mkdir(parents=True)
        config = copy.deepcopy(self.lease.config)
        change(config)
        ranged = "uidMappings" in config["linux"]
        owner = config["linux"]["uidMappings"][0]["hostID"] if ranged else 0
        image = (ROOT / "build/image/resident/ssh").resolve() / "rootfs"
        lower = self.lease.mounts / "lower" if ranged else image
        (bundle / "up/opt").mkdir(mode=0o755)
        shutil.copy(PROBES, bundle / "up/opt/probes.py")
        for path, mode, device in keep:
            os.mknod(bundle / "up" / path, mode, device)
        for path in (bundle / "up", bundle / "up/opt", bundle / "workspace", bundle / "lease"):
            os.chown(path, owner, owner)
        shutil.copy(PROBES, bundle / "lease/authorized_keys")
        os.chown(bundle / "lease/authorized_keys", owner, owner)
        for mount in config["mounts"]:
            if mount["destination"] in ("/workspace", "/lease"):
                mount["source"] = str(bundle / mount["destination"][1:])
        config["mounts"] = [one for one in config["mounts"] if one["destination"] not in
                            ("/etc/hostname", "/run/.containerenv")]
        config["root"]["path"] = str(bundle / "root")
        config["linux"]["cgroupsPath"] = f"/{name}"
        config["process"]["args"] = ["/usr/bin/python3", "/opt/probes.py", json.dumps(wanted)]
        (bundle / "config.json").write_text(json.dumps(config))
        for path in (self.folder.parent, self.folder, bundle):
            path.chmod(0o755)
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={lower},upperdir={bundle}/up,workdir={bundle}/work", bundle / "root")
        try:
            done = subprocess.run(
                ["runc", "--root", str(self.folder / "runc"), "run", "--bundle", str(bundle),
                 name], text=True, capture_output=True, check=False, timeout=60,
                stdin=subprocess.DEVNULL)
            assert done.returncode == 0, done
        finally:
            run("umount", bundle / "root")
            shutil.rmtree(bundle)
        return {said["name"]: said for said in map(json.loads, done.stdout.splitlines())}
