"""The API as a program meets it: who asks, what is whose, writes that are done once, pages, ETags,
events that go on where they were lost."""
import hashlib
import json
import os
import sqlite3
import subprocess
import time
import urllib.request

import pytest
import signing
from conftest import BIN, ROOT, until


def url_of(world, path):
    return world.endpoints["market"] + path


def host_of(world):
    return world.endpoints["market"].split("//")[1]


def signed(world, wallet, method, target, body=None):
    """As that wallet, by a signature of this one request."""
    data = b"" if body is None else json.dumps(body).encode()
    header = signing.authorization(world.key(wallet), world.market_info["market"],
                                   (method, target, host_of(world), data))
    return signing.call(url_of(world, target), method, body, Authorization=header)


@pytest.fixture(name="lease", scope="module")
def fixture_lease(world):
    world.new_wallet("stranger", 0)
    world.warp(61)  # past the quote of the test before: it holds one of the two cards
    def all_free():
        offers = world.get("/v1/offers")["offers"]
        return offers and all(offer["count"] == offer["listed"] for offer in offers)

    until(all_free, 30)
    return world.cli("rent", "cpu", "--disk", "2GB", "--seconds", 600, "--max-hours", 2,
                     "--ssh-key", world.ssh_key(), "--yes").json["lease"]


def test_a_write_with_a_key_is_done_once_over_a_restart(world):
    with open(world.ssh_key(), encoding="ascii") as file:
        line = file.read().strip()
    body = {"renter": world.addresses["renter"], "card": "cpu", "seconds": 600, "ssh_key": line}
    key = {"Idempotency_Key": os.urandom(8).hex()}
    status, headers, first = signing.call(url_of(world, "/v1/quotes"), "POST", body, **key)
    assert status == 201 and "Idempotency-Replayed" not in headers, first
    assert headers["Cache-Control"] == "no-store"
    world.market.stop()
    world.start_market()
    status, again, second = signing.call(url_of(world, "/v1/quotes"), "POST", body, **key)
    assert status == 201 and again["Idempotency-Replayed"] == "true"
    assert second == first and again["Location"] == headers["Location"]
    status, _, problem = signing.call(url_of(world, "/v1/quotes"), "POST",
                                      {**body, "seconds": 660}, **key)
    assert status == 422 and problem["code"] == "invalid_input" and "key" in problem["action"]
    status, _, problem = signing.call(url_of(world, "/v1/quotes"), "POST", body,
                                      Idempotency_Key="two words")
    assert status == 422 and "Idempotency-Key" in problem["detail"]
    with urllib.request.urlopen(url_of(world, "/metrics"), timeout=10) as page:
        assert 'obelisk_leases{state="quoted"} 1\n' in page.read().decode()


def test_a_lease_is_whole_only_to_its_renter_and_its_host(world, lease):
    path = f"/v1/leases/{lease}"
    for wallet in ("renter", "host"):
        status, headers, whole = signed(world, wallet, "GET", path)
        assert status == 200 and whole["ssh"]["port"] > 0, whole
        assert headers["Cache-Control"] == "private, no-cache"
        assert headers["Vary"] == "Authorization"
    for status, _, part in (signing.call(url_of(world, path)),
                            signed(world, "stranger", "GET", path)):
        assert status == 200 and part["state"] == "active" and part["lamports_per_hour"]
        assert "ssh" not in part and part["message"] == "It runs."
    for rest in ("/trail", "/events"):
        assert signing.call(url_of(world, path + rest))[0] == 401
        status, _, problem = signed(world, "stranger", "GET", path + rest)
        assert status == 403 and problem["code"] == "forbidden"
    renter = world.addresses["renter"]
    status, headers, problem = signing.call(url_of(world, f"/v1/leases?renter={renter}"))
    assert status == 401 and problem["code"] == "unauthorized"
    assert headers["WWW-Authenticate"] == "Obelisk-Signature, Bearer"
    assert signed(world, "stranger", "GET", f"/v1/leases?renter={renter}")[0] == 403
    status, _, mine = signed(world, "renter", "GET", "/v1/leases?limit=1")
    assert status == 200 and [one["lease"] for one in mine["leases"]] == [lease]
    listed = world.cli("ls").json["leases"]
    assert [one["lease"] for one in listed] == [lease] and listed[0]["ssh"]


def test_a_signed_request_counts_once(world, lease):
    target, now = f"/v1/leases/{lease}/trail?limit=2", int(time.time() * 1000)
    market, host = world.market_info["market"], host_of(world)

    def status(sent=target, **options):
        header = signing.authorization(world.key("renter"), market,
                                       ("GET", target, options.pop("host", host), b""), **options)
        return signing.call(url_of(world, sent), Authorization=header)[0]

    assert status(at_ms=now, nonce="a" * 16) == 200
    assert status(at_ms=now, nonce="a" * 16) == 401, "a copy"
    assert status(at_ms=now - 61_000) == 401 and status(at_ms=now + 90_000) == 401
    assert status(host="evil.example") == 401, "signed for another name"
    assert status(sent=target.replace("2", "3")) == 401 and status() == 200


def test_a_person_signs_in_and_out(world, lease):
    opened = world.cli("login", "--label", "test", "--days", "1").json
    token, session = opened["token"], opened["session"]["session"]
    assert token.startswith("obelisk_") and opened["session"]["label"] == "test"
    kept = list((world.state / "client/sessions").iterdir())
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o777 == 0o600
    mine = f"/v1/leases/{lease}"
    bearer = {"Authorization": "Bearer " + token}
    assert signing.call(url_of(world, mine), **bearer)[2]["ssh"]
    # Without the key, what was kept says who asks.
    nothing = {"OBELISK_KEYPAIR": str(world.state / "no-key.json")}
    assert world.cli("ls", environment=nothing).json["leases"]
    listed = world.cli("sessions").json["sessions"]
    assert session in [one["session"] for one in listed] and token not in json.dumps(listed)
    database = sqlite3.connect(f"file:{world.state}/market/market.sqlite?mode=ro", uri=True)
    hashes = [row[0] for row in database.execute("SELECT token_hash FROM session")]
    database.close()
    assert hashlib.sha256(token.encode()).hexdigest() in hashes
    assert not any(token.encode() in path.read_bytes()
                   for path in (world.state / "market").glob("market.sqlite*"))
    # Over a restart, and until it is ended.
    world.market.stop()
    world.start_market()
    assert signing.call(url_of(world, mine), **bearer)[2]["ssh"]
    world.cli("logout")
    assert not list((world.state / "client/sessions").iterdir())
    assert signing.call(url_of(world, mine), **bearer)[0] == 401
    assert world.cli("ls", environment=nothing, code=None).code == 5
    world.cli("logout", code=5)
    assert world.cli("logout", session, code=5).error["code"] == "not_found"


def test_what_is_known_is_not_sent_again(world):
    for path in ("/v1/cards", "/openapi.json"):
        status, headers, body = signing.call(url_of(world, path))
        assert status == 200 and headers["ETag"] and body
        status, again, body = signing.call(url_of(world, path), If_None_Match=headers["ETag"])
        assert status == 304 and body is None and again["ETag"] == headers["ETag"]


def events_of(world, lease, token, count, after=None):
    """(id, kind) of the first `count` events that come."""
    headers = {"Authorization": "Bearer " + token, "Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = after
    request = urllib.request.Request(url_of(world, f"/v1/leases/{lease}/events"), headers=headers)
    seen, event = [], {}
    deadline = time.monotonic() + 30  # heartbeats come without end
    with urllib.request.urlopen(request, timeout=30) as stream:
        while len(seen) < count:
            line = stream.readline()
            assert line and time.monotonic() < deadline, seen
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line.strip() and event:
                assert json.loads(event["data"])["lease"]["lease"] == lease
                seen.append((event["id"], event["event"]))
                event = {}
    return seen


def test_events_go_on_where_they_were_lost(world, lease):
    token = world.token()
    trail = [(str(entry["seq"]), entry["kind"])
             for entry in world.get(f"/v1/leases/{lease}/trail?limit=500")["entries"]]
    assert len(trail) > 3 and events_of(world, lease, token, len(trail)) == trail
    rest = events_of(world, lease, token, len(trail) - 2, after=trail[1][0])
    assert rest == trail[2:], "those after it, none twice, none left out"


def test_a_renter_without_our_programs_extends_and_stops(world, lease):
    """By the API alone: a transaction of the market's, signed with openssl, handed back."""
    def send(verb, body=None):
        status, _, planned = signing.call(url_of(world, f"/v1/leases/{lease}/{verb}"), "POST",
                                          {} if body is None else body)
        assert status == 200 and planned["explanation"], planned
        wire = signing.sign_transaction(world.key("renter"), planned["transaction"])
        status, _, sent = signing.call(url_of(world, "/v1/transactions"), "POST",
                                       {"transaction": wire}, Idempotency_Key=verb)
        assert status == 202 and sent["signature"], sent

    send("extend", {"seconds": 3600})
    until(lambda: world.lease(lease)["seconds"] == 3600)
    send("stop")
    until(lambda: world.lease(lease)["state"] == "ended", 30)


def test_a_new_wallet_and_its_play_money(world):
    file = world.state / "keys" / "made.json"
    made = world.cli("wallet", "new", "--out", file).json
    assert file.stat().st_mode & 0o777 == 0o600
    environment = {"OBELISK_KEYPAIR": str(file)}
    assert world.cli("wallet", "airdrop", "2", environment=environment).json["lamports"] == str(
        2 * 10**9)
    shown = world.cli("wallet", "show", environment=environment).json
    assert shown["address"] == made["address"] and shown["lamports"] == str(2 * 10**9)


def test_there_is_nothing_to_wipe(world):
    done = subprocess.run([BIN / "obelisk-host", "wipe", "--state", world.state / "nothing",
                           "--images", ROOT / "build/image"], check=True, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert "0 leases" in done.stdout
