"""The processes of ./dev bench relay: what stands between a load and its sink."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/local"))
from processes import cores, pin  # noqa: E402

BUILD = ROOT / "build/release"
BIN = ROOT / "build/bin"
PACKAGES = {"haproxy": "haproxy", "sshd": "openssh-server", "ssh": "openssh-client",
            "openssl": "openssl"}
HAPROXY = """
global
  maxconn 9000
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen one
  bind 127.0.0.1:{port}{bind_tls}
  server next 127.0.0.1:{next}{server_tls}
"""
SSHD = """
Port {port}
ListenAddress {address}
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/key.pub
PidFile none
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
UsePAM no
"""


class BenchError(Exception):
    """Why there are no figures."""


def need_programs():
    os.environ["PATH"] += ":/usr/sbin"
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        raise BenchError(f"This needs the Debian packages {' '.join(missing)}: apt-get install "
                         f"--no-install-recommends {' '.join(missing)}")


def build():
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "relay_load", "relay_host",
                     "obelisk-gateway"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for_port(port, space=None, address="127.0.0.1", seconds=10):
    until = time.monotonic() + seconds
    with space.inside() if space else contextlib.nullcontext():
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
                return
            time.sleep(0.02)
    raise BenchError(f"Nothing listens at port {port}.")


class Rig:
    """Every process of the bench; all are ended at the end, by their pids."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.children = []
        self.front_core, self.core = cores()

    def start(self, words, core=None, space=None, **options):
        words = [*(space.prefix if space else ()), *words]
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.DEVNULL)
        log = open(self.folder / f"{len(self.children)}.log", "wb")
        child = subprocess.Popen(
            [str(word) for word in words], stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, {self.core if core is None else core}),
            **options)
        self.children.append(child)
        return child

    def tell(self, words, core=None, space=None):
        """One that prints a line of JSON and lives until its stdin ends."""
        child = self.start(words, core, space, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = child.stdout.readline()
        if not line:
            raise BenchError(f"{words[0]} said nothing: {self.folder}")
        return child, json.loads(line)

    def load(self, *words, space=None, seconds=60):
        done = subprocess.run([*(space.prefix if space else ()), str(BUILD / "bench/relay_load"),
                               *map(str, words)], check=False,
                              capture_output=True, text=True, timeout=seconds,
                              stdin=subprocess.DEVNULL,
                              preexec_fn=lambda: os.sched_setaffinity(0, {self.core}))
        if done.returncode != 0:
            raise BenchError(f"relay_load {' '.join(map(str, words))}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def end(self, *children):
        for child in children or self.children:
            if child.stdin:
                child.stdin.close()
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children or self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Route:
    """Where a load connects to, and the process that stands in front."""

    def __init__(self, name, port, front=None, children=()):
        self.name, self.port, self.front, self.children = name, port, front, children


def by_gateway(rig, sink, plain, name, near=None, far=None, address="127.0.0.1"):
    """The gateway in one space, the host in the other; in none if none are named."""
    attestor = json.loads(subprocess.run([BUILD / "bench/relay_host", "attestor"], check=True,
                                         capture_output=True).stdout)["attestor"]
    ready = rig.folder / f"{name}.ready.json"
    gateway = rig.start(
        [BIN / "obelisk-gateway", "--listen", f"{address}:0", "--visitors",
         "127.0.0.1:20000-29999", "--told-address", address, "--attestor", attestor, "--state",
         rig.folder / name, "--ready-file", ready, "--max-visitors-per-lease", "100000",
         "--max-visitors-per-address", "100000",
         "--new-visitors-per-second", "100000", *(["--plain"] if plain else [])],
        rig.front_core, near)
    until = time.monotonic() + 10
    while not ready.exists():
        if time.monotonic() > until:
            raise BenchError("obelisk-gateway did not start.")
        time.sleep(0.02)
    place = json.loads(ready.read_text())["place"]
    host, said = rig.tell([BUILD / "bench/relay_host", "dial", place, sink, 1,
                           *(["plain"] if plain else [])], space=far)
    return Route(name, said["ports"][0], gateway.pid, (gateway, host))


def by_haproxy(rig, sink, tls, name):
    front_port, back_port = free_port(), free_port()
    children = []
    suites = "ciphersuites TLS_AES_128_GCM_SHA256"
    for part, port, target, bind, server, core in (
            ("back", back_port, sink, f" ssl crt {rig.folder}/pem {suites}" if tls else "", "",
             rig.core),
            ("front", front_port, back_port, "",
             f" ssl verify none {suites}" if tls else "", rig.front_core)):
        config = rig.folder / f"{name}-{part}.cfg"
        config.write_text(HAPROXY.format(port=port, next=target, bind_tls=bind, server_tls=server))
        children.append(rig.start(["haproxy", "-db", "-q", "-f", config], core))
        wait_for_port(port)
    return Route(name, front_port, children[1].pid, children)


def newest_child(pid):
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True,
                         check=False).stdout.split()
    return int(out[-1]) if out else pid


def by_ssh(rig, sink, near=None, far=None, address="127.0.0.1"):
    for file in ("host_key", "key"):
        if (rig.folder / file).exists():
            continue
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", rig.folder / file],
                       check=True, stdin=subprocess.DEVNULL)
    ssh_port, port = free_port(), free_port()
    config = rig.folder / "sshd_config"
    config.write_text(SSHD.format(port=ssh_port, address=address, dir=rig.folder))
    os.makedirs("/run/sshd", exist_ok=True)
    sshd = rig.start([shutil.which("sshd"), "-D", "-e", "-f", config], rig.front_core, near)
    wait_for_port(ssh_port, near, address)
    client = rig.start(["ssh", "-F", "/dev/null", "-N", "-p", str(ssh_port), "-i",
                        rig.folder / "key", "-o", "StrictHostKeyChecking=no", "-o",
                        f"UserKnownHostsFile={rig.folder}/known", "-o", "BatchMode=yes", "-c",
                        "aes128-gcm@openssh.com", "-R", f"127.0.0.1:{port}:127.0.0.1:{sink}",
                        f"root@{address}"], space=far)
    wait_for_port(port, near)
    # The process that serves the one connection.
    serving = newest_child(newest_child(sshd.pid))
    pin(serving, rig.front_core)
    return Route("ssh_r", port, serving, (client, sshd))
