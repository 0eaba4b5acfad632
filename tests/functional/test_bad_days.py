"""Every mistake of a person or a machine: an error that says what to do and what it cost."""
import base64
import json
import os
import stat
import urllib.error
import urllib.request

import pytest
from conftest import until


def post(world, path, body):
    request = urllib.request.Request(world.endpoints["market"] + path, json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def says(done, code, *words):
    assert done.error["code"] == code, done
    assert done.error["action"], "an error says what to do"
    assert done.error["charged_lamports"] == "0"
    text = done.error["message"] + done.error["action"]
    for word in words:
        assert word in text, text


def test_an_unknown_card_names_those_that_exist(world):
    done = world.cli("quote", "rtx-9999", "--hours", 1, "--ssh-key", world.ssh_key(), code=5)
    says(done, "not_found", "rtx-4090")


def test_a_card_that_nobody_offers_now(world):
    says(world.cli("quote", "h200", "--hours", 1, "--ssh-key", world.ssh_key(), code=5),
         "not_found", "h200")


@pytest.mark.parametrize("hours", ["0", "-1", "1e9", "nan", "abc"])
def test_impossible_hours(world, hours):
    done = world.cli("rent", "cpu", "--disk", "2GB", f"--hours={hours}",
                     "--ssh-key", world.ssh_key(), "--yes",
                     code=2)
    assert done.error["code"] in ("usage", "invalid_input"), done
    assert done.error["charged_lamports"] == "0"


def test_the_api_checks_hours_too(world):
    for seconds in (0, -1, 59, 10**9, "3600"):
        status, body = post(world, "/v1/quotes", {
            "renter": world.addresses["renter"], "card": "cpu", "seconds": seconds,
            "ssh_key": open(world.ssh_key()).read().strip()})
        assert status in (400, 422), body
        assert body["code"] and body["action"] and body["charged_lamports"] == "0"


def test_nothing_is_signed_without_a_yes(world):
    before = world.balances("renter")
    done = world.cli("rent", "cpu", "--disk", "2GB", "--minutes", 10,
                     "--ssh-key", world.ssh_key(), code=3)
    says(done, "declined", "--yes")
    assert world.balances("renter") == before


def test_too_little_sol(world):
    world.new_wallet("poor", 0)
    world.rpc("requestAirdrop", world.addresses["poor"], 1_000_000)
    until(lambda: world.rpc.balance(world.addresses["poor"]))
    done = world.cli("rent", "cpu", "--disk", "2GB", "--hours", 1,
                     "--ssh-key", world.ssh_key(), "--yes",
                     wallet="poor", code=4)
    says(done, "insufficient_funds")


def test_a_key_file_that_others_can_read(world):
    world.new_wallet("open", 0)
    os.chmod(world.key("open"), 0o644)
    done = world.cli("wallet", "show", wallet="open", code=2)
    assert "chmod 600" in done.error["action"] + done.error["message"], done
    assert stat.S_IMODE(world.key("open").stat().st_mode) == 0o644, "it is not changed for them"


def test_no_market_there(world):
    done = world.cli("cards", environment={"OBELISK_MARKET_URL": "http://127.0.0.1:1"}, code=6)
    says(done, "unreachable", "127.0.0.1:1")


def test_an_expired_quote_cannot_be_paid(world):
    world.release_quotes()
    quote = world.cli("quote", "cpu", "--disk", "2GB", "--minutes", 10,
                      "--ssh-key", world.ssh_key()).json
    world.warp(120)
    until(lambda: world.chain_time() > quote["expires_at_s"])
    try:
        with urllib.request.urlopen(
                world.endpoints["market"] + "/v1/quotes/" + quote["id"], timeout=10) as answer:
            pytest.fail(f"an expired quote was given out: {answer.read()}")
    except urllib.error.HTTPError as error:
        assert error.code == 410
        assert json.load(error)["charged_lamports"] == "0"


def test_the_same_transaction_twice_pays_once(world):
    rented = world.rent(seconds=600)
    signature = rented["signatures"]["open"]
    wire = world.rpc("getTransaction", signature, {
        "encoding": "base64", "commitment": "confirmed",
        "maxSupportedTransactionVersion": 0})["transaction"][0]
    before = world.balances("renter")
    status, body = post(world, "/v1/transactions", {"transaction": wire})
    assert status == 202 and body["signature"] == signature, body
    assert world.balances("renter") == before
    world.cli("stop", rented["lease"], "--yes")


def test_a_transaction_of_another_program_is_not_forwarded(world):
    status, body = post(world, "/v1/transactions",
                        {"transaction": base64.b64encode(b"\x01" + b"\0" * 200).decode()})
    assert status in (400, 422) and body["charged_lamports"] == "0", body
