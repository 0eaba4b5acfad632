"""The operator's verbs over a real market with real leases: none of them touches what runs."""
import json
import stat
import subprocess

import pytest
from conftest import BIN, Done, until
from stack import own_environment


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    """A market that has the key it will be given later beside the one it starts with."""
    world = make_world(start=False)
    world.start_chain()
    world.new_wallet("next", 10)
    world.attestors = ("attestor", "next")
    world.create_market()
    world.start_market()
    world.start_host()
    world.wait_offer()
    return world


def run(program, *words, code=0):
    done = Done(subprocess.run([str(BIN / program), *map(str, words)], text=True,
                               capture_output=True, check=False, stdin=subprocess.DEVNULL,
                               timeout=60, env=own_environment()))
    assert done.code == code, done
    return done


def market(world, verb, *words, code=0):
    """A verb over the running market's records."""
    return run("obelisk-market", verb, *words, "--state", world.state / "market", "--json",
               code=code)


def on_chain(world, verb, *words, code=0):
    """A verb that changes the market account."""
    return market(world, verb, *words, "--rpc", world.endpoints["rpc"], "--program",
                  world.addresses["program"], "--operator-keypair", world.key("operator"),
                  code=code)


def offers(world):
    return world.get("/v1/offers")["offers"]


def quote(world, code=0):
    return world.cli("quote", "cpu", "--minutes", 10, "--disk", "2GB", "--ssh-key",
                     world.ssh_key(), code=code)


def settles_exactly(world, lease):
    """Stopped by its renter: every lamport is the host's, the treasury's or back."""
    stopped = world.cli("stop", lease, "--yes").json
    paid, host, fee, refunded = (int(stopped[f"{name}_lamports"])
                                 for name in ("paid", "host", "fee", "refunded"))
    assert paid == host + fee + refunded and host > 0 and fee > 0, stopped
    assert world.account(lease) is None
    return stopped


def transactions(world, lease):
    rows = world.rpc("getSignaturesForAddress", lease, {"commitment": "confirmed"})
    assert all(row["err"] is None for row in rows), rows
    return [row["signature"] for row in rows]


def test_init_makes_what_an_operator_needs_once(tmp_path, world):
    words = ("init", "--dir", tmp_path / "new", "--program", world.addresses["program"], "--json")
    made = run("obelisk-market", *words).json
    for name in ("operator_keypair", "attestor_keypair", "config"):
        path = tmp_path / "new" / made[name].rsplit("/", 1)[1]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made["made"] and "create-market" in made["next"]
    again = run("obelisk-market", *words).json
    assert not again["made"] and again["operator"] == made["operator"]
    missing = run("obelisk-market", "terms", "--config", made["config"], "--rpc",
                  world.endpoints["rpc"], "--json", code=5)
    assert "create-market" in missing.error["action"]


def test_a_host_drains_from_a_date_and_comes_back(world):
    state = world.state / "hosts/host"
    longest = offers(world)[0]["max_seconds"]
    run("obelisk-host", "drain", "--from", "1h", "--state", state)
    offer = until(lambda: [o for o in offers(world) if "maintenance_from_s" in o])[0]
    assert 60 <= offer["max_seconds"] <= 3600 - 120 < longest
    refused = world.cli("quote", "cpu", "--hours", 2, "--disk", "2GB", "--ssh-key",
                        world.ssh_key(), code=2)
    assert "longest" in refused.error["message"], refused
    run("obelisk-host", "drain", "--state", state)
    until(lambda: not offers(world))
    assert quote(world, code=None).error["code"] == "not_found"
    run("obelisk-host", "drain", "--cancel", "--state", state)
    until(lambda: [o for o in offers(world) if o["max_seconds"] == longest])


def test_a_report_reaches_the_operator_and_a_refusal_touches_no_lease(world):
    lease = world.rent(seconds=1200)["lease"]
    host, renter = world.addresses["host"], world.addresses["renter"]
    kept = world.cli("report", host, "--lease", lease, "--reason", "other_hardware", "--text",
                     "It is slower\nthan it says.").json
    told = market(world, "reports").json["reports"][0]
    assert (told["number"], told["host"], told["lease"], told["reporter"], told["reason"]) == (
        kept["report"], host, lease, renter, "other_hardware")
    assert world.cli("report", host, "--reason", "nonsense", "--text", "x",
                     code=2).error["code"] == "usage"

    market(world, "refuse", host, "--why", "report 1")
    market(world, "refuse", renter)
    until(lambda: not offers(world))
    # The market looks at its list every second: the host may be refused a moment before the renter.
    answer = until(lambda: next((error for error in [quote(world, code=None).error]
                                 if error.get("code") == "forbidden"), None))
    assert "run go on" in answer["action"], answer
    listed = market(world, "refuse", "--list").json["refused"]
    assert {row["address"] for row in listed} == {host, renter}

    world.let_time_pass(lease, 70)
    assert world.ssh(lease, "echo still here").stdout == "still here\n"
    paid_before = world.rpc.balance(host)
    stopped = settles_exactly(world, lease)
    assert world.rpc.balance(host) - paid_before == int(stopped["host_lamports"])

    for address in (host, renter):
        market(world, "refuse", address, "--lift")
    assert market(world, "refuse", renter, "--lift", code=5).error["code"] == "not_found"
    until(lambda: offers(world))
    assert until(lambda: quote(world, code=None).json.get("id"))
    world.release_quotes()


def test_a_pause_stops_new_leases_and_nothing_else(world):
    lease = world.rent(seconds=1200)["lease"]
    assert on_chain(world, "pause").json["paused"] is True
    until(lambda: world.get("/v1/market")["paused"])
    world.warp(61)
    assert quote(world, code=None).error["code"] == "conflict"
    world.let_time_pass(lease, 70)
    settles_exactly(world, lease)
    assert on_chain(world, "pause", "--lift").json["paused"] is False
    until(lambda: not world.get("/v1/market")["paused"])


def test_terms_change_in_what_was_named(world):
    before = on_chain(world, "terms").json
    assert "signature" not in before
    after = on_chain(world, "terms", "--fee-bps", 300, "--gap-limit-s", 200).json
    assert after["audited"] and after["rev"] == before["rev"] + 1
    assert {name for name in before if before[name] != after[name]} == {
        "rev", "fee_bps", "gap_limit_s", "updated"}
    assert on_chain(world, "terms", "--fee-bps", 1001, code=2).error["code"] == "usage"
    again = on_chain(world, "terms", "--fee-bps", 300).json
    assert "signature" not in again and again["rev"] == after["rev"]
    until(lambda: world.get("/v1/market")["market_rev"] == after["rev"])


def test_a_lease_outlives_the_attestor_it_was_opened_with(world):
    before = world.rent(seconds=1200)["lease"]
    world.new_wallet("poor", 0)
    assert on_chain(world, "rotate-attestor", "--new-keypair", world.key("poor"),
                    code=4).error["code"] == "insufficient_funds"
    done = on_chain(world, "rotate-attestor", "--new-keypair", world.key("next")).json
    assert done["attestor"] == world.addresses["next"]
    until(lambda: world.get("/v1/market")["attestor"] == world.addresses["next"])
    after = world.rent(seconds=1200)["lease"]
    for lease in (before, after):
        world.let_time_pass(lease, 70)
    signers = [world.cli("attestations", lease).json["signer"] for lease in (before, after)]
    assert signers == [world.addresses["attestor"], world.addresses["next"]]
    for lease in (before, after):
        settles_exactly(world, lease)
        assert len(transactions(world, lease)) == 3, "open, ready, stop"


def test_an_old_backup_comes_right_with_the_chain(world, tmp_path):
    known = world.rent(seconds=1200)["lease"]
    world.let_time_pass(known, 70)
    copy = tmp_path / "copy"
    files = market(world, "backup", "--to", copy).json
    assert set(files) == {"file", "index"}
    for name in files.values():
        assert stat.S_IMODE((tmp_path / name.rsplit("/", 1)[1]).stat().st_mode) == 0o600
    assert market(world, "backup", "--to", copy, code=5).error["code"] == "conflict"
    later = world.rent(seconds=1200)["lease"]
    stopped = settles_exactly(world, known)
    held = market(world, "restore", "--from", copy, "--force", code=5)
    assert held.error["code"] == "conflict" and "serves a market" in held.error["message"]

    world.market.stop()
    assert market(world, "restore", "--from", copy, code=5).error["code"] == "conflict"
    assert market(world, "restore", "--from", copy, "--force").json["index"] is True
    world.start_market()
    ended = until(lambda: (lambda l: l if l["state"] == "ended" else None)(world.lease(known)), 30)
    assert ended["outcome"] == "stopped_by_renter"
    for name in ("host", "fee", "refunded"):
        kept = int(ended[f"{name}_lamports"])
        bond = 2_951_040 if name == "refunded" else 0
        assert kept in (int(stopped[f"{name}_lamports"]), int(stopped[f"{name}_lamports"]) + bond)
    # What the backup does not know of is the chain's and its two parties' business.
    world.warp(30)
    world.cli("escrow", "stop", later, "--how", "served", "--yes")
    assert world.account(later) is None
    assert len(transactions(world, known)) == 3 and len(transactions(world, later)) == 3
    until(lambda: offers(world))


def test_everything_is_in_the_trail_and_the_trail_only_grows(world):
    rows = market(world, "audit").json["audit"]
    numbers = [row["number"] for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    what = {row["what"] for row in rows}
    assert {"report", "refuse", "lift", "pause", "terms", "rotate-attestor", "backup",
            "restore"} <= what, what
    terms = [row for row in rows if row["what"] == "terms"]
    assert "fee_bps 250 -> 300" in terms[-1]["words"] and "revision" in terms[0]["words"]
    assert all(row["who"] == world.addresses["operator"] for row in terms)
    page = market(world, "audit", "--limit", 2).json
    assert len(page["audit"]) == 2 and page["next"] == page["audit"][-1]["number"]
    words = run("obelisk-market", "audit", "--state", world.state / "market").stdout
    assert json.loads(json.dumps(rows[0]["subject"])) in words
