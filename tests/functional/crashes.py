"""One whole rental while a program dies at a crash point, and what must be true afterwards.

The programs are those of build/crash: they end right before the operation that OBELISK_CRASH_AT
names (docs/contract.md). Whoever keeps services up starts the ordinary program again at once. What
is checked is read from the chain, from this machine and from the market's disk, and from none of
our programs' words.
"""
import base64
import collections
import concurrent.futures
import hashlib
import json
import sqlite3
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request

import chain
from chain import unbase58
from conftest import PRICE_OF_ACCOUNT, Done, until
from crash_keeper import Keeper, read_log
from slots import SLOTS, holder_of, stray_networks
from stack import BIN, StackError

ENDED = 7  # of core/lease/record.hpp, as the market's file has it
OPEN, READY = 2, 3
STARTED_AT = 256  # of src/core/escrow/layout.hpp
SLOT_MS = 60  # the market settles an end once it is final: 32 slots, which is half of a rental
ENDINGS = ("stop", "end")  # by the renter, or because its time ran out

# How one rental went. `died`: the operation before which the program ended, or nothing where the
# rental was over before it came to that.
Outcome = collections.namedtuple("Outcome", "died operations served seconds")


def wait(words, what, seconds=30, pause=0.05):
    """Until what `words` say is true."""
    try:
        until(what, seconds, pause)
    except AssertionError:
        raise AssertionError(f"not within {seconds} s: {words}") from None


class Crashes:
    """A world in which one of the two programs is crashed again and again, a new rental each time.

    `program` is "market" or "host"."""

    def __init__(self, make_world, program):
        self.make_world, self.program = make_world, program
        self.world = self.host_dir = self.table = None
        self.wallets = self.cards = 0
        # A child of ours ends with the thread that started it (stack.py), so these stay.
        self.starter = concurrent.futures.ThreadPoolExecutor(2)
        self.begin_world()

    def begin_world(self):
        """A new one after a failure too: what that left must not be taken for another's."""
        if self.world:
            self.world.hosts["host"].kill()
            self.world.market.kill()
            self.world.stop()
        self.world = self.make_world(slot_ms=SLOT_MS)
        self.host_dir = self.world.state / "hosts/host"
        self.table = "obelisk_" + hashlib.sha256(str(self.host_dir).encode()).hexdigest()[:8]
        self.cards = until(self.offered)

    # --- what tests ask for ---

    def count(self, ending):
        """The operations of one whole rental without a crash."""
        outcome = self.rental("", ending)
        assert outcome.died is None and outcome.served
        return outcome.operations

    def crash(self, at, ending):
        """One whole rental with a crash right before `at`: a number, or a name's number."""
        try:
            outcome = self.rental(str(at), ending)
            assert outcome.died, f"{at} was never reached: {len(outcome.operations)} operations"
            wanted = str(at).split(":")[0]
            assert wanted.isdigit() or outcome.died == wanted
            assert outcome.served, "a program that is back at once keeps the promise"
        except Exception:
            self.begin_world()
            raise
        return outcome

    def crash_and_stay_away(self, at):
        """The same, but it does not come back before the deadline for `ready` has passed."""
        try:
            self.refund(at)
        except Exception:
            self.begin_world()
            raise

    def crash_at_each(self, total, ending):
        """The same before each of the first `total` operations; all failures, not only one."""
        failures, died, late = [], collections.Counter(), 0
        for at in range(1, total + 1):
            try:
                outcome = self.rental(str(at), ending)
            except Exception as problem:  # whatever it is, the other operations are tried too
                names = read_log(self.world.state / "crash.log")
                failures.append(f"{at}, {names[-1:]}: {type(problem).__name__}: {problem}")
                print(failures[-1], flush=True)
                self.begin_world()
                continue
            print(at, outcome.died, f"{outcome.seconds:.1f} s", flush=True)
            if outcome.died:
                died[outcome.died] += 1
                if not outcome.served:
                    failures.append(f"{at}, {outcome.died}: refunded instead of ready in time")
            else:
                late += 1
        print(f"{self.program}, {ending}: {total} operations, {sum(died.values())} crashes before "
              f"{len(died)} kinds, {late} not reached, {len(failures)} failures")
        assert not failures, "\n".join(failures)
        assert late <= total // 5, "too many operations were never reached"

    # --- the programs ---

    def begin_market(self, **how):
        self.starter.submit(self.world.start_market, **how).result()
        return self.world.market

    def begin_host(self, **how):
        """A host that finds no market ends, and is started again by whoever keeps services up."""
        for tries in range(20):
            try:
                return self.starter.submit(self.world.start_host, **how).result()
            except StackError as error:
                if "Connection refused" not in str(error) or tries == 19:
                    raise
                time.sleep(0.1)
        return None

    def fresh(self, at, waits=None):
        """Both programs from their start, one of them with a crash point."""
        world = self.world
        world.hosts["host"].stop()
        world.market.stop()
        if self.program == "market":
            keeper = Keeper(world, self.begin_market, at, waits)
            keeper.bring_up()
            self.begin_host()
        else:
            self.begin_market()
            keeper = Keeper(world, self.begin_host, at, waits)
            keeper.bring_up()
        until(self.offered)
        if self.offered() < self.cards:
            self.world.warp(61)  # a quote that nobody paid holds its card so long
            wait("all cards are offered", lambda: self.offered() == self.cards)
        return keeper

    # --- the outside's view ---

    def ask(self, path):
        """Nothing while the market is away."""
        try:
            return self.world.get(path)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def offered(self):
        answer = self.ask("/v1/offers")
        return sum(offer["count"] for offer in answer["offers"]) if answer else 0

    def client(self, wallet, *words):
        return Done(subprocess.run(
            [str(BIN / "obelisk"), *map(str, words), "--json"], text=True, capture_output=True,
            check=False, stdin=subprocess.DEVNULL, timeout=120,
            env=self.world.client_environment(wallet)))

    def says(self, wallet, lease, command):
        return subprocess.run(
            [str(BIN / "obelisk"), "ssh", lease, "--", command], text=True, capture_output=True,
            check=False, stdin=subprocess.DEVNULL, timeout=60,
            env=self.world.client_environment(wallet)).stdout.strip()

    def leases_of(self, wallet):
        """Every lease that this wallet opened, by what its own transactions did."""
        found = []
        for record in chain.history(self.world.rpc, self.world.addresses[wallet]):
            message = record["transaction"]["message"]
            keys = message["accountKeys"]
            for instruction in message["instructions"]:
                ours = keys[instruction["programIdIndex"]] == self.world.addresses["program"]
                if ours and not record["meta"]["err"] and unbase58(instruction["data"])[0] == OPEN:
                    found.append(keys[instruction["accounts"][1]])
        return found

    def data(self, lease):
        account = self.world.account(lease)
        return base64.b64decode(account["data"][0]) if account else b""

    def state_of(self, lease):
        """1 funded, 2 active, 3 closing; 0: closed."""
        data = self.data(lease)
        return data[3] if data else 0

    def store(self, query, *values):
        path = self.world.state / "market/market.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as file:
            return file.execute(query, values).fetchall()

    # --- a rental ---

    def pay(self, wallet, seconds):
        """Rents until money has moved; who was told of an error before that tries again."""
        for _ in range(4):
            done = self.client(wallet, "rent", "cpu", "--seconds", seconds, "--disk", "2GB",
                               "--ssh-key", self.world.ssh_key(), "--yes")
            leases = self.leases_of(wallet)
            assert len(leases) <= 1, "one rental was asked for"
            if leases:
                assert done.code in (0, 6, 7), done
                return leases[0]
            assert done.code in (5, 6, 8), done
            assert done.error["charged_lamports"] == "0", done
            if not until(lambda: self.ask("/v1/offers"), 20) or not self.offered():
                self.world.warp(61)  # both cards are held by quotes that nobody will pay
            until(self.offered)
        raise AssertionError(done)

    def other_cards(self, lease):
        """The cards that others are quoted while this lease runs."""
        request = {"card": "cpu", "seconds": 60, "disk_bytes": 2_000_000_000,
                   "ssh_key": open(self.world.ssh_key(), encoding="utf-8").read().strip()}
        cards = []
        for name in ("renter", "operator"):
            body = json.dumps({**request, "renter": self.world.addresses[name]}).encode()
            asked = urllib.request.Request(self.world.endpoints["market"] + "/v1/quotes", body,
                                           {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(asked, timeout=20) as answer:
                    terms = json.loads(json.load(answer)["terms"])
            except (urllib.error.URLError, OSError, ValueError):
                continue
            cards += [card["uuid"] for card in terms["cards"]]
        (own,) = self.store("SELECT uuid FROM held_card WHERE lease = ?", lease)
        return [own[0], *cards]

    def live(self, wallet, lease):
        """Uses the lease while it runs: the same machine, its own card, a proof each minute."""
        kept = "cat /workspace/kept"
        wait("the renter is let in", lambda: self.says(
            wallet, lease, f"echo {lease} >/workspace/kept; {kept}") == lease, 30, 0.2)
        folders = [path.name for path in (self.host_dir / "containers").iterdir()]
        assert folders == [lease], "one lease, one machine"
        cards = self.other_cards(lease)
        assert len(cards) == len(set(cards)), f"a card in two leases: {cards}"
        self.world.warp(61)
        proof = self.host_dir / f"leases/{lease}.attestation.json"
        wait("the host holds a proof", proof.exists)
        wait("the machine is the same", lambda: self.says(wallet, lease, kept) == lease, 30, 0.2)

    def new_wallet(self):
        self.wallets += 1
        name = f"renter-{self.wallets}"
        self.world.new_wallet(name, 1)
        return name, self.world.rpc.balance(self.world.addresses[name])

    def refund(self, at, seconds=120):
        """A rental that cannot be served: everything is back, and nothing is left of it."""
        wallet, start = self.new_wallet()
        before = self.machine()
        back = threading.Event()
        keeper = self.fresh(at, back)
        try:
            with concurrent.futures.ThreadPoolExecutor(1) as renter:
                paying = renter.submit(self.pay, wallet, seconds)
                wait("it is paid", lambda: keeper.died and self.leases_of(wallet))
                (lease,) = self.leases_of(wallet)
                assert self.state_of(lease) == 1
                self.world.warp(self.world.terms["ready-deadline-s"] + 1)
                if self.program == "market":  # anybody may do what it would do
                    cancelled = self.client("operator", "escrow", "cancel", lease)
                    assert cancelled.code == 0, cancelled
                wait("everything goes back", lambda: self.state_of(lease) == 0)
                paying.result()
            back.set()
            self.check_market(lease)
            self.wait_wiped(lease)
        finally:
            back.set()
            keeper.end()
        self.check_money(wallet, lease, start, "refund", seconds)
        wait("the machine is as before", lambda: self.is_as(before))

    def rental(self, at, ending, seconds=120):
        """One whole rental with a crash point; every check of what is left."""
        begun = time.monotonic()
        wallet, start = self.new_wallet()
        before = self.machine()
        keeper = self.fresh(at)
        try:
            lease = self.pay(wallet, seconds)
            wait("it is ready or refunded", lambda: self.state_of(lease) != 1)
            served = self.state_of(lease) == 2
            if served:
                self.live(wallet, lease)
                if ending == "stop":
                    stopped = self.client(wallet, "stop", lease, "--yes")
                    assert stopped.code == 0, stopped
                else:
                    self.warp_to_the_end(lease, seconds)
            wait("the lease is settled", lambda: self.state_of(lease) == 0)
            self.check_market(lease)
            self.wait_wiped(lease)
            self.await_point(keeper)
        finally:
            keeper.end()
        self.check_money(wallet, lease, start, ending, seconds)
        wait("the machine is as before", lambda: self.is_as(before))
        return Outcome(keeper.died, read_log(keeper.log), served, time.monotonic() - begun)

    def warp_to_the_end(self, lease, seconds):
        """And not past it: for ten seconds of the chain's a last proof is tried again and again."""
        rpc = self.world.rpc
        begun = struct.unpack_from("<q", self.data(lease), STARTED_AT)[0]
        now = rpc("getBlockTime", rpc("getSlot", {"commitment": "confirmed"}))
        if begun + seconds > now:
            self.world.warp(begun + seconds - now)

    def await_point(self, keeper):
        """The market never rests, so that a late point is reached a moment after the rental."""
        if keeper.at.isdigit() and self.program == "market":
            end = time.monotonic() + 20  # what was counted may have been a slower rental
            while not keeper.died and keeper.is_alive() and time.monotonic() < end:
                time.sleep(0.02)
            wait("the market is back", lambda: self.ask("/v1/market"))

    # --- what must be true ---

    def check_market(self, lease):
        """The market knows the end, holds no card for it, and has no work left."""
        wait("the market knows the end", lambda: self.store(
            "SELECT state FROM lease WHERE lease = ?", lease) == [(ENDED,)])
        assert self.store("SELECT * FROM held_card WHERE lease = ?", lease) == []
        wait("no work is left", lambda: not self.store(
            "SELECT id FROM outbox WHERE lease = ?", lease))

    def check_money(self, wallet, lease, start, ending, seconds):
        """From getTransaction alone: paid = host + fee + refunded, and nobody lost more."""
        world = self.world
        renter, program = world.addresses[wallet], world.addresses["program"]
        records = [record for record in chain.history(world.rpc, lease)
                   if not record["meta"]["err"]]
        events = [(record, event) for record in records
                  for event in chain.events(record, program)]
        tags = [event["tag"] for _, event in events]
        assert tags[0] == OPEN and tags.count(OPEN) == 1 and tags.count(READY) <= 1, tags
        assert events[-1][1]["state"] == 0, "it is closed"
        opened = records[0]
        price = -chain.moved(opened, renter) - opened["meta"]["fee"] - PRICE_OF_ACCOUNT
        host, fee, back = (sum(event[to] for _, event in events)
                           for to in ("to_host", "to_treasury", "to_renter"))
        assert price == host + fee + back - PRICE_OF_ACCOUNT
        ready = [record for record, event in events if event["tag"] == READY]
        assert ending != "refund" or not ready
        if ready:
            served = events[-1][1]["proven_until"] - ready[0]["blockTime"]
            assert ready[0]["blockTime"] - opened["blockTime"] <= world.terms["ready-deadline-s"]
            to_the_end = seconds if ending == "end" \
                else records[-1]["blockTime"] - ready[0]["blockTime"]
            assert served == to_the_end, "the host served all of it and is paid for all of it"
            assert host + fee == self.rate(opened) * served // 3600
            assert fee == (host + fee) * world.terms["fee-bps"] // 10_000
        else:
            assert (host, fee) == (0, 0), "paid before it was ready"
        self.check_wallets(renter, records, start, host, fee)

    def rate(self, opened):
        message = opened["transaction"]["message"]
        data = [unbase58(instruction["data"]) for instruction in message["instructions"]]
        (terms,) = [words for words in data if words[0] == OPEN and len(words) > 60]
        return int.from_bytes(terms[26:34], "little")

    def check_wallets(self, renter, records, start, host, fee):
        """Each party moved by its part, and by the network's fees of what it sent itself."""
        world = self.world
        fees = collections.Counter()
        for record in chain.history(world.rpc, renter):
            payer = record["transaction"]["message"]["accountKeys"][0]
            fees[payer] += record["meta"]["fee"]
        assert start - world.rpc.balance(renter) == host + fee + fees[renter]
        for name, part in (("host", host), ("treasury", fee)):
            address = world.addresses[name]
            assert sum(chain.moved(record, address) for record in records
                       if address in record["transaction"]["message"]["accountKeys"]) == part
        for record in records:
            payer = record["transaction"]["message"]["accountKeys"][0]
            if payer != renter:
                moved = chain.moved(record, payer)
                assert moved == -record["meta"]["fee"], "who helps pays the network's fee alone"

    def wait_wiped(self, lease):
        try:
            until(lambda: not self.traces(lease), 30)
        except AssertionError:
            raise AssertionError(f"left of a lease that is over: {self.traces(lease)}") from None

    def traces(self, lease):
        """What this machine still has of a lease, by its name."""
        commands = (["ps", "-eo", "args"], ["cat", "/proc/self/mountinfo"], ["losetup", "-a"])
        lines = [line for command in commands for line in subprocess.run(
            command, text=True, capture_output=True, check=True).stdout.splitlines()]
        found = [line for line in lines if lease in line and "obelisk-host" not in line]
        for folder in ("containers", "leases"):
            found += [str(path) for path in (self.host_dir / folder).glob(f"*{lease}*")
                      if not path.name.endswith(".attestation.json")]
        return found

    def machine(self):
        """What leases leave behind by other names, of which there is none between two rentals."""
        rules = subprocess.run(["nft", "list", "table", "inet", self.table], text=True,
                               capture_output=True, check=False).stdout
        slots = [path.name for path in SLOTS.glob("*")
                 if holder_of(path.name).is_relative_to(self.host_dir)]
        return rules, slots, stray_networks()

    def is_as(self, before):
        """Others make and destroy networks too: what they were at before may be gone."""
        rules, slots, networks = self.machine()
        return (rules, slots) == before[:2] and networks <= before[2]
