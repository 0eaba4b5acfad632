#!/usr/bin/python3
"""A whole stack for tests of the page, conducted over stdin and stdout, a JSON object a line.

    {"id": 1, "do": "warp", "with": [60]}   ->   {"id": 1, "result": ...} or {"id": 1, "error": ...}

The first line out says where everything is. It ends, and with it every process of the stack, when
stdin is closed.
"""
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from stack import BIN, Stack  # noqa: E402


class World:
    """What a test may ask for. Every method is a command; what it returns goes out as JSON."""

    def __init__(self, stack):
        self.stack = stack

    def warp(self, seconds):
        """Moves chain time."""
        return self.stack.rpc.warp(seconds)

    def fault(self, kind, options=None):
        return self.stack.rpc("obelisk_fault", {"kind": kind, **(options or {})})

    def wallet(self, name, sol=10):
        """A funded wallet: its address, and its seed for the wallet in the browser."""
        if name not in self.stack.addresses:
            self.stack.make_keys([name])
            if sol:
                self.stack.fund([name], sol)
        key = json.loads(self.stack.key(name).read_text())
        return {"address": self.stack.addresses[name], "seed": key[:32]}

    def balance(self, address):
        return str(self.stack.rpc.balance(address))

    def account(self, address):
        return self.stack.rpc("getAccountInfo", address,
                              {"encoding": "base64", "commitment": "confirmed"})["value"]

    def run(self, wallet, *words):
        """The ordinary client, as that wallet."""
        done = self._run(wallet, words)
        return {"code": done.returncode, "text": done.stdout, "errors": done.stderr}

    def _run(self, wallet, words):
        return subprocess.run([str(BIN / "obelisk"), *map(str, words)], text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL,
                              timeout=180, env=self.stack.client_environment(wallet))

    def cli(self, wallet, *words):
        """The same with --json, and what its last line says."""
        done = self._run(wallet, [*words, "--json"])
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        return {"code": done.returncode, "json": json.loads(lines[-1]) if lines else None,
                "text": done.stdout, "errors": done.stderr}

    def ssh(self, line, known_host, command):
        """What a command in the machine printed, by the line and the key that the page shows."""
        known = self.stack.state / "known_hosts"
        known.write_text(known_host + "\n")
        words = shlex.split(line)
        assert words[0] == "ssh", line
        key = self.ssh_key_file().removesuffix(".pub")
        done = subprocess.run(
            ["ssh", "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
             "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes", *words[1:],
             command], text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
            timeout=60)
        return done.stdout + done.stderr

    def ssh_key(self):
        """The public line of a key that this world has the other half of."""
        return pathlib.Path(self.ssh_key_file()).read_text().strip()

    def ssh_key_file(self):
        key = self.stack.state / "keys" / "ssh"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)],
                           check=True, stdin=subprocess.DEVNULL)
        return f"{key}.pub"

    def demo_host(self, number, card, gib, count=1, extra=()):
        """A host over a scripted driver: its offers are marked simulated."""
        self.stack.start_demo_host(number, card, gib, count, extra=list(extra))

    def host_kill(self, name="host"):
        self.stack.hosts[name].kill()

    def host_freeze(self, name="host", on=True):
        """It answers nothing more, and is there: as a machine that hangs."""
        os.kill(self.stack.hosts[name].pid, signal.SIGSTOP if on else signal.SIGCONT)

    def watch_freeze(self, on=True):
        """Without it the market signs nothing of its own: no start, no refund, no end."""
        os.kill(self.stack.watch.pid, signal.SIGSTOP if on else signal.SIGCONT)

    def host_start(self, name="host"):
        self.stack.hosts[name].start()
        self.stack.hosts[name].wait_ready()

    def host_stop(self, name="host"):
        self.stack.hosts[name].stop(60)

    def market_kill(self):
        self.stack.market.kill()

    def market_start(self):
        self.stack.start_market()


def main():
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    state = tempfile.mkdtemp(prefix="obelisk-browser-")
    stack = Stack(state, options.get("terms"))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing else comes between the lines
    world = World(stack)
    try:
        stack.start_all(options.get("images"))
        print(json.dumps({"endpoints": stack.endpoints, "addresses": stack.addresses,
                          "state": state}), file=out, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                if asked["do"].startswith("_"):
                    raise AttributeError(asked["do"])
                result = getattr(world, asked["do"])(*asked.get("with", []))
                said = {"id": asked["id"], "result": result}
            except Exception as error:  # told to the test, which knows what it wanted
                traceback.print_exc()
                said = {"id": asked["id"], "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(said), file=out, flush=True)
    finally:
        stack.stop()
        if not os.environ.get("OBELISK_KEEP_STATE"):
            shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
