"""Networks of our own inside this machine: links that are slow and lose, a NAT in the middle.

    with Network() as network:
        host, router, gateway = map(network.space, ("host", "router", "gateway"))
        nat = network.nat(host, router)            # host is reached by nobody, and reaches all
        link = network.link(router, gateway, "both delay 50", mtu_frames=True)
        host.start("obelisk-host", ...)            # a process there, ended with the network
        link("a-to-b cut")                         # the words of obelisk-link: docs/link.md
        nat.forget()

Whatever happens in the block, at its end every process in these spaces has ended and every space is
gone, and what a killed test left is removed by the next Network. It takes root.
"""
import contextlib
import itertools
import json
import os
import pathlib
import socket
import struct
import subprocess
import threading

from spaces import NetworkError, Space, run, sweep

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/link/obelisk-link"


class End:
    """One end of a link or a cable: a device in a space, and its address."""

    def __init__(self, space, device, subnet, last):
        self.space, self.device, self.subnet = space, device, subnet
        self.address = None
        self.change_address(last)

    def change_address(self, last):
        """Another address in the same subnet; the one before is gone, as when a provider gives a
        new one. Routes over this device stay."""
        routes = [] if self.address is None else self.space.ip(
            "route", "show", "dev", self.device, "scope", "global").splitlines()
        self.space.ip("addr", "flush", "dev", self.device)
        self.address = f"{self.subnet}.{last}"
        self.space.ip("addr", "add", f"{self.address}/24", "dev", self.device)
        self.space.ip("link", "set", self.device, "up")
        for route in routes:
            self.space.ip("route", "replace", *route.split(), "dev", self.device)


def cable(space_a, space_b, subnet):
    """Two spaces side by side: no delay, no loss. The ends."""
    names = [f"cable{next(space.devices)}" for space in (space_a, space_b)]
    run("ip", "link", "add", names[0], "netns", space_a.name, "type", "veth", "peer", "name",
        names[1], "netns", space_b.name)
    return tuple(End(space, device, subnet, last) for space, device, last in
                 zip((space_a, space_b), names, (1, 2)))


class Link:
    """obelisk-link between two spaces. `a` and `b` are its ends, each with an `address`."""

    def __init__(self, space_a, space_b, subnet, words=(), seed=1, mtu_frames=False):
        devices = [f"link{next(space.devices)}" for space in (space_a, space_b)]
        places = [f"{space.name}:{device}" for space, device in zip((space_a, space_b), devices)]
        if not PROGRAM.exists():
            raise NetworkError("obelisk-link is not built; run ./dev build")
        self._lock = threading.Lock()
        self.child = subprocess.Popen(
            [PROGRAM, *places, "--seed", str(seed), *(["--mtu-frames"] if mtu_frames else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            bufsize=1)
        if self.child.stdout.readline() != "ready\n":
            raise NetworkError(f"obelisk-link: {self.child.communicate()[1].strip()}")
        try:
            self.a, self.b = (End(space, device, subnet, last) for space, device, last in
                              zip((space_a, space_b), devices, (1, 2)))
            for line in [words] if isinstance(words, str) else words:
                self(line)
        except BaseException:
            self.close()
            raise

    def __call__(self, line):
        """Says a line to it: "both delay 50 loss 1", "a-to-b cut", "both clear". It is done when
        this returns."""
        answer = self._ask(line)
        if answer != "ok":
            raise NetworkError(f"{line}: {answer}")

    def counters(self):
        """{"a_to_b": {...}, "b_to_a": {...}}: docs/link.md."""
        return json.loads(self._ask("counters"))

    def _ask(self, line):
        with self._lock:
            self.child.stdin.write(line + "\n")
            return self.child.stdout.readline().strip()

    def close(self):
        """Ends it: both devices are gone, with their addresses and routes."""
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Nat:
    """What stands between a space and the world: it lets connections out and none in.

    A connection that it has forgotten is silence from outside: nothing comes in without having gone
    out before. What still comes from inside gets another port, as if it were new; with `strict` it
    goes nowhere, and both sides hear nothing at all.
    """

    def __init__(self, space, router, subnet, strict=False, idle_s=None):
        self.router = router
        self.inner, self.inside = cable(router, space, subnet)
        inner = self.inner.device
        space.default_route(self.inner.address)
        router.sysctl("net/ipv4/ip_forward", 1)
        # A port of its own for each connection: a router that kept the inner port would meet its
        # own forgotten connections again, and nothing would have been forgotten.
        router.nft(f"""table ip obelisk_nat {{
          chain out {{
            type nat hook postrouting priority srcnat;
            iifname {inner} oifname != {inner} masquerade fully-random
          }}
          chain through {{
            type filter hook forward priority filter; policy drop;
            ct state invalid drop
            iifname {inner} accept
            ct state established,related accept
          }}
          chain in {{
            type filter hook input priority filter; policy drop;
            iifname {{ lo, {inner} }} accept
            ct state established,related accept
          }}
        }}""")
        if strict:
            router.sysctl("net/netfilter/nf_conntrack_tcp_loose", 0)
        if idle_s is not None:
            router.sysctl("net/netfilter/nf_conntrack_tcp_timeout_established", idle_s)

    def forget(self):
        """As a router does that starts anew: every connection through it is unknown to it now."""
        netlink_netfilter, conntrack_delete, request, acknowledge = 12, (1 << 8) | 2, 1, 4
        with self.router.inside():
            talk = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, netlink_netfilter)
        with talk:
            # Deleting without saying which is deleting all. A family, a version, no resource.
            talk.send(struct.pack("=IHHIIBBH", 20, conntrack_delete, request | acknowledge, 1, 0,
                                  socket.AF_UNSPEC, 0, 0))
            error = struct.unpack_from("=i", talk.recv(4096), 16)[0]
        if error:
            raise NetworkError(f"conntrack: {os.strerror(-error)}")

    def connections(self):
        """How many it remembers."""
        with self.router.inside():
            text = pathlib.Path("/proc/thread-self/net/nf_conntrack").read_text()
        return len(text.splitlines())


class Network:
    """Spaces, links and NATs, until the end of the block."""

    def __init__(self):
        self.spaces, self.links = {}, []
        self._subnets = itertools.count()

    def __enter__(self):
        sweep()
        return self

    def __exit__(self, *_):
        """Processes, then links, then spaces; each of them whatever became of the others."""
        spaces = list(self.spaces.values())
        with contextlib.ExitStack() as ends:
            for end in (*(space.remove for space in spaces), *(link.close for link in self.links),
                        *(space.stop_all for space in spaces)):
                ends.callback(end)

    def _subnet(self):
        return f"10.77.{next(self._subnets)}"

    def space(self, label):
        space = self.spaces[label] = Space(label)
        space.make()
        return space

    def link(self, space_a, space_b, words=(), seed=1, mtu_frames=False):
        """`words`: what it does from the start, a line or several. `mtu_frames`: each packet is
        one of at most 1,500 bytes, and not a segment of up to 64 KiB (docs/link.md)."""
        link = Link(space_a, space_b, self._subnet(), words, seed, mtu_frames)
        self.links.append(link)
        return link

    def nat(self, space, router, strict=False, idle_s=None):
        """`space` reaches what `router` reaches, and can be reached from nowhere. `idle_s`: what is
        silent for so long is forgotten."""
        return Nat(space, router, self._subnet(), strict, idle_s)

    def cable(self, space_a, space_b):
        """Joins them without a link in between; the two ends."""
        return cable(space_a, space_b, self._subnet())

