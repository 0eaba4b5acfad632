"""A market in use for a long while, in which every process is killed at random and started again.

Renters rent, extend, stop and walk away all the time. Every few seconds something is killed with
-9, chosen by a seed: the market, a host, rarely the chain's node, a podman, a container's monitor,
a machine somebody rents. In the end the killing stops and everything has to settle; what is checked
then is read from the chain, from this machine and from the market's disk.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error

import chain
from chain import unbase58
from conftest import PRICE_OF_ACCOUNT, Done, until
from crashes import ENDED, OPEN, READY
from slots import SLOTS, holder_of, stray_networks
from stack import BIN, StackError

RENTERS = 4
CARDS = ("cpu", "rtx-4090")
# What a person may be told while things break; 1 is a bug and 2 our own mistake.
TOLD = {0, 4, 5, 6, 7, 8}
FAULTS = {"market": 3, "host": 3, "demo": 3, "node": 1, "podman": 2, "monitor": 2, "machine": 2}
TERMS = {"ready-deadline-s": 30, "gap-limit-s": 60, "claim-window-s": 600}
MOST_RSS_KB = {"market": 300_000, "host": 200_000}
EXTENDED = 5  # the event's tag, and the instruction's
BUGS = ("CHECK failed", "Report this", "AddressSanitizer", "runtime error", "terminate called",
        "exception in a handler")


class Renter(threading.Thread):
    """One person with a wallet, who never rests and is not always polite."""

    def __init__(self, soak, number):
        super().__init__(daemon=True)
        self.soak, self.wallet = soak, f"renter-{number}"
        self.chance = random.Random(f"{soak.seed} {number}")
        self.card = CARDS[number % len(CARDS)]
        self.did = collections.Counter()

    def run(self):
        while not self.soak.over.is_set():
            try:
                self.rent_once()
            except Exception as problem:  # it is the soak that fails, not a thread
                self.soak.wrong.append(f"{self.wallet}: {type(problem).__name__}: {problem}")
                return
            self.soak.over.wait(self.chance.uniform(0.2, 2))

    def call(self, *words, kill_after=None):
        """The client's answer; nothing where it was killed in the middle."""
        child = subprocess.Popen(
            [str(BIN / "obelisk"), *map(str, words), "--json"], text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.soak.world.client_environment(self.wallet),
                 "OBELISK_STATE": str(self.soak.world.state / "clients" / self.wallet)})
        try:
            out, err = child.communicate(timeout=kill_after or 240)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            if kill_after is None:
                self.soak.wrong.append(f"{self.wallet}: {words[0]} hung for 240 s")
            return None
        done = Done(subprocess.CompletedProcess(words, child.returncode, out, err))
        if done.code not in TOLD or done.error.get("code") == "internal":
            self.soak.wrong.append(f"{self.wallet}: {words}: {done}")
        return done

    def rent_once(self):
        seconds = self.chance.randint(60, 100)
        impatient = self.chance.uniform(0.3, 4) if self.chance.random() < 0.15 else None
        done = self.call("rent", self.card, "--seconds", seconds, "--disk", "2GB", "--max-hours", 1,
                         "--ssh-key", self.soak.world.ssh_key(), "--yes", kill_after=impatient)
        if done is None:
            self.did["walked away while paying"] += 1
            return
        self.did[f"rent: {done.code}"] += 1
        if done.code != 0:
            self.soak.over.wait(self.chance.uniform(1, 4))
            return
        lease = done.json["lease"]
        self.soak.over.wait(self.chance.uniform(0, 12))
        if self.chance.random() < 0.3:
            more = self.call("extend", lease, "--seconds", 60, "--yes")
            self.did[f"extend: {more.code if more else None}"] += 1
        if self.chance.random() < 0.75:
            for _ in range(3):
                stopped = self.call("stop", lease, "--yes")
                self.did[f"stop: {stopped.code if stopped else None}"] += 1
                if stopped and stopped.code in (0, 5):
                    return
        else:
            self.did["left it running"] += 1


class Soak:
    def __init__(self, make_world, seconds, seed):
        self.seconds, self.seed = seconds, seed
        self.chance = random.Random(seed)
        self.world = make_world(TERMS, start=False)
        self.over = threading.Event()
        self.wrong, self.killed = [], collections.Counter()
        self.rss = collections.defaultdict(list)
        # A child of ours ends with the thread that started it (stack.py), so this one stays.
        self.starter = concurrent.futures.ThreadPoolExecutor(1)
        self.renters = [Renter(self, number) for number in range(RENTERS)]
        self.start = {}
        self.machine_before = None

    # --- the whole ---

    def begin(self):
        world = self.world
        self.on_starter(world.start_all)
        self.on_starter(world.start_demo_host, 1, count=3)
        world.ssh_key()
        for renter in self.renters:
            world.new_wallet(renter.wallet, 50)
        until(lambda: {offer["card"] for offer in world.get("/v1/offers")["offers"]} == set(CARDS))
        self.machine_before = self.machine()
        self.start = {name: (world.rpc.balance(address), self.newest(address))
                      for name, address in world.addresses.items() if name != "program"}

    def go(self):
        for renter in self.renters:
            renter.start()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(2, 7))
            self.break_something()
            self.look_at_memory()
        self.over.set()
        self.bring_back()
        for renter in self.renters:
            renter.join(400)
            if renter.is_alive():
                self.wrong.append(f"{renter.wallet} still waits")

    def on_starter(self, what, *words, **options):
        return self.starter.submit(what, *words, **options).result()

    # --- breaking ---

    def break_something(self):
        kind = self.chance.choices(list(FAULTS), FAULTS.values())[0]
        away_s = self.chance.choice((0, 0, self.chance.uniform(0, 6)))
        if kind in ("podman", "monitor", "machine"):
            self.kill_one_of(kind)
            return
        process = {"market": self.world.market, "node": self.world.localnet,
                   "host": self.world.hosts["host"], "demo": self.world.hosts["demo-1"]}[kind]
        self.end(process)
        self.killed[kind] += 1
        time.sleep(away_s)
        self.bring_back()

    def end(self, process):
        if not process.running():
            self.wrong.append(f"{process.name} had ended by itself with "
                              f"{process.child.returncode}: {process.tail()}")
        process.kill()

    def bring_back(self):
        world = self.world
        if not world.localnet.running():
            self.on_starter(world.restart_localnet)
        if not world.market.running():
            self.on_starter(world.start_market)
        for host in world.hosts.values():
            if not host.running():
                self.on_starter(host.start)

    def kill_one_of(self, kind):
        """One process of this world's leases: by what its command line says."""
        found = []
        for host in self.host_dirs():
            instance = self.instance(host)
            for pid, line in self.processes():
                if str(host) not in line and instance not in line:
                    continue
                is_monitor = line.startswith(("conmon", "/usr/bin/conmon"))
                if kind == "podman" and " system service " in line:
                    found.append(pid)
                elif kind == "monitor" and is_monitor:
                    found.append(pid)
                elif kind == "machine" and is_monitor:
                    found += self.children(pid)
        if not found:
            return
        try:
            os.kill(self.chance.choice(sorted(found)), signal.SIGKILL)
            self.killed[kind] += 1
        except ProcessLookupError:
            pass

    @staticmethod
    def processes():
        for folder in pathlib.Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(
                    errors="replace").strip()
            except OSError:
                continue
            if line and "obelisk-host" not in line:
                yield int(folder.name), line

    @staticmethod
    def children(pid):
        try:
            return [int(child) for child in
                    pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def host_dirs(self):
        return sorted((self.world.state / "hosts").iterdir())

    @staticmethod
    def instance(host_dir):
        return "/run/obelisk/" + hashlib.sha256(str(host_dir).encode()).hexdigest()[:8]

    def look_at_memory(self):
        for name, process in (("market", self.world.market), *self.world.hosts.items()):
            if not process.running():
                continue
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    self.rss[name].append(int(line.split()[1]))

    # --- the end ---

    def settle(self):
        """Nothing is broken any more. The chain's time passes, so that every window is over."""
        for host in self.world.hosts.values():
            host.wait_ready(60)
        left = None
        for _ in range(30):
            left = self.open_accounts()
            if not left:
                break
            self.world.warp(61)
            time.sleep(3)
        assert not left, f"never settled: {left}"
        try:
            until(lambda: not self.undone(), 60, 0.5)
        except AssertionError:
            self.wrong.append(f"the market is not done: {self.undone()}")

    def open_accounts(self):
        """Every account of the program but the market's."""
        rows = self.world.rpc("getProgramAccounts", self.world.addresses["program"],
                              {"encoding": "base64", "commitment": "confirmed"})
        return [row["pubkey"] for row in rows
                if row["pubkey"] != self.world.market_info["market"]]

    def undone(self):
        return [self.store(query) for query in (
            f"SELECT lease, state, message FROM lease WHERE state <> {ENDED}",
            "SELECT id, attempts FROM outbox", "SELECT * FROM held_card")
                if self.store(query)]

    def store(self, query, *values):
        path = self.world.state / "market/market.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as file:
            return file.execute(query, values).fetchall()

    # --- what must be true ---

    def check(self):
        self.check_wallets()
        leases = [lease for renter in self.renters for lease in self.leases_of(renter.wallet)]
        for lease, renter in leases:
            try:
                self.check_lease(lease, renter)
            except AssertionError as problem:
                self.wrong.append(f"lease {lease}: {problem}")
        self.check_machine()
        self.check_logs()
        for name, seen in self.rss.items():
            most = MOST_RSS_KB["market" if name == "market" else "host"]
            if max(seen) > most:
                self.wrong.append(f"{name} took {max(seen)} KB of memory, more than {most}")
        return leases

    def newest(self, address):
        rows = self.world.rpc("getSignaturesForAddress", address,
                              {"limit": 1, "commitment": "confirmed"})
        return rows[0]["signature"] if rows else None

    def records_of(self, address, until_signature=None):
        """Every transaction of an address since then, whatever many there are."""
        out, before = [], None
        while True:
            page = self.world.rpc("getSignaturesForAddress", address, {
                "limit": 1000, "commitment": "confirmed", **({"before": before} if before else {}),
                **({"until": until_signature} if until_signature else {})})
            out += page
            if len(page) < 1000:
                return [chain.transaction(self.world.rpc, row["signature"])
                        for row in reversed(out)]
            before = page[-1]["signature"]

    def check_wallets(self):
        """Each balance is what it was and what its transactions moved."""
        for name, (before, newest) in self.start.items():
            address = self.world.addresses[name]
            moved = sum(chain.moved(record, address)
                        for record in self.records_of(address, newest))
            now = self.world.rpc.balance(address)
            if before + moved != now:
                self.wrong.append(f"{name}: {before} and {moved} moved, and it has {now}")

    def leases_of(self, wallet):
        """By what its own transactions did; with the wallet's address."""
        address, found = self.world.addresses[wallet], []
        for record in self.records_of(address):
            message = record["transaction"]["message"]
            keys = message["accountKeys"]
            for instruction in message["instructions"]:
                ours = keys[instruction["programIdIndex"]] == self.world.addresses["program"]
                if ours and not record["meta"]["err"] and unbase58(instruction["data"])[0] == OPEN:
                    found.append((keys[instruction["accounts"][1]], address))
        return found

    def check_lease(self, lease, renter):
        program = self.world.addresses["program"]
        records = [record for record in chain.history(self.world.rpc, lease)
                   if not record["meta"]["err"]]
        events = [(record, event) for record in records
                  for event in chain.events(record, program)]
        assert events and events[0][1]["tag"] == OPEN and events[-1][1]["state"] == 0
        paid_in = sum(-chain.moved(record, renter) - record["meta"]["fee"]
                      for record, event in events if event["tag"] in (OPEN, EXTENDED))
        host, fee, back = (sum(event[to] for _, event in events)
                           for to in ("to_host", "to_treasury", "to_renter"))
        assert paid_in == host + fee + back, f"{paid_in} came in, {host} {fee} {back} went out"
        ready = [record for record, event in events if event["tag"] == READY]
        if ready:
            served = events[-1][1]["proven_until"] - ready[0]["blockTime"]
            assert 0 <= served, "paid before it was ready"
            assert host + fee <= paid_in - PRICE_OF_ACCOUNT
            assert fee == (host + fee) * self.world.terms["fee-bps"] // 10_000
        else:
            assert (host, fee) == (0, 0), "paid before it was ready"
        rows = self.store("SELECT state, outcome, host_lamports, fee_lamports, refunded_lamports "
                          "FROM lease WHERE lease = ?", lease)
        assert len(rows) == 1, "the market forgot it"
        assert rows[0][0] == ENDED and rows[0][1] != 1, f"the market has it as {rows[0]}"
        assert rows[0][2:] == (host, fee, back), f"{rows[0][2:]} and not {(host, fee, back)}"

    def machine(self):
        slots = [path.name for path in SLOTS.glob("*")
                 if holder_of(path.name).is_relative_to(self.world.state)]
        rules = [subprocess.run(["nft", "list", "table", "inet", "obelisk_" +
                                 self.instance(host).rsplit("/", 1)[1]],
                                text=True, capture_output=True, check=False).stdout
                 for host in self.host_dirs()]
        return rules, slots, stray_networks()

    def left_behind(self):
        """Everything of a lease on this machine: processes, mounts, disks, folders, networks."""
        commands = (["ps", "-eo", "args"], ["cat", "/proc/self/mountinfo"], ["losetup", "-a"])
        lines = [line for command in commands for line in subprocess.run(
            command, text=True, capture_output=True, check=True).stdout.splitlines()]
        names = [name for host in self.host_dirs() for name in (f"{host}/", self.instance(host))]
        found = [line for line in lines if any(name in line for name in names)
                 and "obelisk-host" not in line and " system service " not in line]
        for host in self.host_dirs():
            found += map(str, (host / "containers").glob("*"))
            found += [str(path) for path in (host / "leases").glob("*")
                      if not path.name.endswith(".attestation.json")]
        rules, slots, networks = self.machine()
        if rules != self.machine_before[0]:
            found.append(f"rules {rules}")
        return found + [f"slot {slot}" for slot in slots] + [
            f"network {network}" for network in networks - self.machine_before[2]]

    def check_machine(self):
        try:
            until(lambda: not self.left_behind(), 60, 0.5)
        except AssertionError:
            self.wrong.append(f"left on this machine: {self.left_behind()}")

    def check_logs(self):
        for path in sorted((self.world.state / "logs").iterdir()):
            for line in path.read_text(errors="replace").splitlines():
                if any(bug in line for bug in BUGS):
                    self.wrong.append(f"{path.name}: {line}")
                elif path.name == "market.log" and '"status":500' in line:
                    self.wrong.append(f"{path.name}: {line}")

    def summary(self, leases):
        did = sum((renter.did for renter in self.renters), collections.Counter())
        outcomes = dict(self.store("SELECT outcome, count(*) FROM lease GROUP BY outcome"))
        return json.dumps({
            "seed": self.seed, "seconds": self.seconds, "leases": len(leases),
            "killed": self.killed, "renters": did, "outcomes": outcomes,
            "rss_kb": {name: [seen[0], max(seen), seen[-1]] for name, seen in self.rss.items()},
            "wrong": len(self.wrong)}, sort_keys=True)
