"""kill -9 of every process during a lease: the lease goes on, the money comes right."""
import chain
import pytest
from conftest import until


@pytest.fixture(name="lease")
def fixture_lease(world):
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    left = world.ssh(lease, "echo kept >/workspace/kept; nohup sleep 3600 >/dev/null 2>&1 & ")
    assert left.returncode == 0, left
    yield lease
    if world.account(lease) is not None:
        world.cli("stop", lease, "--yes")


def still_mine(world, lease):
    """The same machine, with what I left on it, still running what I started."""
    def look():
        seen = world.ssh(lease, "cat /workspace/kept && pgrep -x sleep >/dev/null && echo running")
        return seen.stdout.split() == ["kept", "running"]
    return until(look, 30, 0.3)


def stops_right(world, lease):
    rate = int(world.lease(lease)["lamports_per_hour"])
    world.cli("stop", lease, "--yes")
    assert world.account(lease) is None
    opened, ready, *_, ended = chain.history(world.rpc, lease)
    (event,) = chain.events(ended, world.addresses["program"])
    served = event["proven_until"] - ready["blockTime"]
    assert served > 0, "it was served while something was dead"
    receipt = world.cli("receipt", lease).json
    paid = int(receipt["host_lamports"]) + int(receipt["fee_lamports"])
    assert paid == rate * served // 3600
    renter = world.addresses["renter"]
    took = -chain.moved(opened, renter) - opened["meta"]["fee"]
    back = chain.moved(ended, renter) + ended["meta"]["fee"]
    assert took - back == paid, "the renter's wallet paid that and nothing else"


def test_the_market_dies(world, lease):
    world.market.kill()
    assert still_mine(world, lease), "a lease needs no market to run"
    world.start_market()
    until(lambda: world.lease(lease)["state"] == "active")
    until(lambda: any(offer["count"] for offer in world.get("/v1/offers")["offers"]), 30)
    then = world.chain_time() + 61
    world.warp(61)
    until(lambda: world.lease(lease).get("attestation", {}).get("alive_until", 0) >= then, 30)
    stops_right(world, lease)


def test_the_host_dies(world, lease):
    host = world.hosts["host"]
    host.kill()
    world.start_host()
    assert still_mine(world, lease)
    stops_right(world, lease)


def test_the_host_starts_while_the_market_is_away(world, lease):
    host = world.hosts["host"]
    for process in (world.market, host):
        process.kill()
    host.start()
    assert still_mine(world, lease), "the door opens by what the market said last"
    world.start_market()
    host.wait_ready()
    stops_right(world, lease)


def test_the_chain_node_dies(world, lease):
    world.localnet.kill()
    world.restart_localnet()
    assert world.account(lease) is not None, "nothing that was confirmed is lost"
    assert still_mine(world, lease)
    stops_right(world, lease)


def test_everything_dies_at_once(world, lease):
    for process in (world.watch, world.market, world.hosts["host"], world.localnet):
        process.kill()
    world.restart_localnet()
    world.start_market()
    world.start_host()
    assert still_mine(world, lease)
    stops_right(world, lease)
