"""One rental from quote to wipe, and what the chain says of it."""
import base64
import json
import re
import subprocess
import urllib.request

import chain
from conftest import BIN, PRICE_OF_ACCOUNT, ROOT, until


def traces(lease):
    """What of a lease this machine still has: processes, mounts, names."""
    commands = (["ps", "-eo", "args"], ["cat", "/proc/self/mountinfo"], ["ip", "netns"])
    texts = [subprocess.run(command, text=True, capture_output=True, check=True).stdout
             for command in commands]
    return [line for text in texts for line in text.splitlines()
            if lease in line and "obelisk-host" not in line]


def test_a_rental_from_quote_to_refund(world):
    before = world.balances("renter", "host", "treasury")
    rented = world.rent(seconds=600)
    lease = rented["lease"]
    assert traces(lease), "nothing runs for the lease"
    assert rented["confirmed_to_ssh_ms"] > 0

    said = world.ssh(lease, "echo out; echo err >&2; hostname; exit 7")
    assert said.returncode == 7
    assert said.stdout.splitlines()[0] == "out" and "err" in said.stderr
    assert world.ssh(lease, "df --output=size -B1G /workspace | tail -1").stdout.strip().isdigit()

    stopped = world.cli("stop", lease, "--yes").json
    receipt = world.cli("receipt", lease).json
    assert world.account(lease) is None, "the account is closed"

    opened = chain.transaction(world.rpc, receipt["signatures"]["open"])
    ready = chain.transaction(world.rpc, receipt["signatures"]["ready"])
    ended = chain.transaction(world.rpc, receipt["signatures"]["stop"])
    program = world.addresses["program"]
    (event,) = chain.events(ended, program)
    assert event["state"] == 0

    quoted = int(rented["quoted_lamports"])
    paid = -chain.moved(opened, world.addresses["renter"]) - opened["meta"]["fee"]
    bond = int(receipt["rent_lamports"])
    host, fee, refunded, spent = (int(receipt[name]) for name in (
        "host_lamports", "fee_lamports", "refunded_lamports", "paid_lamports"))
    assert bond == PRICE_OF_ACCOUNT
    assert paid == spent + bond
    assert spent == host + fee + refunded
    assert (event["to_host"], event["to_treasury"]) == (host, fee)
    assert event["to_renter"] == refunded + bond
    assert paid + int(receipt["network_fees_lamports"]) <= quoted

    seconds = event["proven_until"] - ready["blockTime"]
    assert 0 <= seconds <= 60
    rate = int(world.lease(lease)["lamports_per_hour"])
    assert host + fee == rate * seconds // 3600
    assert fee == (host + fee) * world.terms["fee-bps"] // 10_000
    assert int(stopped["host_lamports"]) == host

    after = world.balances("renter", "host", "treasury")
    assert after["host"] - before["host"] == host
    assert after["treasury"] - before["treasury"] == fee
    fees = opened["meta"]["fee"] + ended["meta"]["fee"]
    assert before["renter"] - after["renter"] == host + fee + fees

    until(lambda: not traces(lease), 15)
    the_trail_is_whole(world, lease, receipt["signatures"])


def the_trail_is_whole(world, lease, signatures):
    """By HTTP page by page, and on the command line in one."""
    until(lambda: "ended" in [entry["kind"] for entry in
                              world.get(f"/v1/leases/{lease}/trail?limit=500")["entries"]])
    trail, cursor = [], ""
    while cursor is not None:
        page = world.get(f"/v1/leases/{lease}/trail?limit=3{cursor}")
        trail += page["entries"]
        assert len(page["entries"]) == 3 or "next" not in page
        cursor = f"&cursor={page['next']}" if "next" in page else None
    kinds = [entry["kind"] for entry in trail]
    # The host begins at `processed`: whether it runs before the payment is confirmed is a race.
    for middle in ("open_confirmed", "host_running"):
        order = [kinds.index(kind) for kind in ("open_seen", middle, "login_worked",
                                                "ready_confirmed", "host_open", "closed", "ended")]
        assert order == sorted(order), kinds
    of = {entry["kind"]: entry.get("signature") for entry in trail}
    assert [of["open_confirmed"], of["ready_confirmed"], of["ended"]] == [
        signatures[name] for name in ("open", "ready", "stop")]
    shown = world.cli("show", lease, "--events").json
    assert shown["entries"] == trail and shown["lease"] == lease


def test_no_container_before_the_payment_and_none_for_a_quote(world):
    quote = world.cli("quote", "cpu", "--disk", "2GB", "--minutes", 10,
                      "--ssh-key", world.ssh_key()).json
    assert world.account(quote["lease"]) is None
    assert not traces(quote["lease"])


def test_a_quote_that_nobody_pays_lets_go_of_its_cards(world):
    def offered(field):
        return sum(offer[field] for offer in world.get("/v1/offers")["offers"])

    def free():
        return offered("count")

    world.release_quotes()
    until(lambda: free() == offered("listed"), 30)
    every = free()
    words = ("cpu", "--disk", "2GB", "--minutes", 10, "--ssh-key", world.ssh_key())
    quote = world.cli("quote", *words).json
    assert free() == every - 1
    assert world.cli("quote", "--give-up", quote["id"]).json == {
        "quote": quote["id"], "given_up": True}
    assert free() == every
    assert world.cli("rent", "--quote", quote["id"], "--ssh-key", world.ssh_key(), "--yes",
                     code=None).error["message"] == "This quote was given up."
    assert world.cli("rent", *words, code=None).error["code"] == "declined"
    assert free() == every, "who says no holds nothing"
    assert "--give-up" in world.cli("quote", "cpu", "--give-up", quote["id"],
                                    code=2).error["message"]


def test_a_host_says_what_it_does(world):
    state = world.state / "hosts/host"

    def status(*words):
        done = subprocess.run([str(BIN / "obelisk-host"), "status", "--state", str(state),
                               *words], text=True, capture_output=True, check=True)
        return done.stdout

    lease = world.rent(seconds=600)["lease"]
    said = json.loads(status("--rpc", world.endpoints["rpc"], "--json"))
    assert said["running"] and said["market"] == world.get("/v1/market")["market"]
    (mine,) = [row for row in said["leases"] if row["lease"] == lease]
    assert (mine["state"], mine["want"], mine["card"], mine["count"]) == (
        "running", "open", "cpu", 1)
    assert int(mine["earned_lamports"]) >= 0 and mine["ends_at"] > mine["started_at"]
    assert "give --rpc URL" in status() and f"{lease}  1 x cpu, running" in status(
        "--rpc", world.endpoints["rpc"])
    second = subprocess.run(
        [str(BIN / "obelisk-host"), "run", "--state", str(state), "--images",
         str(ROOT / "build/image"), "--keypair", str(world.key("host")), "--market",
         world.endpoints["market"], "--rpc", world.endpoints["rpc"], "--allow-cpu"],
        text=True, capture_output=True, check=False, timeout=30)
    assert second.returncode == 5 and "Another process hosts in" in second.stderr, second
    world.cli("stop", lease, "--yes")


def test_extend_buys_time_at_the_same_rate(world):
    world.release_quotes()
    rented = world.cli("rent", "cpu", "--disk", "2GB", "--seconds", 600, "--max-hours", 2,
                       "--ssh-key",
                       world.ssh_key(), "--yes").json
    lease = rented["lease"]
    world.cli("extend", lease, "--minutes", 10, "--yes")
    facts = until(lambda: (lambda seen: seen if seen["seconds"] == 1200 else None)(
        world.lease(lease)))
    rate = int(facts["lamports_per_hour"])
    opened, _, extended = chain.history(world.rpc, lease)[:3]
    renter = world.addresses["renter"]
    took = -chain.moved(opened, renter) - opened["meta"]["fee"]
    took += -chain.moved(extended, renter) - extended["meta"]["fee"]
    assert took == -(-rate * 1200 // 3600) + PRICE_OF_ACCOUNT
    world.cli("stop", lease, "--yes")


def test_a_lease_that_runs_out_is_settled_without_anybody_asking(make_world):
    world = make_world()
    rented = world.rent(seconds=60)
    rate = int(world.lease(rented["lease"])["lamports_per_hour"])
    world.warp(61)
    until(lambda: world.account(rented["lease"]) is None, 30)
    receipt = world.cli("receipt", rented["lease"]).json
    total = int(receipt["host_lamports"]) + int(receipt["fee_lamports"])
    assert total == rate * 60 // 3600, "a host that served to the end is paid to the end"
    until(lambda: not traces(rented["lease"]), 20)


def test_a_host_that_ends_in_order_is_paid_and_its_wallet_pays_no_fee(make_world):
    world = make_world()
    rented = world.rent(seconds=3600)
    lease = rented["lease"]
    world.let_time_pass(lease, 120)
    before = world.balances("host", "host-fees")
    world.hosts["host"].stop(90)
    until(lambda: world.account(lease) is None, 30)
    closing = chain.history(world.rpc, lease)
    paid = sum(event["to_host"] for record in closing
               for event in chain.events(record, world.addresses["program"]))
    after = world.balances("host", "host-fees")
    assert paid > 0 and after["host"] - before["host"] == paid
    assert before["host-fees"] - after["host-fees"] == closing[-1]["meta"]["fee"]
    assert not traces(lease)


def test_what_people_read(world):
    cards = world.get("/v1/cards")["cards"]
    assert {"a40", "rtx-4090", "h100-sxm", "cpu"} <= {card["id"] for card in cards}
    assert all(card["source"] for card in cards)
    shown = world.cli("cards").json["cards"]
    assert [card["id"] for card in shown] == [card["id"] for card in cards]
    offers = world.get("/v1/offers")["offers"]
    assert [offer["card"] for offer in offers] == ["cpu"] and not offers[0]["simulated"]
    assert world.get("/openapi.json")["openapi"] == "3.1.0"


def test_logs_have_ids_and_no_secret(world):
    lines = [json.loads(line) for line in world.market.log.read_text().splitlines()]
    assert all({"at", "level", "message"} <= line.keys() for line in lines)
    requests = [line for line in lines if line["message"] == "Request."]
    assert {"POST", "GET"} <= {line["method"] for line in requests}
    ids = [line["request_id"] for line in requests]
    assert len(set(ids)) == len(ids) > 0
    assert any(line["message"].startswith("ready is confirmed") and len(line["lease"]) > 30
               for line in lines), "what the engine did names its lease"
    written = "".join(path.read_text(errors="replace")
                      for path in (world.state / "logs").iterdir())
    secrets = list(secrets_of(world))
    assert len(secrets) > 10
    assert not [name for name, secret in secrets if secret in written]


def test_metrics_are_those_of_the_list(world):
    with urllib.request.urlopen(world.endpoints["market"] + "/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    written = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    page = (ROOT / "docs/metrics.md").read_text()
    listed = {line.split("`")[1] for line in page.splitlines()
              if line.startswith(("| `obelisk_", "| `process_"))}
    assert written == listed and len(listed) > 30
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert int(values['obelisk_leases_ended_total{outcome="stopped_by_renter"}']) >= 1
    assert int(values['obelisk_transactions_total{what="ready",result="confirmed"}']) >= 1
    assert int(values["obelisk_time_to_login_seconds_count"]) >= 1
    assert int(values["obelisk_store_writes_total"]) >= int(values["obelisk_store_commits_total"])
    assert int(values['obelisk_cards_offered{card="cpu"}']) >= 1
    names = set(re.findall(r"obelisk_[a-z_]+?(?=_bucket|\b)", page.split("```yaml")[1]))
    assert names <= listed, "an alert stands on what nobody writes"


def secrets_of(world):
    """Every private key of this world in the forms that somebody might write it in."""
    for path in sorted((world.state / "keys").glob("*.json")):
        whole = bytes(json.loads(path.read_text()))
        for part in (whole, whole[:32]):
            yield path.name, part.hex()
            yield path.name, chain.base58(part)
            yield path.name, base64.b64encode(part).decode()
            yield path.name, ",".join(map(str, part))
    for path in (world.state / "keys" / "ssh", *world.state.glob("market/watch/**/*key*")):
        if path.is_file() and "PRIVATE KEY" in path.read_text():
            yield path.name, path.read_text().splitlines()[1]
