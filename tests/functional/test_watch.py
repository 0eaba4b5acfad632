"""The watch as a process of its own: what it does for a market, and what a stolen one gets."""
import contextlib
import json
import os
import socket
import sqlite3
import stat
import subprocess

import pytest
from conftest import BIN, until
from stolen_words import Thief, canonical, say

TERMS = {"gap-limit-s": 60, "claim-window-s": 600, "ready-deadline-s": 30}


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    return make_world(TERMS)


@pytest.fixture(name="thief")
def fixture_thief(world):
    return Thief(world)


@pytest.fixture(name="lease", scope="module")
def fixture_lease(world):
    return world.rent(seconds=3600)["lease"]


def quoted(world):
    """A quote that nobody pays, and its terms."""
    world.release_quotes()
    made = world.cli("quote", "cpu", "--seconds", 600, "--disk", "2GB", "--ssh-key",
                     world.ssh_key()).json
    return made, json.loads(made["terms"])


def market_knows(world, lease):
    """The terms and the quote's signature of a lease: a stolen market has its database."""
    with contextlib.closing(sqlite3.connect(
            f"file:{world.state}/market/market.sqlite?mode=ro", uri=True)) as database:
        terms, signature, driver = database.execute(
            "SELECT terms, quote_signature, driver_name FROM lease WHERE lease = ?",
            (lease,)).fetchone()
    return {"driver_name": driver, "signature": signature, "terms": terms}


def test_the_market_has_no_key_and_rents_all_the_same(world, lease):
    command = open(f"/proc/{world.market.pid}/cmdline", encoding="utf-8").read()
    assert "watch.sock" in command and "attestor.json" not in command
    files = [os.readlink(f"/proc/{world.market.pid}/fd/{fd}")
             for fd in os.listdir(f"/proc/{world.market.pid}/fd")]
    assert not any("attestor" in name for name in files), files
    assert stat.S_IMODE(os.stat(world.watch_socket()).st_mode) == 0o600
    assert "watch" in world.pids()
    assert world.ssh(lease, "echo in").stdout == "in\n"
    world.let_time_pass(lease, 60)


def test_quotes_of_its_own_making(world, thief):
    _, terms = quoted(world)
    elsewhere = {**terms, "market": world.addresses["operator"]}
    assert "another market" in thief.refused("quote", terms=canonical(elsewhere))
    assert "another program" in thief.refused(
        "quote", terms=canonical({**terms, "program": world.addresses["operator"]}))
    assert "other terms" in thief.refused(
        "quote", terms=canonical({**terms, "max_seconds": terms["max_seconds"] - 1}))
    fresh = {**terms, "nonce": "77"}
    rev = type(terms["market_rev"])(int(terms["market_rev"]) + 1)
    assert "has changed" in thief.refused("quote", terms=canonical({**fresh, "market_rev": rev}))
    assert "too long" in thief.refused(
        "quote", terms=canonical({**fresh, "expires_at": terms["expires_at"] + 600}))
    assert "fee" in thief.refused(
        "quote", terms=canonical({**fresh, "fee_bps": terms["fee_bps"] + 1}))
    thief.refused("quote", terms=canonical({"n": 1}))


def test_ready_without_a_payment_or_a_second_time(world, thief, lease):
    made, _ = quoted(world)
    quote = {"driver_name": "", "signature": made["signature"], "terms": made["terms"]}
    facts = thief.lease(lease)
    unpaid = {**facts, "lease": made["lease"]}
    assert "no such lease" in thief.refused("ready", message=thief.message(thief.ready(unpaid)),
                                            quote=quote)
    # For a lease that runs, under its own terms: it was served already.
    own = market_knows(world, lease)
    assert "opening" in thief.refused("ready", message=thief.message(thief.ready(facts)),
                                      quote=own)
    # And a login without the host's own signature goes nowhere.
    answer = thief.ask("login", check_card=True, quote=own,
                       ssh={"address": "127.0.0.1", "host_key": "ssh-ed25519 AAAAMINE",
                            "host_key_signature": "1" * 64, "port": 22, "user": "root"})
    assert answer["login"]["problem"] == "wrong_host_key" and not answer["login"]["ok"]


def test_attestations_ahead_of_its_view(world, thief, lease):
    facts = thief.lease(lease)
    words = {"key": facts["attestor"], "lease": lease, "opened_slot": str(facts["opened_slot"]),
             "program": world.addresses["program"]}
    now = world.chain_time()
    assert "no login" in thief.refused("attestation", alive_until=now + 900, **words)
    assert "past the end" in thief.refused("attestation", alive_until=now + 9000, **words)
    assert "does not run" in thief.refused(
        "attestation", alive_until=now - 1, **{**words, "opened_slot": "1"})
    thief.refused("attestation", alive_until=now - 1, **{**words, "key": facts["host"]})
    # What it saw it says, to whoever asks: that can only pay for what was served.
    assert "signature" in thief.ask("attestation", alive_until=world.attested(lease), **words)


def test_a_dark_stop_of_a_lease_that_answers(world, thief, lease):
    world.warp(61)
    facts = thief.lease(lease)
    assert "answers" in thief.refused("dark", message=thief.message(thief.stop(facts)))
    assert thief.lease(lease)["state"] == 2, "it runs on"
    # Nor by sending its logins where nobody is: it looks where the machine was, too.
    own = world.get(f"/v1/leases/{lease}")["ssh"]
    for _ in range(3):
        answer = thief.ask("login", check_card=False,
                           quote=market_knows(world, lease),
                           ssh={"address": own["address"], "host_key": own["host_key"],
                                "host_key_signature": own["host_key_signature"], "port": 9,
                                "user": own["user"]})
        assert answer["login"]["ok"], answer
        world.warp(25)
    assert "answers" in thief.refused("dark", message=thief.message(thief.stop(facts)))


def test_bytes_of_its_own_choice(world, thief, lease):
    facts = thief.lease(lease)
    before = world.rpc.balance(world.addresses["attestor"])
    for message in (thief.message(thief.theft()),
                    thief.message(thief.stop(facts), thief.theft()),
                    thief.message(thief.stop(facts, how=2)),
                    "AAAA", ""):
        for kind in ("settlement", "dark"):
            thief.refused(kind, message=message)
    assert say(thief.path, '{"sign":{"message":"AAAA"}}')["error"]["code"] == "invalid_input"
    assert say(thief.path, "\x00\x01\x02")["error"]["code"] == "invalid_input"
    assert say(thief.path, b"x" * 200_000) is None, "too long for an answer"
    assert world.rpc.balance(world.addresses["attestor"]) == before


def test_a_flood(world, thief, lease):
    facts = thief.lease(lease)
    words = {"key": facts["attestor"], "lease": lease, "opened_slot": str(facts["opened_slot"]),
             "program": world.addresses["program"], "alive_until": facts["started_at"] + 1}
    answers = [thief.ask("attestation", **words) for _ in range(60)]
    signed = sum("signature" in answer for answer in answers)
    assert signed <= 30 and answers[-1]["error"]["code"] == "rate_limited"
    silent = []
    for _ in range(300):
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(thief.path))
        silent.append(one)
    until(lambda: _answers(thief), 15)
    for one in silent:
        one.close()
    assert world.watch.running()
    world.let_time_pass(lease, 120)


def _answers(thief):
    try:
        return thief.ask("keys")
    except OSError:
        return None


def test_kill_9_and_back_up_it_attests_through_unbroken_uptime(world, lease):
    until(lambda: world.attested(lease))
    world.watch.kill()
    world.warp(40)
    assert world.ssh(lease, "echo still in").stdout == "still in\n"
    world.start_watch()
    world.let_time_pass(lease, 60)
    assert world.lease(lease)["state"] == "active"


def test_without_its_watch_a_market_quotes_nothing_and_says_so(world, lease):
    world.release_quotes()
    world.watch.stop()
    refused = world.cli("quote", "cpu", "--seconds", 600, "--disk", "2GB", "--ssh-key",
                        world.ssh_key(), code=6)
    assert refused.error["code"] == "unreachable" and "watch" in refused.error["message"]
    assert world.lease(lease)["state"] == "active", "what runs runs on"
    world.start_watch()
    until(lambda: world.cli("quote", "cpu", "--seconds", 600, "--disk", "2GB", "--ssh-key",
                            world.ssh_key(), code=None).code == 0, 10)
    done = subprocess.run(
        [str(BIN / "obelisk-market"), "--listen", "127.0.0.1:0", "--state",
         str(world.state / "other"), "--rpc", world.endpoints["rpc"], "--program",
         world.addresses["program"], "--operator", world.addresses["operator"], "--watch",
         str(world.state / "nobody.sock"), "--price", "fixed:140", "--local"],
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 6 and "obelisk-watch" in done.stderr, done


def test_the_lease_ends_as_any_other(world, lease):
    stopped = world.cli("stop", lease, "--yes").json
    paid, host, fee, refunded = (int(stopped[f"{name}_lamports"])
                                 for name in ("paid", "host", "fee", "refunded"))
    assert paid == host + fee + refunded and host > 0
    assert world.account(lease) is None
    leases = world.state / "watch" / "leases"
    assert list(leases.iterdir()), "kept until it cannot be opened again"
    world.warp(1000)
    until(lambda: not list(leases.iterdir()), 90, 1)
