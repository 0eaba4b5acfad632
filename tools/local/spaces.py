"""Network namespaces of our own, each named after the process that made it.

A space has its own devices, addresses, routes, sockets and 127.0.0.1. Whatever runs in one when it
is closed is ended; what a process left that was killed itself, `sweep` removes: the name tells
whose it is, and whether that process is still there. Nothing here touches the machine's own
network.
"""
import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import signal
import socket
import subprocess

NETNS = pathlib.Path("/run/netns")
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
NAME = re.compile(r"obn-(\d+)-(\d+)-\d+-")
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


class NetworkError(Exception):
    """What could not be done, in the words of the program that should have done it."""


def run(*words):
    done = subprocess.run([str(word) for word in words], text=True, check=False, timeout=60,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NetworkError(f"{' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _started(pid):
    """When a process started, in ticks since boot; with its pid that is a name no other has."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(text.rsplit(")", 1)[1].split()[19])


def _enter(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise NetworkError(f"setns: {os.strerror(ctypes.get_errno())}")


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _remove(name):
    """A space of ours, and what still runs in it."""
    with contextlib.suppress(NetworkError):
        for pid in run("ip", "netns", "pids", name).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    with contextlib.suppress(NetworkError):
        run("ip", "netns", "del", name)


def sweep():
    """Removes the spaces of processes that are gone; their names. Others' are not touched."""
    gone = []
    for path in NETNS.glob("obn-*"):
        match = NAME.match(path.name)
        if match and _started(int(match[1])) != int(match[2]):
            _remove(path.name)
            gone.append(path.name)
    return gone


class Space:
    """A network namespace: its own devices, addresses, routes, sockets, its own 127.0.0.1."""

    def __init__(self, label):
        self.label = label
        self.name = f"obn-{os.getpid()}-{_started(os.getpid())}-{next(_numbers)}-{label}"
        self.children = []
        self.devices = itertools.count()

    def make(self):
        run("ip", "netns", "add", self.name)
        # Without these two every link would carry what nobody sent: counters would not be exact.
        self.sysctl("net/ipv6/conf/all/disable_ipv6", 1)
        self.sysctl("net/ipv6/conf/default/disable_ipv6", 1)
        self.ip("link", "set", "lo", "up")

    @property
    def prefix(self):
        """In front of a command it runs here. Its pid stays its own, and so do its mounts."""
        return ["nsenter", f"--net={NETNS / self.name}", "--"]

    def run(self, *words):
        """A command in here, to its end; what it printed."""
        return run(*self.prefix, *words)

    def ip(self, *words):
        return run("ip", "-n", self.name, *words)

    def sysctl(self, name, value):
        """`name` with slashes, below /proc/sys."""
        with self.inside():
            pathlib.Path("/proc/sys", name).write_text(str(value))

    def start(self, *words, **options):
        """A process in here; it ends with the network, or when this process dies."""
        options = {"stdin": subprocess.DEVNULL, **options}
        child = subprocess.Popen([*self.prefix, *map(str, words)], preexec_fn=_die_with_parent,
                                 **options)
        self.children.append(child)
        return child

    @contextlib.contextmanager
    def inside(self):
        """This thread is in here: its new sockets, and what it starts. Other threads are not."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(NETNS / self.name, "rb") as here:
            _enter(here.fileno())
            try:
                yield self
            finally:
                _enter(home.fileno())

    def socket(self, kind=socket.SOCK_STREAM):
        """A socket that stays of this space, wherever it is used."""
        with self.inside():
            return socket.socket(socket.AF_INET, kind)

    def default_route(self, via):
        """Whatever is on no device of this space goes to the neighbour with this address."""
        self.ip("route", "replace", "default", "via", via)

    def share_loopback(self):
        """What listens on 127.0.0.1 here is reached at every other address of this space: for
        programs that listen nowhere else. What listens on one such address alone no longer is."""
        self.sysctl("net/ipv4/conf/all/route_localnet", 1)
        self.nft("""table ip obelisk_loopback {
          chain arriving {
            type nat hook prerouting priority dstnat;
            fib daddr type local meta l4proto { tcp, udp } dnat to 127.0.0.1
          }
        }""")

    def nft(self, rules):
        done = subprocess.run([*self.prefix, "nft", "-f", "-"], input=rules, text=True,
                              capture_output=True, check=False, timeout=60)
        if done.returncode != 0:
            raise NetworkError(f"nft: {done.stderr.strip()}")

    def stop(self, child, seconds=5):
        """Asks a process of ours to end, and then makes it."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def stop_all(self):
        """Every process that was started here; all are asked before any is waited for."""
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            self.stop(child)

    def remove(self):
        _remove(self.name)

