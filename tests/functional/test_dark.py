"""Leases older than the gap limit: who is paid what when somebody is silent."""
import json
import os
import signal
import subprocess
import time

import chain
import pytest
from conftest import BIN, ROOT, until

TERMS = {"gap-limit-s": 180, "claim-window-s": 600, "ready-deadline-s": 30}


@pytest.fixture(name="world")
def fixture_world(make_world):
    return make_world(TERMS)


def settled(world, lease):
    receipt = world.cli("receipt", lease).json
    return {name: int(receipt[f"{name}_lamports"])
            for name in ("host", "fee", "refunded", "paid", "rent")}


def earned(rate, seconds):
    return rate * seconds // 3600


def test_the_renter_stops_an_old_lease_for_good(world):
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    world.let_time_pass(lease, 300)
    facts = world.lease(lease)
    stopped = world.cli("stop", lease, "--yes").json
    assert stopped["how"] == 0 and world.account(lease) is None
    used = stopped["used_s"]
    assert used >= 300
    money = settled(world, lease)
    assert money["host"] + money["fee"] == earned(int(facts["lamports_per_hour"]), used)


def test_a_dark_host_is_paid_to_its_last_proof_exactly(world):
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    proven = world.let_time_pass(lease, 120)
    facts = world.lease(lease)
    host = world.hosts["host"]
    host.kill()
    world.wipe_after(host)
    world.stopped_as_dark(lease)
    money = settled(world, lease)
    proven = max(proven, world.attested(lease))
    exact = earned(int(facts["lamports_per_hour"]), proven - chain.seconds(facts["started_at"]))
    assert money["host"] + money["fee"] == exact
    assert world.lease(lease)["outcome"] == "host_dark"


def test_a_gateway_that_is_gone_makes_no_host_dark(world):
    """The only host there is, behind the only gateway: nobody gets through, and the host is well.
    The watch sees that its own mirror behind that gateway cannot be reached either."""
    lease = world.rent(seconds=3600)["lease"]
    world.let_time_pass(lease, 300)
    world.gateways["gateway"].kill()
    since = world.chain_time()
    world.warp(61)  # the next login is due
    failed = world.failed_logins(lease)
    while world.chain_time() < since + 150:  # far more than the minute, less than the gap limit
        until(lambda: world.failed_logins(lease) > failed, 40)
        failed = world.failed_logins(lease)
        world.warp(12)
    assert world.account(lease) is not None
    # The market asks again and again, and the watch says no each time.
    until(lambda: world.lease(lease)["state"] == "active", 20)
    world.start_gateway()
    proven = world.let_time_pass(lease, 1)
    assert world.ssh(lease, "true").returncode == 0
    assert proven >= since + 150, "it ran on, and what was not seen is attested now"


def test_watch_gone_and_host_dark_is_contested_then_finished_by_anyone(world):
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    proven = world.let_time_pass(lease, 120)
    facts = world.lease(lease)
    attestation = facts["attestation"]
    world.market.kill()
    host = world.hosts["host"]
    host.kill()
    world.wipe_after(host)
    world.warp(400)

    before = world.rpc.balance(world.addresses["renter"])
    stopped = world.cli("stop", lease, "--yes").json
    assert stopped["how"] == 1 and stopped["state"] in ("closing", "contested"), stopped
    assert world.rpc.balance(world.addresses["renter"]) > before, "the future is back at once"
    rate = int(facts["lamports_per_hour"])

    world.new_wallet("stranger", 1)
    world.cli("escrow", "finish", lease, wallet="stranger", code=2)
    world.warp(700)
    world.cli("escrow", "finish", lease, wallet="stranger")
    assert world.account(lease) is None
    money = settled(world, lease)
    # The host never came back with its attestation: what it did not claim in the window is not its.
    assert (money["host"], money["fee"]) == (0, 0)
    assert money["refunded"] == money["paid"] == -(-rate * 3600 // 3600)
    assert attestation["alive_until"] >= proven


def test_watch_gone_and_host_well_the_renter_concedes(world):
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    facts = world.lease(lease)
    world.market.kill()
    world.warp(400)
    assert world.ssh(lease, "echo still here").stdout == "still here\n"
    world.cli("escrow", "attest", lease, "--yes")
    _, claim = chain.history(world.rpc, lease)[-2:]
    (event,) = chain.events(claim, world.addresses["program"])
    assert event["tag"] == 6
    served = event["proven_until"] - chain.seconds(facts["started_at"])
    assert served >= 400
    assert event["to_host"] + event["to_treasury"] == earned(int(facts["lamports_per_hour"]),
                                                             served)
    world.cli("stop", lease, "--yes")


def test_a_host_that_cannot_make_it_says_so_and_nobody_waits(make_world):
    world = make_world(start=False)
    images = world.state / "images"
    (images / "resident").mkdir(parents=True)
    real = (ROOT / "build/image/resident/ssh").resolve()
    subprocess.run(["cp", "-al", str(real), str(images)], check=True)
    (images / "resident/ssh").symlink_to(f"../{real.name}")
    image = images / real.name
    world.start_all(images=images)
    before = world.balances("renter", "host", "treasury")
    quote = world.cli("quote", "cpu", "--disk", "2GB", "--minutes", 10, "--ssh-key",
                      world.ssh_key()).json["id"]
    image.rename(images / "elsewhere")  # gone between the quote and the payment
    started = time.monotonic()
    done = world.cli("rent", "--quote", quote, "--ssh-key", world.ssh_key(), "--yes", code=7)
    assert time.monotonic() - started < 30, "the deadline of 60 s was not waited for"
    after = world.balances("renter", "host", "treasury")
    assert (after["host"], after["treasury"]) == (before["host"], before["treasury"])
    assert before["renter"] - after["renter"] == int(done.error["charged_lamports"]) <= 15_000
    assert "host" in done.error["message"], done.error


def test_a_host_that_never_gets_ready_gives_everything_back(world):
    before = world.balances("renter", "host", "treasury")
    host = world.hosts["host"]
    os.kill(host.pid, signal.SIGSTOP)  # there, connected, and doing nothing
    try:
        client = subprocess.Popen(
            [str(BIN / "obelisk"), "rent", "cpu", "--minutes", "10", "--disk", "2GB",
             "--ssh-key", world.ssh_key(),
             "--yes", "--json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, env=world.client_environment())
        until(lambda: world.balances("renter") != {"renter": before["renter"]}, 20)
        # The program takes no deadline below 30 s: the clock is moved until three are left.
        world.warp(TERMS["ready-deadline-s"] - 3)
        out, err = client.communicate(timeout=90)
    finally:
        os.kill(host.pid, signal.SIGCONT)
    assert client.returncode == 7, (out, err)
    answer = json.loads(out.splitlines()[-1])
    assert answer["error"]["code"] == "refunded", answer
    after = world.balances("renter", "host", "treasury")
    assert (after["host"], after["treasury"]) == (before["host"], before["treasury"])
    fees = before["renter"] - after["renter"]
    assert 0 < fees <= 15_000, "network fees and nothing else"
    assert int(answer["error"]["charged_lamports"]) == fees
