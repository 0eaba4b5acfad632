"""Several Solana nodes, one of them gone or behind: rentals go on and the money adds up."""
import pytest
from conftest import until

# What makes a node be gone, and what makes it stand 200 slots behind; taken away again afterwards.
GONE = ({"kind": "http_reset"}, {"kind": "ws_refuse"}, {"kind": "ws_cut"})
BEHIND = ({"kind": "lag", "slots": 200},)
BUSY = ({"kind": "http_429", "seconds": 2}, {"kind": "ws_stall"})


def spoil(world, node, faults):
    for fault in faults:
        world.rpc("obelisk_fault", {**fault, "node": node})


def mend(world, node):
    world.rpc("obelisk_fault", {"kind": "none"})
    world.rpc("obelisk_fault", {"kind": "lag", "slots": 0, "node": node})


def struck(world):
    return world.rpc("obelisk_faults")["struck"]


def rent_and_stop(world, **options):
    """One rental; who had what before it, and its receipt."""
    before = world.balances("renter", "host", "treasury")
    lease = world.rent(seconds=600, **options)["lease"]
    assert world.ssh(lease, "echo here").stdout == "here\n"
    world.cli("stop", lease, "--yes")
    return before, lease, world.cli("receipt", lease).json


def check_money(world, before, receipt):
    """Every lamport that the renter is short of is with the host, the treasury, or was a fee."""
    host, fee, refunded, paid = (int(receipt[name]) for name in (
        "host_lamports", "fee_lamports", "refunded_lamports", "paid_lamports"))
    assert paid == host + fee + refunded
    after = world.balances("renter", "host", "treasury")
    assert after["host"] - before["host"] == host
    assert after["treasury"] - before["treasury"] == fee
    spent = before["renter"] - after["renter"] - host - fee
    assert 0 <= spent <= int(receipt["network_fees_lamports"])


def is_ended(world, lease):
    return world.lease(lease)["state"] == "ended"


def is_final(world, lease):
    """And its card is free for the next test."""
    return world.lease(lease)["is_final"]


@pytest.fixture(name="three", scope="module")
def fixture_three(make_world):
    return make_world(nodes=3)


@pytest.fixture(name="two", scope="module")
def fixture_two(make_world):
    return make_world(nodes=2)


@pytest.mark.parametrize("faults", [GONE, BEHIND, BUSY], ids=["gone", "behind", "busy"])
def test_with_three_nodes_one_bad_one_delays_nothing(three, faults):
    spoil(three, 1, faults)
    try:
        before, lease, receipt = rent_and_stop(three)
        until(lambda: is_final(three, lease), 30)
        check_money(three, before, receipt)
        assert struck(three)[faults[0]["kind"]] > 0, "the node was not asked at all"
    finally:
        mend(three, 1)


def test_with_two_nodes_one_alone_cannot_say_that_a_lease_is_over(two):
    spoil(two, 1, GONE)
    try:
        before, lease, receipt = rent_and_stop(two)
        check_money(two, before, receipt)
        assert two.account(lease) is None
        assert not is_ended(two, lease), "the market took one node's word"
    finally:
        mend(two, 1)
    until(lambda: is_final(two, lease), 60)


def test_with_two_nodes_a_lease_in_doubt_holds_up_no_other(two):
    spoil(two, 1, GONE)
    # Without a push, the second lease is seen only by reading it beside the one in doubt.
    two.rpc("obelisk_fault", {"kind": "ws_mute", "node": 0})
    try:
        _, first, _ = rent_and_stop(two)
        # All leases are read anew once a minute as well; that alone would be too late.
        before, second, receipt = rent_and_stop(two, timeout=30)
        check_money(two, before, receipt)
        assert not is_ended(two, first) and not is_ended(two, second)
    finally:
        mend(two, 1)
    until(lambda: is_final(two, first) and is_final(two, second), 60)


def test_with_two_nodes_one_behind_a_rental_goes_through(two):
    spoil(two, 1, BEHIND)
    try:
        before, lease, receipt = rent_and_stop(two)
        check_money(two, before, receipt)
    finally:
        mend(two, 1)
    until(lambda: is_final(two, lease), 60)
