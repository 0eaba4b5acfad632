"""The whole product as processes on this machine: localnet, program, watch, gateway, market, hosts.

./run conducts it for a person, the functional tests for their assertions. Every process is ours and
is ended by its pid; when we die, however, the kernel ends them for us. Nothing here decides about a
rental: it starts, waits, stops.
"""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/bin"
KEYS = ("program", "operator", "treasury", "attestor", "host", "host-fees", "renter")
SOL = 1_000_000_000
PR_SET_PDEATHSIG = 1


class StackError(Exception):
    """What happened, what to do, what it cost; `code` is an exit code of docs/contract.md."""

    def __init__(self, message, action="", code=1, name="internal", charged_lamports="0"):
        super().__init__(message)
        self.action = action
        self.code = code
        self.name = name
        self.charged_lamports = charged_lamports


def own_environment():
    """Ours, less what a shell was told about another stack."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("OBELISK_") or name == "OBELISK_NODE"}


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Process:
    """One child, its log file, its ready file."""

    def __init__(self, name, command, state, environment=None):
        self.name, self.command, self.state = name, [str(word) for word in command], state
        self.environment = environment or {}
        self.log = state / "logs" / f"{name}.log"
        self.ready_file = state / f"{name}.ready.json"
        self.child = None
        self.before_end = None  # called before we end it: tests read its counters

    def start(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.ready_file.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                env={**own_environment(), **self.environment}, preexec_fn=_die_with_parent,
                start_new_session=True)
        return self

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.poll() is None

    def wait_ready(self, seconds=30):
        """What the ready file says, once it is there."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.ready_file.exists():
                return json.loads(self.ready_file.read_text())
            if not self.running():
                raise StackError(f"{self.name} ended before it was ready.\n{self.tail()}",
                                 f"The whole log: {self.log}", self.child.returncode or 1)
            time.sleep(0.01)
        raise StackError(f"{self.name} was not ready within {seconds} s.\n{self.tail()}",
                         f"The whole log: {self.log}")

    def tail(self, lines=8):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def kill(self):
        """As a power cut would: no warning."""
        if self.running():
            if self.before_end:
                self.before_end()
            self.child.kill()
            self.child.wait()

    def stop(self, seconds=30):
        """Asks it to end, and only then makes it."""
        if not self.running():
            return
        if self.before_end:
            self.before_end()
        self.child.terminate()
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


class Rpc:
    """Plain JSON-RPC."""

    def __init__(self, url):
        self.url = url

    def __call__(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(self.url, body.encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            reply = json.load(answer)
        if "error" in reply:
            raise StackError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def balance(self, address):
        return self("getBalance", address, {"commitment": "confirmed"})["value"]

    def warp(self, seconds):
        return self("obelisk_warp", {"seconds": seconds})


class Stack:
    """State lies in one directory; starting again with the same one carries on where it was."""

    def __init__(self, state, terms=None, nodes=1, slot_ms=None):
        self.nodes = nodes  # of localnet; market and hosts are told of each
        self.slot_ms = slot_ms  # of a new chain; None: localnet's own, 200
        self.state = pathlib.Path(state).resolve()
        self.terms = {"fee-bps": 250, "ready-deadline-s": 60, "gap-limit-s": 180,
                      "claim-window-s": 21_600, **(terms or {})}
        self.attestors = ("attestor",)  # keys that the watch is given, the current one first
        self.node = os.environ.get("OBELISK_NODE", "node")
        self.localnet = self.watch = self.market = None
        self.gateways = {}
        self.places = {}  # where hosts dial to, by gateway
        self.webs = {}  # under which origin ports of leases are, by gateway
        self.hosts = {}
        self.addresses = {}
        self.rpc = None
        self.endpoints = {}
        self.deployed = {}
        self.market_info = {}
        self.tokens = {}  # by wallet
        self.socket_folder = None

    # --- parts ---

    def key(self, name):
        return self.state / "keys" / f"{name}.json"

    def make_keys(self, names=KEYS):
        (self.state / "keys").mkdir(parents=True, exist_ok=True)
        os.chmod(self.state, 0o700)
        out = self.run_tool([self.node, "localnet/tools/keygen.mjs",
                             *(self.key(name) for name in names)])
        for line, name in zip(out.splitlines(), names):
            self.addresses[name] = json.loads(line)["address"]

    def run_tool(self, command, **options):
        """A short command; its stdout, or a StackError with what it said."""
        done = subprocess.run([str(word) for word in command], cwd=ROOT, text=True, check=False,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              env=own_environment(), **options)
        if done.returncode != 0:
            raise StackError((done.stderr or done.stdout).strip(), "", done.returncode)
        return done.stdout

    def start_localnet(self, port=0, ws_port=0):
        process = Process("localnet", [
            self.node, "localnet/bin/localnet.mjs", "--state", self.state / "localnet", "--port",
            port, "--ws-port", ws_port, "--nodes", self.nodes, "--ready-file",
            self.state / "localnet.ready.json",
            *(["--slot-ms", self.slot_ms] if self.slot_ms else [])], self.state)
        self.localnet = process.start()
        self.endpoints.update(self.localnet.wait_ready())
        self.rpc = Rpc(self.endpoints["rpc"])

    def restart_localnet(self):
        """On the same ports: everybody else goes on with the URLs they have."""
        port, ws_port = (",".join(url.rsplit(":", 1)[1].strip("/")
                                  for url in self.node_urls(kind).split(","))
                         for kind in ("rpc", "ws"))
        self.start_localnet(port, ws_port)

    def node_urls(self, kind):
        """"rpc" or "ws" of every node, as --rpc and --ws take them."""
        return ",".join(node[kind] for node in self.endpoints.get("nodes", [self.endpoints]))

    def fund(self, names=tuple(name for name in KEYS if name != "program"), sol=100):
        for name in names:
            if self.rpc.balance(self.addresses[name]) < sol * SOL // 2:
                self.rpc("requestAirdrop", self.addresses[name], sol * SOL)
        until = time.monotonic() + 20
        while any(self.rpc.balance(self.addresses[name]) == 0 for name in names):
            if time.monotonic() > until:
                raise StackError("The local network's SOL did not arrive.")
            time.sleep(0.05)

    def deploy(self):
        out = self.run_tool([
            self.node, "localnet/tools/deploy.mjs", "--rpc", self.endpoints["rpc"], "--payer",
            self.key("operator"), "--program", self.key("program"), "--so",
            ROOT / "build/program/obelisk.so"])
        self.deployed = json.loads(out.splitlines()[-1])

    def create_market(self):
        terms = [word for name, value in self.terms.items() for word in (f"--{name}", value)]
        out = self.run_tool([
            BIN / "obelisk-market", "create-market", "--rpc", self.endpoints["rpc"], "--program",
            self.addresses["program"], "--operator-keypair", self.key("operator"), "--treasury",
            self.addresses["treasury"], "--attestor", self.addresses["attestor"], *terms])
        self.market_info = json.loads(out.splitlines()[-1])

    def start_gateway(self, name="gateway", extra=(), told="127.0.0.1", listen="127.0.0.1",
                      domain="localhost"):
        """Before the market, which names it to hosts; again on the same port, with the same key."""
        place = self.places.get(name, "127.0.0.1:0#")
        port = place[:place.index("#")].rsplit(":", 1)[1]
        web = self.webs.get(name, "http://localhost:0").rsplit(":", 1)[1]
        process = Process(name, [
            BIN / "obelisk-gateway", "--listen", f"{listen}:{port}", "--visitors",
            f"{listen}:20000-29999", "--told-address", told, "--attestor",
            *(self.addresses[key] for key in self.attestors), "--status", "127.0.0.1:0", "--state",
            self.state / name, "--ready-file", self.state / f"{name}.ready.json", "--web",
            f"127.0.0.1:{web}", "--web-domain", domain, *extra], self.state)
        self.gateways[name] = process.start()
        ready = process.wait_ready()
        self.places[name], self.webs[name] = ready["place"], ready["web"]
        self.endpoints.setdefault("gateway", self.places[name])
        return process
    def start_watch(self, folder=BIN, environment=None):
        """Beside the market: it alone has the attestor's keys."""
        process = Process("watch", [
            folder / "obelisk-watch", "--state", self.state / "watch", "--listen",
            self.watch_socket(), "--rpc", self.node_urls("rpc"), "--ws", self.node_urls("ws"),
            "--program", self.addresses["program"], "--operator", self.addresses["operator"],
            "--attestor-keypair", ",".join(str(self.key(name)) for name in self.attestors),
            "--gateways", ",".join(self.places.values()),
            "--ready-file", self.state / "watch.ready.json"], self.state, environment)
        self.watch = process.start()
        self.watch.wait_ready()

    def watch_socket(self):
        """A unix socket's path is at most 107 characters long, and a test's folder may be longer:
        then it lies in a folder of ours below /tmp."""
        path = self.state / "watch" / "watch.sock"
        if len(str(path)) <= 107:
            return path
        if self.socket_folder is None:
            self.socket_folder = tempfile.TemporaryDirectory(prefix="obelisk-watch-")
        return pathlib.Path(self.socket_folder.name) / "watch.sock"

    def start_market(self, listen="127.0.0.1:0", price=("--price", "fixed:140"), folder=BIN,
                     environment=None):
        if self.watch is None or not self.watch.running():
            self.start_watch()
        if self.market is not None and self.endpoints.get("market"):
            listen = self.endpoints["market"].removeprefix("http://").rstrip("/")
        process = Process("market", [
            folder / "obelisk-market", "--listen", listen, "--state", self.state / "market",
            "--rpc", self.node_urls("rpc"), "--ws", self.node_urls("ws"), "--program",
            self.addresses["program"], "--operator", self.addresses["operator"],
            "--watch", self.watch_socket(), *price, "--gateways", ",".join(self.places.values()),
            "--web-domains", ",".join(url.split("//")[1] for url in self.webs.values()),
            "--local", "--ready-file",
            self.state / "market.ready.json"], self.state, environment)
        self.market = process.start()
        self.endpoints["market"] = self.market.wait_ready()["url"].rstrip("/")

    def start_host(self, name="host", extra=(), environment=None, cpu=True, images=None,
                   folder=BIN):
        card = ["--allow-cpu"] if cpu else []
        process = Process(name, [
            folder / "obelisk-host", "run", "--keypair", self.key(name), "--fee-keypair",
            self.key("host-fees"), "--state", self.state / "hosts" / name, "--images",
            images or ROOT / "build/image", "--market",
            self.endpoints["market"], "--rpc", self.node_urls("rpc"), "--ws", self.node_urls("ws"),
            "--ssh-listen", "127.0.0.1", "--wipe-on-exit", *card, "--ready-file",
            self.state / f"{name}.ready.json", *extra], self.state, environment)
        self.hosts[name] = process.start()
        process.wait_ready()
        return process

    def start_demo_host(self, number, card="NVIDIA GeForce RTX 4090", gib=24, count=1, script="",
                        extra=(), environment=None):
        """A real host process over a scripted driver: its offers are marked simulated.

        `script` is what else the driver says of its cards, `extra` are flags of the host."""
        name = f"demo-{number}"
        self.make_keys([name])
        self.fund([name], 10)
        path = self.state / f"{name}.nvml"
        path.write_text(f"driver 550.54.15\ncuda 12040\ncard name=\"{card}\" count={count} "
                        f"memory_mib={gib * 1024} seed={number} {script}\n")
        library = ROOT / "build/lib/libnvidia-ml-scripted.so"
        return self.start_host(name, ["--nvml-library", library, *extra],
                               {"OBELISK_NVML_SCRIPT": str(path), **(environment or {})},
                               cpu=False)

    def wait_offer(self, card=None, seconds=20):
        """Until the market has something to rent."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for offer in self.get("/v1/offers")["offers"]:
                if offer["count"] > 0 and card in (None, offer["card"]):
                    return offer
            time.sleep(0.02)
        raise StackError("No host's offer reached the market.", "See the host's log.")

    # --- the whole ---

    def start_chain(self):
        self.state.mkdir(parents=True, exist_ok=True)
        self.make_keys()
        self.start_localnet()
        self.fund()
        self.deploy()

    def start_all(self, images=None):
        self.start_chain()
        self.create_market()
        self.start_gateway()
        self.start_market()
        self.start_host(images=images)
        self.wait_offer()

    def stop(self):
        """Hosts first: they destroy their leases; then market, watch, gateways, and the chain."""
        for host in self.hosts.values():
            if host.child is not None and not host.running() and host.child.returncode != 0:
                self.wipe_after(host)
            host.stop(90)
        for process in (self.market, self.watch, *self.gateways.values(), self.localnet):
            if process is not None:
                process.stop()

    def wipe_after(self, host):
        """A host that died without warning left its leases standing: destroy them for it."""
        words = host.command
        subprocess.run([str(BIN / "obelisk-host"), "wipe", "--state",
                        words[words.index("--state") + 1], "--images", str(ROOT / "build/image")],
                       cwd=ROOT, check=False, stdin=subprocess.DEVNULL, timeout=90,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pids(self):
        processes = [self.localnet, self.watch, *self.gateways.values(), self.market,
                     *self.hosts.values()]
        return {process.name: process.pid for process in processes if process and process.running()}

    # --- looking in ---

    def get(self, path, wallet=None):
        """What the market answers; of leases and sessions what it shows to that wallet (the renter
        where none is named)."""
        if wallet is None and path.startswith(("/v1/leases", "/v1/sessions")):
            wallet = "renter"
        try:
            return self._get(path, wallet)
        except urllib.error.HTTPError as refused:
            if wallet is None or refused.code != 401:
                raise
        self.tokens.pop(wallet, None)  # of another time
        return self._get(path, wallet)

    def _get(self, path, wallet):
        headers = {"Authorization": "Bearer " + self.token(wallet)} if wallet else {}
        request = urllib.request.Request(self.endpoints["market"] + path, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def token(self, wallet="renter"):
        """Of a session of that wallet: what `obelisk login` gives."""
        if wallet not in self.tokens:
            done = subprocess.run([str(BIN / "obelisk"), "login", "--json"], text=True, check=False,
                                  capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
                                  env=self.client_environment(wallet))
            if done.returncode != 0:
                raise StackError((done.stdout or done.stderr).strip(), "", done.returncode)
            self.tokens[wallet] = json.loads(done.stdout.splitlines()[-1])["token"]
        return self.tokens[wallet]

    def client_environment(self, wallet="renter"):
        return {**own_environment(), "OBELISK_MARKET_URL": self.endpoints.get("market", ""),
                "OBELISK_RPC_URL": self.endpoints["rpc"],
                "OBELISK_KEYPAIR": str(self.key(wallet)),
                "OBELISK_STATE": str(self.state / "client")}
