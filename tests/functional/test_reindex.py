"""The index that a market kept through everything equals one that is built from nothing."""
import json
import shutil
import sqlite3
import subprocess

import pytest
from conftest import BIN, Done, until
from stack import own_environment

TERMS = {"gap-limit-s": 60, "claim-window-s": 600, "ready-deadline-s": 600}
TABLES = {"chain_transaction": "slot, block_index", "step": "slot, block_index, number",
          "lease": "lease, opened_slot, opening"}


def read(path, sql):
    index = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return index.execute(sql).fetchall()
    finally:
        index.close()


def dump(path):
    """All that follows from the chain, table by table, sorted."""
    return {table: read(path, f"SELECT * FROM {table} ORDER BY {order}")
            for table, order in TABLES.items()}


class Index:
    """What the index of a world is asked here."""

    def __init__(self, world):
        self.world = world
        self.path = world.state / "market" / "index.sqlite"

    def has(self, signature):
        return bool(self.final(signature))

    def final(self, signature):
        return read(self.path,
                    f"SELECT is_final FROM chain_transaction WHERE signature = '{signature}'")

    def rows_of(self, lease, columns):
        return read(self.path, f"SELECT {columns} FROM lease WHERE lease = '{lease}'"
                               " ORDER BY opened_slot, opening")

    def wait_still(self):
        """Until it has every transaction of the finalized history, and nothing else."""
        program = self.world.addresses["program"]

        def still():
            listed = self.world.rpc("getSignaturesForAddress", program,
                                    {"limit": 1000, "commitment": "finalized"})
            recent = self.world.rpc("getSignaturesForAddress", program,
                                    {"limit": 1000, "commitment": "confirmed"})
            has = read(self.path, "SELECT signature FROM chain_transaction WHERE is_final = 1")
            provisional = read(self.path, "SELECT 1 FROM chain_transaction WHERE is_final = 0")
            return (len(listed) == len(recent) and not provisional
                    and {row[0] for row in has} == {row["signature"] for row in listed})
        until(still, 60, 0.3)


def reindex(world, state, *words, code=0):
    done = Done(subprocess.run(
        [str(BIN / "obelisk-market"), "reindex", "--rpc", world.node_urls("rpc"), "--state",
         str(state), "--json", *words], text=True, capture_output=True, check=False,
        stdin=subprocess.DEVNULL, timeout=120, env=own_environment()))
    assert done.code == code, done
    return done


def from_nothing(world, name):
    state = world.state / name
    done = reindex(world, state, "--program", world.addresses["program"])
    return dump(state / "index.sqlite"), done.json


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    return make_world(TERMS)


@pytest.fixture(name="index", scope="module")
def fixture_index(world):
    return Index(world)


@pytest.fixture(name="send")
def fixture_send(world):
    def send(nonce, *calls, version=0):
        wish = {"version": version, "program": world.addresses["program"],
                "operator": world.addresses["operator"], "treasury": world.addresses["treasury"],
                "keys": {name: str(world.key(name)) for name in ("renter", "attestor", "host")},
                "nonce": nonce, "calls": list(calls)}
        out = world.run_tool([world.node, "tests/functional/lease_calls.mjs",
                              world.endpoints["rpc"], json.dumps(wish)])
        return json.loads(out)
    return send


def started(send, nonce, version=0, **terms):
    opened = send(nonce, {"op": "open", **terms}, version=version)
    assert opened["err"] is None, opened
    ready = send(nonce, {"op": "ready", "openedSlot": opened["slot"]}, version=version)
    assert ready["err"] is None, ready
    return opened["lease"]


def fault(world, **what):
    return world.rpc("obelisk_fault", what)


def roll_back_to(world, slot, again):
    """That slot and all after it; one more, for a slot that may begin until it is done."""
    newest = world.rpc("getSlot", {"commitment": "processed"})
    return fault(world, kind="rollback", slots=newest - slot + 2, again=again)


def test_every_ending_is_the_same_from_nothing(world, index, send):
    # Opened and cancelled, and the same address opened again, in one transaction with its end.
    cancelled = send(1, {"op": "open"}, version="legacy")["lease"]
    assert send(1, {"op": "cancel"}, version=1)["err"] is None
    assert send(1, {"op": "open", "seconds": 120}, {"op": "cancel"}, version=1)["err"] is None
    # Served, extended, stopped by the renter.
    stopped = started(send, 2, version=1)
    assert send(2, {"op": "extend", "total": 900}, version=0)["err"] is None
    assert send(2, {"op": "stop", "how": 0}, version="legacy")["err"] is None
    # Contested, then finished after the window; and waived by the host.
    contested = started(send, 3)
    waived = started(send, 4, seconds=1200)
    world.warp(120)
    assert send(3, {"op": "stop", "how": 1}, version=1)["err"] is None
    early = send(3, {"op": "finish"})
    assert "118" in early["err"], early
    world.warp(700)
    # Anyone may; somebody else may have been quicker, and then there is no lease any more.
    finished = send(3, {"op": "finish"}, version=0)["err"]
    assert finished is None or "106" in finished, finished
    assert world.account(contested) is None
    assert send(4, {"op": "stop", "how": 2}, version=1)["err"] is None
    # A rental as anybody makes it, which goes on; and one that nobody serves, with dust on it.
    rented = world.rent(seconds=3600)["lease"]
    left = send(5, {"op": "open"})["lease"]
    send(5, {"op": "dust", "lamports": 777}, version=1)

    index.wait_still()
    def vault():
        return index.rows_of(left, "vault_lamports")
    until(lambda: vault()[0][0] == world.account(left)["lamports"], 30, 0.5)
    built, told = from_nothing(world, "first")
    live = dump(index.path)
    assert live == built

    assert told["transactions"] == len(live["chain_transaction"]) and told["whole_from_birth"]
    assert told["failed"] >= 1 and told["provisional"] == 0
    assert told["leases"] == len(live["lease"]) >= 7
    bond = 2_951_040
    assert index.rows_of(cancelled, "state, whole, steps") == [(0, 1, 2), (0, 1, 2)]
    (row,) = index.rows_of(
        stopped, "paid_lamports, seconds, to_host_lamports + to_treasury_lamports"
                 " + to_renter_lamports, whole, state")
    assert row == (-(-714_286 * 900 // 3600), 900, row[0] + bond, 1, 0)
    for lease in (contested, waived):
        assert index.rows_of(lease, "state, whole") == [(0, 1)]
    (row,) = index.rows_of(rented, "state, whole, vault_lamports")
    assert row[:2] == (2, 1) and row[2] == world.account(rented)["lamports"]
    assert {row[0] for row in read(index.path, "SELECT version FROM chain_transaction")} == \
        {-1, 0, 1}
    world.cli("stop", rented, "--yes")


def test_what_a_fork_takes_back_goes_out_again(world, index, send):
    kept = send(20, {"op": "open"})
    until(lambda: index.has(kept["signature"]))
    until(lambda: index.final(kept["signature"]) == [(1,)], 30)
    before = dump(index.path)["lease"]
    lost = send(21, {"op": "open"}, {"op": "cancel"}, version=1)
    until(lambda: index.final(lost["signature"]) == [(0,)])
    assert dump(index.path)["lease"] != before
    undone = roll_back_to(world, lost["slot"], "none")
    assert lost["signature"] in json.dumps(undone), undone
    until(lambda: not index.has(lost["signature"]), 30)
    assert dump(index.path)["lease"] == before, "as if it had never been there"

    again = send(22, {"op": "open"})
    until(lambda: index.has(again["signature"]))
    # As far back as it, so that the block of its blockhash stands and it can land again.
    roll_back_to(world, again["slot"], "all")
    until(lambda: index.final(again["signature"]) == [(1,)], 30)
    (landed,) = world.rpc("getSignatureStatuses", [again["signature"]],
                          {"searchTransactionHistory": True})["value"]
    assert landed["slot"] > again["slot"], "it landed a second time, elsewhere"
    assert index.rows_of(again["lease"], "opened_slot") == [(landed["slot"],)]
    index.wait_still()
    assert dump(index.path) == from_nothing(world, "second")[0]


def test_a_market_that_is_killed_goes_on_where_it_was(world, index, send):
    for nonce in (30, 31):
        send(nonce, {"op": "open"}, version=nonce % 2)
        world.market.kill()
        send(nonce, {"op": "cancel"}, version=1)
        world.start_market()
        started(send, nonce + 10)
        world.market.kill()
        world.start_market()
    index.wait_still()
    built, _ = from_nothing(world, "third")
    assert dump(index.path) == built


def test_it_is_built_anew_in_its_place(world, index):
    says = reindex(world, world.state / "market", code=5).error
    assert says["code"] == "conflict" and str(world.market.pid) in says["message"]
    before = dump(index.path)
    world.market.kill()
    done = reindex(world, world.state / "market")
    assert done.json["program"] == world.addresses["program"], "the file that was there knew it"
    assert dump(index.path) == before
    world.start_market()
    until(lambda: "obelisk_index_behind 0" in metrics(world), 30)
    assert "obelisk_index_slot " in metrics(world)
    assert "The index has caught up" in world.market.log.read_text()


def metrics(world):
    return subprocess.run(["curl", "-s", world.endpoints["market"] + "/metrics"], text=True,
                          capture_output=True, check=True).stdout


def test_a_difference_would_be_seen(world, tmp_path):
    built, _ = from_nothing(world, "fourth")
    one = read(world.state / "fourth" / "index.sqlite", "SELECT max(signature) FROM step")[0][0]
    for number, change in enumerate((
            f"UPDATE chain_transaction SET block_index = block_index + 1 WHERE signature = '{one}'",
            f"UPDATE step SET number = number + 100 WHERE signature = '{one}'",
            f"UPDATE lease SET steps = steps + 1 WHERE open_signature IS NOT NULL",
            f"DELETE FROM step WHERE signature = '{one}'")):
        copy = tmp_path / f"{number}.sqlite"
        shutil.copy(world.state / "fourth" / "index.sqlite", copy)
        changed = sqlite3.connect(copy)
        with changed:
            assert changed.execute(change).rowcount > 0
        changed.close()
        assert dump(copy) != built, change


def test_without_a_node_nothing_is_touched(world):
    state = world.state / "fourth"
    before = dump(state / "index.sqlite")
    done = Done(subprocess.run(
        [str(BIN / "obelisk-market"), "reindex", "--rpc", "http://127.0.0.1:1", "--state",
         str(state), "--json"], text=True, capture_output=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60, env=own_environment()))
    assert done.code == 6 and done.error["code"] == "unreachable", done
    assert dump(state / "index.sqlite") == before
