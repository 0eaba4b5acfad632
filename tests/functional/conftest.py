"""What every functional test stands on: real processes on this machine, one world a file.

A world is a local network, our program on it, a market and a host, in a directory of its own; files
run in parallel and never see each other's. Chain time can be warped, so nothing waits for minutes.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import calls
import leftovers
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from stack import BIN, Stack  # noqa: E402

PRICE_OF_ACCOUNT = 2_951_040
FUNCTIONAL = pathlib.Path(__file__).resolve().parent
# A worker takes a whole file; were one of these the last, the other worker would wait for it.
LONGEST = ("test_surviving", "test_crash_points", "test_crash_points_host")

calls.watch()


def is_whole_suite(config):
    """Not a part of it, chosen by name: then much is rightly not used."""
    named = [pathlib.Path(word.split("::")[0]).resolve() for word in config.args]
    return named == [FUNCTIONAL] and not config.option.keyword and not config.option.collectonly


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        calls.begin()


def pytest_collection_modifyitems(items):
    """The longest files first, the others in the order of their names."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def pytest_sessionfinish(session):
    """Each process writes what it saw; the one that started the others sums up."""
    calls.write()
    config = session.config
    if hasattr(config, "workerinput"):
        return
    if is_whole_suite(config):
        lines = calls.report(BIN, ROOT / "src/api/openapi.json")
        for line in lines:
            print(f"\nFAILED {line}", end="")
        if lines:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    calls.end()


class Done:
    """How one command ended."""

    def __init__(self, process):
        self.code, self.stdout, self.stderr = process.returncode, process.stdout, process.stderr
        lines = [line for line in self.stdout.splitlines() if line.startswith("{")]
        self.json = json.loads(lines[-1]) if lines else {}

    @property
    def error(self):
        return self.json.get("error", {})

    def __repr__(self):
        return f"exit {self.code}\n{self.stdout}\n{self.stderr}"


class World(Stack):
    """A stack with the ordinary client beside it."""
    unpaid = ()  # quotes that were asked for by themselves

    def start_market(self, *words, **options):
        super().start_market(*words, **options)
        url = self.endpoints["market"]
        self.market.before_end = lambda: calls.note_routes(url)

    def cli(self, *words, wallet="renter", code=0, environment=None, timeout=180):
        done = Done(subprocess.run(
            [str(BIN / "obelisk"), *map(str, words), "--json"], text=True, capture_output=True,
            check=False, stdin=subprocess.DEVNULL, timeout=timeout,
            env={**self.client_environment(wallet), **(environment or {})}))
        assert code in (done.code, None), done
        if words[0] == "quote" and "id" in done.json:
            self.unpaid = (*self.unpaid, done.json["id"])
        return done

    def ssh_key(self):
        key = self.state / "keys" / "ssh"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)],
                           check=True, stdin=subprocess.DEVNULL)
        return f"{key}.pub"

    def warp(self, seconds):
        """Moves chain time and waits until it is confirmed, two slots on, and the market has asked
        for it, which it does each 0.3 s: a quote by an older time would be over before it is
        read, and the watch would not sign it."""
        self.rpc.warp(seconds)
        time.sleep(max(0.6, 2 * (self.slot_ms or 200) / 1000 + 0.4))

    def chain_time(self):
        return self.get("/v1/market")["chain_time_s"]

    def attested(self, lease):
        return self.lease(lease).get("attestation", {}).get("alive_until", 0)

    def let_time_pass(self, lease, seconds):
        """Warps, and waits until the watch has attested the new time."""
        then = self.chain_time() + seconds
        self.warp(seconds)
        until(lambda: self.attested(lease) >= then, 30)
        return self.attested(lease)

    def failed_logins(self, lease):
        return sum("A login failed" in line and lease in line
                   for line in self.market.log.read_text().splitlines())

    def stopped_as_dark(self, lease):
        """Logins fail until the watch calls the host dark: for over a minute of chain time, with
        nothing unseen between two of them, and before the gap limit. So what time a login takes
        by itself (most of ten seconds, where packets are dropped) is not warped on top."""
        failed, since = self.failed_logins(lease), self.chain_time()
        for _ in range(30):
            try:
                until(lambda: self.failed_logins(lease) > failed or self.account(lease) is None, 40)
            except AssertionError as late:
                raise AssertionError(f"at {self.chain_time()}: {self.lease(lease)}") from late
            if self.account(lease) is None:
                return
            failed = self.failed_logins(lease)
            self.warp(max(0, 12 - (self.chain_time() - since)))
            since = self.chain_time()
        until(lambda: self.account(lease) is None, 40)

    def release_quotes(self):
        """Quotes that other tests left unpaid hold their cards for a minute of chain time, and
        where few are free a wallet gets no second one. A card whose lease was just closed is free
        once the close is final."""
        for quote in self.unpaid:
            self.cli("quote", "--give-up", quote, code=None)  # it may be paid by now
        self.unpaid = ()
        until(lambda: any(offer["count"] for offer in self.get("/v1/offers")["offers"]), 30)

    def rent(self, seconds=3600, card="cpu", **options):
        self.release_quotes()
        return self.cli("rent", card, "--seconds", seconds, "--disk", "2GB",
                        "--ssh-key", self.ssh_key(), "--yes",
                        **options).json

    def ssh(self, lease, command):
        return subprocess.run([str(BIN / "obelisk"), "ssh", lease, "--", command], text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL,
                              timeout=60, env=self.client_environment())

    def lease(self, address):
        return self.get(f"/v1/leases/{address}")

    def account(self, address):
        return self.rpc("getAccountInfo", address,
                        {"encoding": "base64", "commitment": "confirmed"})["value"]

    def balances(self, *names):
        return {name: self.rpc.balance(self.addresses[name]) for name in names}

    def new_wallet(self, name, sol=10):
        self.make_keys([name])
        if sol:
            self.fund([name], sol)
        return self.addresses[name]


def until(what, seconds=20, pause=0.05):
    """Waits for a truth; what it last saw is the failure's message."""
    end = time.monotonic() + seconds
    while True:
        seen = what()
        if seen:
            return seen
        assert time.monotonic() < end, f"still {seen!r} after {seconds} s"
        time.sleep(pause)


@pytest.fixture(scope="session", autouse=True)
def built():
    for name in ("obelisk", "obelisk-market", "obelisk-watch", "obelisk-host"):
        assert (BIN / name).exists(), f"{name} is not built; run ./dev build"
    assert os.geteuid() == 0, "functional tests make real leases: run them as root"
    leftovers.sweep()


@pytest.fixture(name="make_world", scope="module")
def fixture_make_world():
    """Makes worlds, and ends every one of them whatever happened."""
    made = []

    def make(terms=None, start=True, nodes=1, slot_ms=None):
        directory = tempfile.mkdtemp(prefix="obelisk-test-")
        world = World(directory, terms, nodes, slot_ms)
        made.append((world, directory))
        if start:
            world.start_all()
        return world

    yield make
    for world, directory in made:
        world.stop()
        if os.environ.get("OBELISK_KEEP_STATE"):
            continue
        subprocess.run(["rm", "-rf", "--one-file-system", directory], check=False)


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    return make_world()
