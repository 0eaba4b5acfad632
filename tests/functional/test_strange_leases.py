"""Leases that no quote of the market's stands behind: never served, and all of it comes back."""
import json

import pytest
from conftest import until
from test_rental import traces

TERMS = {"ready-deadline-s": 30}


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    world = make_world(TERMS)
    world.new_wallet("other", 10)
    world.new_wallet("bystander", 1)
    return world


def open_lease(world, wallet, **wish):
    fields = {"program": world.addresses["program"], "operator": world.addresses["operator"],
              "host": world.addresses["host"], "nonce": 7, "rate": 714_286, "seconds": 600,
              "max_seconds": 600, "terms_hash": "ab" * 32,
              "expires_at": world.chain_time() + 60, **wish}
    out = world.run_tool([world.node, "tests/functional/open_lease.mjs", world.endpoints["rpc"],
                          world.key(wallet), json.dumps(fields)])
    lease = json.loads(out)["lease"]
    until(lambda: world.account(lease) is not None)
    return lease


def comes_back(world, wallet, lease, before):
    """The market cancels it for them once the deadline is over; only network fees are gone."""
    world.warp(TERMS["ready-deadline-s"] + 1)
    until(lambda: world.account(lease) is None, 30)
    spent = before - world.rpc.balance(world.addresses[wallet])
    assert 0 < spent <= 10_000, spent


def test_a_quote_paid_by_another_wallet(world):
    quote = world.cli("quote", "cpu", "--disk", "2GB", "--minutes", 10,
                      "--ssh-key", world.ssh_key()).json
    full = world.get("/v1/quotes/" + quote["id"])
    before = world.rpc.balance(world.addresses["other"])
    lease = open_lease(world, "other", nonce=full["nonce"], rate=full["lamports_per_hour"],
                       seconds=full["seconds"], max_seconds=full["max_seconds"],
                       terms_hash=full["id"], expires_at=full["expires_at_s"])
    assert lease != full["lease"], "the address is the payer's own"
    comes_back(world, "other", lease, before)
    assert world.account(full["lease"]) is None


def test_a_lease_that_names_a_host_who_never_offered(world):
    before = world.rpc.balance(world.addresses["renter"])
    lease = open_lease(world, "renter", host=world.addresses["bystander"])
    comes_back(world, "renter", lease, before)
    assert world.rpc.balance(world.addresses["bystander"]) == 10**9, "nobody else was paid"


def test_a_lease_with_a_made_up_hash_is_not_served(world):
    before = world.rpc.balance(world.addresses["renter"])
    lease = open_lease(world, "renter", nonce=8)
    comes_back(world, "renter", lease, before)
    assert world.cli("receipt", lease).json["outcome"] != "stopped_by_renter"


def test_a_machine_whose_payment_is_gone_goes_by_itself(make_world):
    """A fork took the payment back; the market, which could say so, is away; so was the host."""
    world = make_world()
    quote = world.cli("quote", "cpu", "--disk", "2GB", "--minutes", 10,
                      "--ssh-key", world.ssh_key()).json
    lease = open_lease(world, "renter", nonce=quote["nonce"], rate=quote["lamports_per_hour"],
                       seconds=quote["seconds"], max_seconds=quote["max_seconds"],
                       terms_hash=quote["id"], expires_at=quote["expires_at_s"])
    assert lease == quote["lease"]
    # One that was not made yet would be begun anew, and for that the payment must be there.
    record = world.state / "hosts/host/containers" / lease / "record.json"
    until(lambda: record.exists() and json.loads(record.read_text())["stage"] == "started", 20)
    world.market.kill()
    world.hosts["host"].kill()
    assert world.rpc("obelisk_fault", {"kind": "rollback", "slots": 31, "again": "none"})
    until(lambda: world.account(lease) is None)

    world.hosts["host"].start()  # without a market it is never ready, and serves what is here
    log = world.hosts["host"].log
    until(lambda: "Serving what is here" in log.read_text(), 20)
    assert traces(lease), "it may still be paid"
    world.warp(130)
    until(lambda: not traces(lease), 40)
    assert f"Lease {lease} is not on the chain. Destroying it." in log.read_text()
