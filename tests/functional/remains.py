"""Everything that leases of one host can leave on this machine, as sets of lines by kind, so that
before and after can be compared. Other hosts' leases come and go meanwhile and are not in it."""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess

from slots import SLOTS

NAMESPACES = ("net", "user", "mnt", "pid", "ipc", "uts", "cgroup")
UIDS_PER_SLOT = 65536
# What stays on purpose, and why.
KEPT = {
    r"STATE/leases/[^/]+\.attestation\.json": "the newest proof of a lease: the host is paid by it",
    r"RUN/podman/tmp/locks/\d+": "podman's locks, used again: as many as there were at once",
}


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("podman", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def lines(*command):
    return subprocess.run(command, text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL).stdout.splitlines()


def namespaces_of(pid):
    return {os.readlink(f"/proc/{pid}/ns/{kind}") for kind in NAMESPACES}


def processes():
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            yield int(folder.name)


class Host:
    """One host's state folder, and where it works on this machine."""

    def __init__(self, state):
        self.state = state
        self.instance = pathlib.Path(
            "/run/obelisk/" + hashlib.sha256(str(state).encode()).hexdigest()[:8])

    def names(self, line):
        return str(self.state) in line or str(self.instance) in line

    def running(self):
        """The first process of each lease that runs."""
        connection = Unix(self.instance / "podman.sock")
        connection.request("GET", "/v4.0.0/libpod/containers/json?all=true")
        for one in json.loads(connection.getresponse().read()):
            if one.get("Pid"):
                yield one["Pid"]

    def podman(self):
        connection = Unix(self.instance / "podman.sock")
        out = []
        for what in ("containers/json?all=true", "volumes/json", "pods/json", "images/json"):
            connection.request("GET", "/v4.0.0/libpod/" + what)
            out += [f"{what} {one.get('Id', one.get('Name'))}"
                    for one in json.loads(connection.getresponse().read()) or []]
        return out

    def files(self):
        for top, name in ((self.state, "STATE"), (self.instance, "RUN")):
            for path in top.rglob("*"):
                text = name + str(path)[len(str(top)):]
                if not any(re.fullmatch(kept, text) for kept in KEPT):
                    yield text

    def rules(self):
        text = "\n".join(lines("nft", "-s", "list", "table", "inet",
                               f"obelisk_{self.instance.name}"))
        # How fast each interface may open connections is forgotten by time, not by us.
        return re.sub(r"set rates \{.*?\n\t\}", "", text, flags=re.DOTALL).splitlines()

    def slots(self):
        mine = []
        for path in SLOTS.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another host's, which ended meanwhile
                if str(self.state) in path.read_text(errors="replace"):
                    mine.append(path.name)
        return mine

    def cgroups(self):
        for top in pathlib.Path("/sys/fs/cgroup").glob(f"**/obelisk-{self.instance.name}"):
            yield from map(str, [top, *(path for path in top.rglob("*") if path.is_dir())])

    def look(self):
        """By kind. Names of the machine that hold no name of ours are looked at by what each lease
        had: see `gone`."""
        return {
            "mounts": {line.split()[4] for line in lines("cat", "/proc/self/mountinfo")
                       if self.names(line)},
            "loops": {line for line in lines("losetup", "-a") if self.names(line)},
            "containers": set(self.podman()),
            "processes": {line for line in lines("ps", "-eo", "args") if self.names(line)
                          and not line.startswith(("ps ", "nft ", "runc "))},
            "rules": set(self.rules()),
            "slots": set(self.slots()),
            "cgroups": set(self.cgroups()),
            "files": set(self.files()),
        }


def is_of_another_host(pid, host):
    """By its control group. The kernel gives a namespace's number again at once, to whoever is
    next: another host's lease, say."""
    named = re.findall(r"obelisk-([0-9a-f]{8})", pathlib.Path(f"/proc/{pid}/cgroup").read_text())
    return bool(named) and host.instance.name not in named


def still_there(host, had):
    """Of the namespaces, interfaces and user ranges that leases had: (namespaces, slots, bases)."""
    spaces, slots, bases = had
    left = []
    # Those that are mounted by a lease's name are looked for by their slots.
    mounted = "\n".join(line for line in lines("cat", "/proc/self/mountinfo")
                        if "/run/netns/obelisk" not in line)
    for pid in processes():
        try:
            if is_of_another_host(pid, host):
                continue
            left += [f"{space} of {pid}" for space in namespaces_of(pid) & spaces]
            uid = int(re.search(r"^Uid:\t(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(),
                                re.MULTILINE).group(1))
            left += [f"process {pid} of {base}" for base in bases
                     if base <= uid < base + UIDS_PER_SLOT]
        except OSError:
            continue
    left += [f"{space} is mounted" for space in spaces if space in mounted]
    return left + [f"{place}{slot}" for slot in slots
                   for place in ("/run/netns/obelisk", "/sys/class/net/obelisk")
                   if os.path.exists(f"{place}{slot}")]
