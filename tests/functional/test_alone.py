"""Alone with the chain: market and host are killed, and a node and a key settle everything.

Nothing here may ask the market: the client is told of one that does not exist, has an empty folder
of notes, and knows the program's address alone.
"""
import http.server
import json
import threading
import urllib.request

import chain
import pytest
from conftest import PRICE_OF_ACCOUNT, until

TERMS = {"gap-limit-s": 180, "claim-window-s": 600, "ready-deadline-s": 30}


@pytest.fixture(name="world")
def fixture_world(make_world):
    return make_world(TERMS)


class Alone:
    """The command line of somebody who has a node, a key and the program's address."""

    def __init__(self, world):
        self.world = world

    def __call__(self, *words, wallet="renter", code=0, **environment):
        notes = self.world.state / "alone" / wallet
        return self.world.cli(*words, wallet=wallet, code=code, environment={
            "OBELISK_MARKET_URL": "http://127.0.0.1:1", "OBELISK_STATE": str(notes),
            "OBELISK_PROGRAM": self.world.addresses["program"], **environment})


@pytest.fixture(name="alone")
def fixture_alone(world):
    return Alone(world)


def everybody_dies(world):
    """As in a power cut: no goodbye, and what the host had running is gone with it."""
    world.market.kill()
    world.hosts["host"].kill()
    world.wipe_after(world.hosts["host"])


def earned(lease, seconds):
    return int(lease["lamports_per_hour"]) * seconds // 3600


def attest_through(world, lease, seconds):
    """Warps, and waits until the watch has attested that time, and the host has it."""
    then = world.chain_time() + seconds
    world.warp(seconds)
    saved = world.state / "hosts/host/leases" / f"{lease}.attestation.json"
    return until(lambda: saved if saved.exists() and
                 json.loads(saved.read_text())["alive_until"] >= then else None, 30)


def open_lease(world, host, nonce=7, seconds=600):
    fields = {"program": world.addresses["program"], "operator": world.addresses["operator"],
              "host": world.addresses[host], "nonce": nonce, "rate": 714_286, "seconds": seconds,
              "max_seconds": seconds, "terms_hash": "ab" * 32, "expires_at": 2**40}
    out = world.run_tool([world.node, "tests/functional/open_lease.mjs", world.endpoints["rpc"],
                          world.key("renter"), json.dumps(fields)])
    lease = json.loads(out)["lease"]
    until(lambda: world.account(lease) is not None)
    return lease


def test_the_renter_finds_the_lease_and_stops_it(world, alone):
    lease = world.rent(seconds=3600)["lease"]
    everybody_dies(world)

    (found,) = alone("escrow", "list").json["leases"]
    assert (found["lease"], found["state"]) == (lease, "active")
    (served,) = alone("escrow", "list", "--as-host", wallet="host").json["leases"]
    assert served["lease"] == lease
    assert alone("escrow", "list", "--as-host").json["leases"] == []
    now = {(step["who"], step["verb"], step["how"]) for step in found["can"] if step["now"]}
    assert {("renter", "stop", "served"), ("renter", "stop", "dispute"),
            ("host", "stop", "waive"), ("anyone", "claim", None)} <= now
    (later,) = [step for step in found["can"] if not step["now"]]
    assert (later["verb"], later["from_s"]) == ("finish", found["started_at_s"] + 3600)

    shown = alone("escrow", "show", lease).json
    assert shown["lamports"] == str(PRICE_OF_ACCOUNT + int(shown["lamports_per_hour"]))
    assert alone("escrow", "stop", lease, "--how", "served", code=3).error["code"] == "declined"
    assert alone("escrow", "stop", lease, "--how", "waive", "--yes", code=2)
    assert alone("escrow", "stop", lease, "--how", "soon", "--yes", code=2)

    before = world.balances("renter", "host", "treasury")
    stopped = alone("escrow", "stop", lease, "--how", "served", "--yes").json
    after = world.balances("renter", "host", "treasury")
    assert world.account(lease) is None and stopped["how"] == 0
    paid = earned(found, stopped["used_s"])
    got = after["host"] - before["host"], after["treasury"] - before["treasury"]
    assert sum(got) == paid == int(stopped["host_lamports"]) + int(stopped["fee_lamports"])
    back = int(found["lamports"]) - paid - int(stopped["network_fee_lamports"])
    assert after["renter"] - before["renter"] == back
    assert alone("escrow", "list").json["leases"] == []


def test_contested_then_finished_by_a_stranger(world, alone):
    lease = world.rent(seconds=3600)["lease"]
    everybody_dies(world)
    world.warp(60)  # within the second of `ready` there would be nothing to dispute
    stopped = alone("escrow", "stop", lease, "--how", "dispute", "--yes").json
    assert stopped["state"] == "closing" and int(stopped["held_lamports"]) > 0
    world.new_wallet("stranger", 1)
    early = alone("escrow", "finish", lease, wallet="stranger", code=2)
    assert "TOO_EARLY" in early.error["message"], early
    assert alone("escrow", "stop", lease, "--how", "dispute", "--yes", code=2).error
    world.warp(TERMS["claim-window-s"] + 1)
    # A program that was not named is signed for by nobody.
    refused = alone("escrow", "finish", lease, wallet="stranger", code=2,
                    OBELISK_PROGRAM=world.addresses["operator"])
    assert refused.error["code"] == "refused"
    before = world.balances("renter", "host")
    alone("escrow", "finish", lease, wallet="stranger")
    after = world.balances("renter", "host")
    assert world.account(lease) is None
    held = int(stopped["held_lamports"])
    assert after["renter"] - before["renter"] == held + PRICE_OF_ACCOUNT
    assert after["host"] == before["host"], "nobody proved anything"
    assert world.rpc.balance(world.addresses["stranger"]) == 10**9 - 5000


def test_the_host_claims_with_the_attestation_that_it_kept(world, alone):
    lease = world.rent(seconds=3600)["lease"]
    kept = attest_through(world, lease, 600)
    facts = alone("escrow", "show", lease).json
    mine = world.state / "newest.json"
    world.cli("attestations", lease, "--save", mine)
    everybody_dies(world)
    assert kept.exists(), "it outlives the record that the wipe took"
    world.warp(300)

    # The renter pays what is proven and disputes the rest; here it disputes all.
    alone("escrow", "stop", lease, "--how", "dispute", "--yes")
    (contested,) = alone("escrow", "list", "--as-host", wallet="host").json["leases"]
    assert contested["state"] == "closing"
    before = world.balances("host", "treasury")
    claimed = alone("escrow", "claim", lease, "--attestation", kept, wallet="host").json
    after = world.balances("host", "treasury")
    proven = json.loads(kept.read_text())["alive_until"] - facts["started_at_s"]
    assert proven >= 600
    fee = int(claimed["network_fee_lamports"])
    paid = after["host"] - before["host"] + fee + after["treasury"] - before["treasury"]
    assert paid == earned(facts, proven) and fee == 10_000

    # The renter's own copy is as good, and proves nothing new; a stranger's is worth nothing.
    saved = json.loads(mine.read_text())
    assert saved["signer"] == world.addresses["attestor"]
    alone("escrow", "claim", lease, "--attestation", mine)
    mine.write_text(json.dumps({**saved, "alive_until": saved["alive_until"] + 60}))
    forged = alone("escrow", "claim", lease, "--attestation", mine, wallet="host", code=2)
    assert forged.error["code"] == "refused"
    assert alone("escrow", "claim", lease, wallet="host", code=5).error["action"]

    world.warp(TERMS["claim-window-s"] + 1)
    alone("escrow", "finish", lease, wallet="host")
    assert world.account(lease) is None
    receipt = alone("receipt", lease).json
    assert int(receipt["host_lamports"]) + int(receipt["fee_lamports"]) == earned(facts, proven)


@pytest.mark.parametrize("how,who", [("waive", "host"), ("dark", "attestor")])
def test_host_and_attestor_end_it_by_their_own_word(world, alone, how, who):
    lease = world.rent(seconds=3600)["lease"]
    everybody_dies(world)
    (facts,) = alone("escrow", "list").json["leases"]
    world.warp(100)
    for other in {"renter", "host", "attestor"} - {who}:
        refused = alone("escrow", "stop", lease, "--how", how, "--yes", wallet=other, code=2)
        assert refused.error["code"] == "forbidden"
    before = world.balances("renter", "host", who)
    stopped = alone("escrow", "stop", lease, "--how", how, "--yes", wallet=who).json
    after = world.balances("renter", "host", who)
    assert world.account(lease) is None and stopped["how"] == {"waive": 2, "dark": 3}[how]
    # Paid to the last proof on the chain, which is its start: all of it goes back.
    assert after["renter"] - before["renter"] == int(facts["lamports"])
    assert before[who] - after[who] == int(stopped["network_fee_lamports"])
    outcome = {"waive": "stopped_by_host", "dark": "host_dark"}[how]
    assert alone("receipt", lease).json["outcome"] == outcome


def test_never_ready_and_cancelled_by_a_stranger(world, alone):
    everybody_dies(world)
    before = world.rpc.balance(world.addresses["renter"])
    lease = open_lease(world, "host")
    shown = alone("escrow", "show", lease).json
    assert [(step["who"], step["now"]) for step in shown["can"]] == [("renter", True),
                                                                     ("anyone", False)]
    world.new_wallet("stranger", 1)
    early = alone("escrow", "cancel", lease, wallet="stranger", code=2)
    assert "TOO_EARLY" in early.error["message"], early
    world.warp(TERMS["ready-deadline-s"] + 1)
    alone("escrow", "cancel", lease, wallet="stranger")
    assert world.account(lease) is None
    assert before - world.rpc.balance(world.addresses["renter"]) == 5000, "its own network fee"
    assert alone("receipt", lease).json["outcome"] == "not_ready"
    paper = world.state / "cancelled.json"
    alone("receipt", lease, "--save", paper)
    assert alone("receipt", "--verify", paper).json["verified"] is True


def verdicts(done):
    return {check["check"] for check in done.json["checks"] if check["verdict"] == "wrong"}


def test_a_receipt_is_saved_verified_and_no_forgery_passes(world, alone):
    lease = world.rent(seconds=3600)["lease"]
    attest_through(world, lease, 300)
    world.cli("attestations", lease)  # kept beside the other notes
    running = world.state / "running.json"
    world.cli("receipt", lease, "--save", running)
    everybody_dies(world)
    world.cli("stop", lease, "--yes")
    paper = world.state / "receipt.json"
    assert world.cli("receipt", lease, "--save", paper).json["saved"] == str(paper)
    honest = json.loads(paper.read_text())
    assert json.loads(honest["terms"])["lamports_per_hour"] and honest["attestations"]
    facts = chain.history(world.rpc, lease)
    assert [one["signature"] for one in honest["transactions"]] == \
        [record["transaction"]["signatures"][0] for record in facts]

    # Anybody: no key, no notes, no market.
    good = alone("receipt", "--verify", paper, wallet="nobody")
    stranger = alone("receipt", "--verify", paper, wallet="nobody", code=1,
                     OBELISK_PROGRAM=world.addresses["renter"])
    assert verdicts(stranger) == {"program"}, "a program that this person does not trust"
    assert good.json["verified"] is True and good.json["wrong"] == 0
    assert {check["verdict"] for check in good.json["checks"]} == {"right"}
    assert alone("receipt", "--verify", running, wallet="nobody").json["verified"] is True

    def forged(change, found_by):
        copy = json.loads(paper.read_text())
        change(copy)
        other = world.state / "forged.json"
        other.write_text(json.dumps(copy))
        done = alone("receipt", "--verify", other, wallet="nobody", code=1)
        assert done.json["verified"] is False and found_by in verdicts(done), done
        assert done.error["code"] == "refused"

    def more(name, by=1000):
        return lambda copy: copy.update({name: str(int(copy[name]) + by)})

    forged(more("host_lamports"), "sums")
    forged(lambda copy: [more("host_lamports")(copy), more("refunded_lamports", -1000)(copy)],
           "figures")
    forged(lambda copy: copy.update(terms=copy["terms"].replace('"seconds":3600',
                                                                '"seconds":7200')), "terms")
    forged(lambda copy: copy.update(terms_hash="00" * 32), "open")
    forged(lambda copy: copy.update(quote_signature=copy["transactions"][0]["signature"]),
           "quote_signature")
    forged(lambda copy: copy["transactions"].pop(1), "complete")
    forged(lambda copy: copy["transactions"][1].update(signature=copy["quote_signature"]),
           "transaction")
    forged(lambda copy: copy["attestations"][0].update(
        alive_until=copy["attestations"][0]["alive_until"] + 60), "attestation")
    forged(lambda copy: copy.update(renter=copy["host_wallet"]), "parties")
    forged(lambda copy: copy.update(network="1" * 32), "network")
    forged(lambda copy: copy.update(note="paid in full"), "file")
    paper.write_text("{")
    assert verdicts(alone("receipt", "--verify", paper, wallet="nobody", code=1)) == {"file"}
    alone("receipt", "--verify", world.state / "none.json", wallet="nobody", code=5)
    alone("receipt", lease, "--verify", paper, wallet="nobody", code=2)


class Forgetful(http.server.BaseHTTPRequestHandler):
    """A node in front of ours that has thrown its old blocks away: all of them, or all but one."""

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = json.loads(body)
        with urllib.request.urlopen(urllib.request.Request(
                self.server.behind, body, {"Content-Type": "application/json"})) as reply:
            answer = json.load(reply)
        if call["method"] == "getFirstAvailableBlock":
            answer["result"] = 10**12
        if call["method"] == "getSignaturesForAddress":
            answer["result"] = answer["result"][:self.server.remembers]
        if call["method"] == "getTransaction" and self.server.remembers == 0:
            answer["result"] = None
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        text = json.dumps(answer).encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


@pytest.fixture(name="forgetful")
def fixture_forgetful(world):
    """Starts such a node; its address as the client's environment takes it."""
    servers = []

    def start(remembers):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forgetful)
        server.behind, server.remembers = world.endpoints["rpc"], remembers
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return {"OBELISK_RPC_URL": f"http://127.0.0.1:{server.server_address[1]}"}

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_node_that_has_forgotten_is_no_proof_of_forgery(world, alone, forgetful):
    everybody_dies(world)
    lease = open_lease(world, "host")
    held = world.account(lease)["lamports"]
    # It settles what it can no longer tell the story of.
    done = alone("escrow", "cancel", lease, "--yes", **forgetful(remembers=1)).json
    assert world.account(lease) is None and done["paid_lamports"] is None
    assert done["moved"] == {"host_lamports": "0", "fee_lamports": "0",
                             "renter_lamports": str(held)}
    paper = world.state / "receipt.json"
    alone("receipt", lease, "--save", paper)

    node = forgetful(remembers=0)
    done = alone("receipt", "--verify", paper, wallet="nobody", code=6, **node)
    assert done.error["code"] == "unreachable" and "no longer" in done.error["message"]
    # What is wrong by itself is wrong whatever the node remembers.
    copy = json.loads(paper.read_text())
    copy["paid_lamports"] = "1"
    paper.write_text(json.dumps(copy))
    alone("receipt", "--verify", paper, wallet="nobody", code=1, **node)
    alone("receipt", "--verify", paper, wallet="nobody", code=1,
          OBELISK_RPC_URL="http://127.0.0.1:1")
