#!/usr/bin/python3
"""What a host takes: from paid to a login, eight at once, wiping, memory, beside plain podman.

    ./dev bench host [--leases 50] [--idle-s 20] [--json]
"""
import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from run import Client, ssh_key  # noqa: E402
from stack import Stack  # noqa: E402

CARD = "rtx-4090"
AT_ONCE = 8
GOALS = {"login_p50_ms": 1000, "login_p99_ms": 3000, "agent_mb": 50, "idle_cpu_percent": 0.5}


def rank(values, share):
    """By nearest rank, as the market counts."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def rent(stack, client):
    stack.wait_offer(CARD, 60)
    return client("rent", CARD, "--seconds", 900, "--disk", "2GB", "--ssh-key", ssh_key(stack),
                  "--yes")


def stop(stack, client, lease):
    """Until nothing of it is left on this machine, from the confirmed stop on; in ms."""
    client("stop", lease, "--yes")
    began = time.monotonic()
    folder = stack.state / "hosts/demo-1/containers" / lease
    while folder.exists():
        if time.monotonic() - began > 60:
            raise SystemExit(f"{lease} was not wiped in a minute.")
        time.sleep(0.005)
    return (time.monotonic() - began) * 1000


class PlainPodman:
    """`podman run` of the same image with sshd, without disk, network, limits or market."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.rootfs = (ROOT / "build/image/resident/ssh").resolve() / "rootfs"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / "key"],
                       check=True, stdin=subprocess.DEVNULL)
        inside = self.folder / "lease"
        inside.mkdir()
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", inside / "host"],
                       check=True, stdin=subprocess.DEVNULL)
        shutil.copy(self.folder / "key.pub", inside / "authorized_keys")
        hard = os.sysconf("SC_OPEN_MAX")
        (self.folder / "containers.conf").write_text(
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
            f'[containers]\ndefault_ulimits = ["nofile={min(hard, 20000)}:{min(hard, 20000)}",'
            '"nproc=32768:32768"]\n')
        self.podman = ["podman", "--root", self.folder / "store", "--runroot", self.folder / "run",
                       "--storage-driver", "overlay"]
        self.environment = {**os.environ, "CONTAINERS_CONF": str(self.folder / "containers.conf")}

    def call(self, *words):
        subprocess.run([*self.podman, *words], check=True, capture_output=True,
                       env=self.environment)

    def one(self):
        """From the command to the first login; in ms."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (self.folder / "lease/config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey /lease/host\nUsePAM no\nUseDNS no\n"
            "AuthorizedKeysFile /lease/authorized_keys\nStrictModes no\nPidFile none\n")
        began = time.monotonic()
        self.call("run", "-d", "--name", "plain", "--network", "host", "-v",
                  f"{self.folder}/lease:/lease:ro", "--rootfs", f"{self.rootfs}:O", "/bin/sh", "-c",
                  "mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e -f /lease/config")
        try:
            while subprocess.run(
                    ["ssh", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o",
                     "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes",
                     "-i", self.folder / "key", "-p", str(port), "root@127.0.0.1", "true"],
                    check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode != 0:
                if time.monotonic() - began > 30:
                    raise SystemExit("podman's own container took no login.")
                time.sleep(0.005)
            return (time.monotonic() - began) * 1000
        finally:
            self.call("rm", "-f", "-t", "0", "plain")


def of_process(pid):
    """Resident bytes, and seconds of the processor so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE"), seconds


def measure(stack, options):
    client = Client(stack)
    host = stack.hosts["demo-1"]
    stop(stack, client, rent(stack, client)["lease"])  # warm: nothing of the first is counted
    with tempfile.TemporaryDirectory(prefix="obelisk-plain-") as folder:
        plain = PlainPodman(folder)
        plain.one()
        waits, wipes, plains = [], [], []
        for number in range(options.leases):
            rented = rent(stack, client)
            waits.append(rented["confirmed_to_ssh_ms"])
            wipes.append(stop(stack, client, rented["lease"]))
            if number % 2 == 0:
                plains.append(plain.one())
            print(f"\r{number + 1} of {options.leases} leases", end="", file=sys.stderr)
        print(file=sys.stderr)
        subprocess.run(["umount", "-R", f"{folder}/store/overlay"], check=False,
                       capture_output=True)
    # A wallet's unpaid quotes hold few of the cards: eight at once are eight people.
    names = [f"renter-{number}" for number in range(AT_ONCE)]
    stack.make_keys(names)
    stack.fund(names, 10)
    renters = [Client(stack, name) for name in names]
    until = time.monotonic() + 60
    while stack.wait_offer(CARD, 60)["count"] < AT_ONCE and time.monotonic() < until:
        time.sleep(0.2)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        together = list(pool.map(lambda one: rent(stack, one), renters))
    time.sleep(3)
    memory, before = of_process(host.pid)
    time.sleep(options.idle_s)
    busy = (of_process(host.pid)[1] - before) / options.idle_s * 100
    for renter, one in zip(renters, together):
        stop(stack, renter, one["lease"])
    at_once = [one["confirmed_to_ssh_ms"] for one in together]
    return {"leases": options.leases, "login_p50_ms": round(rank(waits, 0.5)),
            "login_p99_ms": round(rank(waits, 0.99)), "wipe_p50_ms": round(rank(wipes, 0.5)),
            "wipe_p99_ms": round(rank(wipes, 0.99)),
            "eight_at_once_p50_ms": round(rank(at_once, 0.5)),
            "eight_at_once_max_ms": round(max(at_once)),
            "agent_mb": round(memory / 1e6, 1), "idle_cpu_percent": round(busy, 2),
            "podman_p50_ms": round(rank(plains, 0.5)), "podman_max_ms": round(max(plains))}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench host", description=__doc__.splitlines()[0])
    parser.add_argument("--leases", type=int, default=50, choices=range(2, 1001), metavar="N")
    parser.add_argument("--idle-s", type=int, default=20, choices=range(5, 601), metavar="S")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="obelisk-bench-") as directory:
        stack = Stack(directory)
        try:
            stack.start_chain()
            stack.create_market()
            stack.start_market()
            stack.start_demo_host(1, count=AT_ONCE)
            figures = measure(stack, options)
        finally:
            stack.stop()
            subprocess.run(["find", directory, "-xdev", "-mindepth", "1", "-delete"], check=False)
    missed = [f"{name} under {goal}" for name, goal in GOALS.items() if figures[name] >= goal]
    ratio = round(figures["login_p50_ms"] / figures["podman_p50_ms"], 2)
    if options.json:
        print(json.dumps({"name": "host", "figures": figures,
                          "ratios": {"login/podman_run": ratio}, "goals_missed": missed}))
        return 0
    for name, value in figures.items():
        print(f"  {name:<24}{value:>10}")
    print(f"From the confirmed payment to a shell: {ratio} x a plain `podman run` with sshd.")
    for goal in missed:
        print(f"Missed: {goal}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
