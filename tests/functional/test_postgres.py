"""A market whose records are in PostgreSQL: a whole rental, with market and server killed."""
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

import chain
import pytest
from conftest import until

USER = "postgres"


class Server:
    """Debian's PostgreSQL in a folder of its own, on a socket there and on no port."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="obelisk-pg-"))
        os.chown(self.folder, pwd.getpwnam(USER).pw_uid, -1)
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.child = None
        self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "market",
                  "--locale=C", "-E", "UTF8", "--no-sync").check_returncode()
        self.start()

    def _command(self, name, *words):
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
                f"{self.programs}/{name}", *map(str, words)]

    def _run(self, name, *words):
        return subprocess.run(self._command(name, *words), cwd=self.folder, capture_output=True,
                              text=True, timeout=60, check=False)

    def start(self):
        self.child = subprocess.Popen(
            self._command("postgres", "-D", self.folder / "data", "-k", self.folder, "-c",
                          "listen_addresses="), cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        until(lambda: self._run("pg_isready", "-h", self.folder).returncode == 0, 30)

    def kill(self):
        self.child.kill()
        self.child.wait()
        # What the postmaster left goes by itself once it finds its parent dead.
        until(lambda: not (self.folder / "data/postmaster.pid").exists()
              or subprocess.run(["pgrep", "-f", str(self.folder / "data")], check=False,
                                capture_output=True).returncode != 0, 20)

    def stop(self):
        self.child.send_signal(signal.SIGINT)  # not waiting for those who are connected
        self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def uri(self):
        return f"postgresql://market@{urllib.parse.quote(str(self.folder), safe='')}/postgres"


@pytest.fixture(name="server", scope="module")
def fixture_server():
    server = Server()
    yield server
    server.stop()


def test_a_rental_survives_market_and_server(make_world, server):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    price = ("--price", "fixed:140", "--database", server.uri)
    world.start_market(price=price)
    world.start_host()
    world.wait_offer("cpu")
    lease = world.rent(seconds=3600)["lease"]
    assert not (world.state / "market/market.sqlite").exists(), "nothing is kept in a file"

    server.kill()
    server.start()
    until(lambda: world.lease(lease)["state"] == "active", 30)
    world.market.kill()
    world.start_market(price=price)
    until(lambda: world.lease(lease)["state"] == "active", 30)

    world.cli("stop", lease, "--yes")
    assert world.account(lease) is None
    (event,) = chain.events(chain.history(world.rpc, lease)[-1], world.addresses["program"])
    receipt = world.cli("receipt", lease).json
    assert int(receipt["host_lamports"]) == event["to_host"]
    assert int(receipt["fee_lamports"]) == event["to_treasury"]
    until(lambda: world.lease(lease)["state"] == "ended", 30)
