"""The product in places far from each other: real processes in spaces, joined by slow links.

    market --+                +-- gateway
    renter --+-- (the net) ---+-- gateway-2
    other  --+                +-- router == NAT == host

Each place has one link of 5 ms each way to the middle, so any two are 20 ms of round trip apart.
The chain lies with the market and its watch: whoever is cut off from the market's place is cut off
from the chain, and the watch alone never is. `other` is a second host: what it answers tells the
watch whether it is the one that is cut off.
"""
import contextlib
import json
import os
import subprocess
import time

from clocks import Clock
from stack import BIN, Rpc, Stack, StackError

PLACES = ("market", "gateway", "gateway-2", "renter", "router", "other")
GATEWAYS = ("gateway", "gateway-2")
LEG_MS = 5
MARKET_PORT = 8080
TERMS = {"gap-limit-s": 180, "claim-window-s": 600, "ready-deadline-s": 60}


class FarStack(Stack):
    """A stack whose market and nodes go by another address when asked for from another place."""

    @contextlib.contextmanager
    def seen_from_afar(self, address):
        near = self.endpoints, self.rpc
        self.endpoints = json.loads(json.dumps(self.endpoints).replace("127.0.0.1", address))
        self.rpc = Rpc(self.endpoints["rpc"])
        try:
            yield
        finally:
            self.endpoints, self.rpc = near


class World:
    """All of it. This thread stays in the market's place while it is up."""

    def __init__(self, network, folder):
        self.network = network
        self.stack = FarStack(folder, TERMS)
        self.spaces = {name: network.space(name) for name in ("net", "host", *PLACES)}
        self.spaces["net"].sysctl("net/ipv4/ip_forward", 1)
        self.links = {name: self._join(name) for name in PLACES}
        self.nat = network.nat(self.spaces["host"], self.spaces["router"])
        self.spaces["market"].share_loopback()
        self.host_clock = Clock(folder / "host.clock")
        self.market_clock = Clock(folder / "market.clock")
        self.router_address = self.links["router"].a.address
        self.rpc = None
        self.control_lease = None

    def _join(self, name):
        link = self.network.link(self.spaces[name], self.spaces["net"], mtu_frames=True,
                                 words=f"both delay {LEG_MS}", seed=len(name))
        self.spaces[name].default_route(link.b.address)
        return link

    def address(self, name):
        return self.links[name].a.address

    def leg(self, name, words):
        """Says words to a place's link, `out` and `in` for its two directions; "" is good weather.
        """
        words = words.replace("out ", "a-to-b ").replace("in ", "b-to-a ")
        for line in [words] if words else ("both clear", "both mend", f"both delay {LEG_MS}"):
            self.links[name](line)

    # --- processes ---

    def start(self):
        stack = self.stack
        stack.start_chain()
        stack.create_market()
        self.rpc = stack.rpc
        for name in GATEWAYS:
            self.start_gateway(name)
        origins = ",".join(f"http://{address}:{MARKET_PORT}"
                           for address in ("127.0.0.1", self.address("market")))
        stack.start_watch(environment=self.market_clock.environment)
        stack.start_market(listen=f"127.0.0.1:{MARKET_PORT}",
                           price=("--price", "fixed:140", "--origins", origins),
                           environment=self.market_clock.environment)
        with self.spaces["host"].inside(), stack.seen_from_afar(self.address("market")):
            stack.start_host(environment=self.host_clock.environment)
        with self.spaces["other"].inside(), stack.seen_from_afar(self.address("market")):
            stack.start_demo_host(2)
        self._ssh_key()
        self.control_lease = self.rent("rtx-4090", hours=6)["lease"]
        # A watch calls nobody dark within gap_limit_s of its own start.
        self.warp(TERMS["gap-limit-s"] + 1)

    def start_gateway(self, name):
        with self.spaces[name].inside():
            self.stack.start_gateway(name, told=self.address(name), listen="0.0.0.0")

    def stop(self):
        self.stack.stop()

    # --- what a renter does, in the renter's place ---

    def _ssh_key(self):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        str(self.stack.state / "keys/ssh")], check=True, stdin=subprocess.DEVNULL)

    def _as_renter(self):
        environment = self.stack.client_environment()
        for name in ("OBELISK_MARKET_URL", "OBELISK_RPC_URL"):
            environment[name] = environment[name].replace("127.0.0.1", self.address("market"))
        return environment

    def cli(self, *words, seconds=90):
        """One command of `obelisk`, to its end; the process, with `json` where it said some."""
        done = subprocess.run(
            [*self.spaces["renter"].prefix, BIN / "obelisk", *map(str, words)], text=True,
            capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=seconds,
            env=self._as_renter())
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        done.json = json.loads(lines[-1]) if lines else {}
        return done

    def told(self, *words):
        """The same, where it must work."""
        done = self.cli(*words, "--json")
        if done.returncode != 0:
            raise StackError(f"obelisk {' '.join(map(str, words))}: {done.stdout} {done.stderr}")
        return done.json

    def rent(self, card="cpu", hours=2):
        """Tries again for a minute: a card is free once the close of its lease is final, and a host
        that was cut off offers again once its connection to the market has got through."""
        until = time.monotonic() + 60
        while True:
            done = self.cli("rent", card, "--hours", hours, "--disk", "2GB", "--ssh-key",
                            f"{self.stack.state}/keys/ssh.pub", "--yes", "--json")
            if done.returncode == 0:
                return done.json
            if time.monotonic() > until:
                raise StackError(f"Nothing could be rented: {done.stdout} {done.stderr}")
            time.sleep(0.5)

    def ssh_works(self, lease):
        """Whether a fresh login with the ordinary client gets in, by whatever gateway."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.cli("ssh", lease, "--", "true", seconds=20).returncode == 0
        return False

    def ssh_config(self, lease):
        """The file that `obelisk ssh` pinned the lease's key in."""
        (found,) = (self.stack.state / "client").rglob(f"{lease}/ssh_config")
        return found

    def session_words(self, lease, gateway):
        port = self.stack.get(f"/v1/leases/{lease}")["ssh"]["port"]
        return [*self.spaces["renter"].prefix, "ssh", "-F", self.ssh_config(lease), "-o",
                f"HostName={self.address(gateway)}", "-p", port, "lease", "cat"]

    # --- the chain ---

    def warp(self, seconds):
        """Moves chain time; it is confirmed two slots later."""
        self.rpc.warp(seconds)
        time.sleep(0.9)

    def chain_time(self, commitment="processed"):
        return self.rpc("getBlockTime", self.rpc("getSlot", {"commitment": commitment}))

    def lease(self, address):
        return self.stack.get(f"/v1/leases/{address}")

    def logins_failed(self, lease):
        """How often the watch could not log in; whichever process it is."""
        process = getattr(self.stack, "watch", None) or self.stack.market
        logs = {process.log, self.stack.market.log}
        return sum("A login failed" in line and lease in line for log in logs
                   for line in log.read_text(errors="replace").splitlines())

    def controls_lost(self):
        """How often the host lost the connection by which a gateway asks it for streams."""
        log = self.stack.hosts["host"].log.read_text(errors="replace")
        return sum("The gateway" in line and "is gone" in line for line in log.splitlines())


def missing():
    """What this cannot do without on this machine, in words; empty where all is there."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    for name in ("obelisk", "obelisk-market", "obelisk-host", "obelisk-gateway"):
        if not (BIN / name).exists():
            return f"build/bin/{name} is missing: ./dev build makes it"
    if not (BIN.parent / "link/obelisk-link").exists():
        return "build/link/obelisk-link is missing: ./dev build makes it"
    return ""
