"""A host as anybody sees it and its owner runs it through the market: each card's state, what is
proven and waits, a claim that anybody may pay for, what was earned, maintenance by a signed
request; and a renter's receipt as a file, and a dispute that is conceded.
"""
import json
import subprocess

import pytest
from conftest import BIN, until
from signing import authorization, call, sign_transaction


@pytest.fixture(name="rented", scope="module")
def fixture_rented(make_world):
    world = make_world()
    return world, world.rent(seconds=3600)["lease"]


def ask(world, path, method="GET", body=None, wallet=None):
    """(status, answer); signed by that wallet, where one is named."""
    url = world.endpoints["market"]
    headers = {}
    if wallet:
        data = b"" if body is None else json.dumps(body).encode()
        headers["Authorization"] = authorization(
            world.key(wallet), world.get("/v1/market")["market"],
            (method, path, url.removeprefix("http://"), data))
    status, _, answer = call(url + path, method, body, **headers)
    return status, answer


def host_now(world):
    return world.get("/v1/hosts/" + world.addresses["host"])


def send(world, wallet, made):
    status, said = ask(world, "/v1/transactions", "POST",
                       {"transaction": sign_transaction(world.key(wallet), made["transaction"])})
    assert status in (200, 202), said
    return said["signature"]


def test_each_card_says_what_it_is(rented):
    world, lease = rented
    now = host_now(world)
    assert now["is_connected"] and now["host"] == world.addresses["host"]
    states = [card["state"] for card in now["cards"]]
    assert states.count("rented") == 1 and set(states) <= {"rented", "free"}, now
    (one,) = [card for card in now["cards"] if card["state"] == "rented"]
    ends = world.lease(lease)["ends_at_s"]
    assert one["until_s"] == ends
    assert "busy_until_s" not in [card for card in world.get("/v1/cards")["cards"]
                                  if card["id"] == "cpu"][0], "one is free"
    (shown,) = now["leases"]
    assert shown["lease"] == lease and shown["ends_at_s"] == ends
    text = json.dumps(now)
    for secret in ("127.0.0.1", world.addresses["renter"], "uuid"):
        assert secret not in text, "nothing of where it is, of who rents, of the cards' names"
    assert ask(world, "/v1/hosts/" + world.addresses["renter"])[0] == 404
    assert ask(world, "/v1/hosts/nobody")[0] == 422


def test_anybody_pays_for_a_claim_and_the_host_gets_it(rented):
    world, lease = rented
    world.new_wallet("passer", 1)
    path = f"/v1/leases/{lease}/claim"
    assert ask(world, path, "POST", {})[0] == 422
    status, nothing = ask(world, path, "POST", {"payer": world.addresses["passer"]})
    assert (status, nothing["code"]) == (409, "conflict"), "no proof is a minute old yet"
    world.warp(70)
    waits = until(lambda: int(host_now(world)["waiting_lamports"]), 30)
    proven = host_now(world)["leases"][0]["proven_until_s"]
    status, made = ask(world, path, "POST", {"payer": world.addresses["passer"]})
    assert status == 200 and made["lamports"] == "0", made
    assert world.addresses["host"] not in made["explanation"] and "SOL" in made["explanation"]
    before = world.balances("host", "passer", "renter")
    send(world, "passer", made)
    until(lambda: world.rpc.balance(world.addresses["host"]) > before["host"])
    after = world.balances("host", "passer", "renter")
    assert after["host"] - before["host"] >= waits, "what was shown, and what was proven since"
    assert before["passer"] - after["passer"] == 2 * 5000, "two signatures, the proof's among them"
    assert after["renter"] == before["renter"]
    until(lambda: world.lease(lease)["proven_until_s"] >= proven)
    assert world.ssh(lease, "echo undisturbed").stdout == "undisturbed\n"


def test_maintenance_is_the_owners_and_the_host_checks_it(rented):
    world, lease = rented
    path = f"/v1/hosts/{world.addresses['host']}/maintenance"
    plan = {"from_s": 1}  # past: from now on
    assert ask(world, path, "POST", plan)[0] == 401
    assert ask(world, path, "POST", plan, wallet="renter")[0] == 403
    bearer = {"Authorization": "Bearer " + world.token()}
    assert call(world.endpoints["market"] + path, "DELETE", **bearer)[0] == 403
    status, noted = ask(world, path, "POST", plan, wallet="host")
    assert status == 200 and noted["from_s"] > 1_700_000_000, noted
    until(lambda: "maintenance_from_s" in host_now(world))
    until(lambda: not [offer for offer in world.get("/v1/offers")["offers"]
                       if offer["host"] == world.addresses["host"]])
    assert sorted(card["state"] for card in host_now(world)["cards"]) == ["kept", "rented"]
    assert world.ssh(lease, "echo undisturbed").stdout == "undisturbed\n"
    status, noted = ask(world, path, "DELETE", wallet="host")
    assert status == 200 and "from_s" not in noted, noted
    until(lambda: "maintenance_from_s" not in host_now(world))
    far = {"from_s": 99_999_999_999}
    assert ask(world, path, "POST", far, wallet="host")[0] == 422


def test_a_receipt_is_a_file_that_the_chain_confirms(rented, tmp_path):
    world, lease = rented
    path = f"/v1/leases/{lease}/receipt"

    def checked(receipt, name):
        file = tmp_path / name
        file.write_text(json.dumps(receipt))
        return world.cli("receipt", "--verify", file).json

    status, running = ask(world, path, wallet="renter")
    assert status == 200 and not running["closed"], running
    assert checked(running, "running")["verified"]
    world.cli("stop", lease, "--yes")
    until(lambda: world.lease(lease)["is_final"], 30)
    status, whole = ask(world, path, wallet="renter")
    assert status == 200 and whole["closed"] and whole["terms"], whole
    assert checked(whole, "whole")["wrong"] == 0
    status, public = ask(world, path)
    assert status == 200 and public["terms"] is None and public["quote_signature"] is None
    assert checked(public, "public")["verified"]
    assert {**whole, "terms": None, "quote_signature": None} == public
    by_node = world.cli("receipt", lease, "--save", tmp_path / "node").json
    saved = json.loads((tmp_path / "node").read_text())
    assert saved["transactions"] == whole["transactions"] and by_node["saved"]
    steps = [step["what"] for one in whole["transactions"] for step in one["steps"]]
    assert steps[0] == "open" and "claim" in steps and steps[-1] == "stop"
    bent = {**whole, "host_lamports": str(int(whole["host_lamports"]) + 1)}
    (tmp_path / "bent").write_text(json.dumps(bent))
    world.cli("receipt", "--verify", tmp_path / "bent", code=1)
    assert ask(world, f"/v1/leases/{world.addresses['host']}/receipt")[0] == 404


def test_what_a_host_earned_is_public(rented):
    world, lease = rented
    path = "/v1/outcomes?host=" + world.addresses["host"]
    (one,) = until(lambda: world.get(path)["entries"], 30)
    receipt = ask(world, f"/v1/leases/{lease}/receipt")[1]
    assert one["lease"] == lease and one["host"] == world.addresses["host"]
    for name in ("host_lamports", "fee_lamports"):
        assert one[name] == receipt[name], name
    assert int(one["refunded_lamports"]) == (int(receipt["refunded_lamports"])
                                             + int(receipt["rent_lamports"]))
    assert one["served_s"] == one["due_s"] == receipt["used_s"] > 60
    assert not world.get("/v1/outcomes?host=" + world.addresses["renter"])["entries"]
    assert ask(world, "/v1/outcomes?host=nobody")[0] == 422


def test_a_dispute_is_conceded_at_once(rented):
    """The renter said that the last minutes were not served, and finds that they were."""
    world, _ = rented
    lease = world.rent(seconds=3600)["lease"]
    path = f"/v1/leases/{lease}/stop"
    status, early = ask(world, path, "POST", {"concede": True})
    assert status == 409 and early["code"] == "conflict", early
    world.market.stop()  # what nobody attested is in dispute
    world.warp(100)
    done = subprocess.run([str(BIN / "obelisk"), "escrow", "stop", lease, "--how", "dispute",
                           "--yes", "--json"], env=world.client_environment(), text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0, done
    stopped = json.loads(done.stdout.splitlines()[-1])
    world.start_market()
    contested = until(lambda: (now := world.lease(lease))["state"] == "contested" and now, 30)
    assert contested["window_ends_at"] and contested["proven_until_s"], contested
    before = world.balances("host", "renter")
    status, made = ask(world, path, "POST", {"concede": True})
    assert status == 200 and made["how"] == 0 and "Concedes" in made["explanation"], made
    send(world, "renter", made)
    until(lambda: world.account(lease) is None)
    after = world.balances("host", "renter")
    assert after["host"] > before["host"]
    held = int(stopped["held_lamports"])
    assert 0 < after["host"] - before["host"] <= held
