"""A phone pays: Solana Pay's transaction requests, from the wish to the machine."""
import pytest
import signing
from conftest import until


def ask(world, path, body=None, **headers):
    status, _, said = signing.call(world.endpoints["market"] + path,
                                   "POST" if body is not None else "GET", body, **headers)
    return status, said


@pytest.fixture(name="wish")
def fixture_wish(world):
    world.release_quotes()
    key = open(world.ssh_key(), encoding="ascii").read().strip()
    status, ticket = ask(world, "/v1/pay", {"card": "cpu", "seconds": 600, "ssh_key": key,
                                            "disk_bytes": 2 << 30})
    assert status == 201, ticket
    return ticket


def state(world, ticket, secret=None):
    return ask(world, f"/v1/pay/{ticket['pay']}/state",
               **{"Obelisk-Pay-Secret": secret or ticket["secret"]})


def test_a_phone_pays_and_the_page_sees_the_machine(world, wish, request):
    link = wish["url"].removeprefix("solana:")
    assert link == f"{world.endpoints['market']}/v1/pay/{wish['pay']}"
    status, label = ask(world, f"/v1/pay/{wish['pay']}")
    assert status == 200 and label["label"] == "OBELISK" and label["icon"].endswith("/icon.svg")
    assert state(world, wish)[1] == {"state": "waiting"}

    status, built = ask(world, f"/v1/pay/{wish['pay']}", {"account": world.addresses["renter"]})
    assert status == 200, built
    assert built["message"].startswith("CPU") and "10 min. At most 0." in built["message"]
    assert state(world, wish)[1]["quote"]["renter"] == world.addresses["renter"]
    signed = signing.sign_transaction(world.key("renter"), built["transaction"])
    status, sent = ask(world, "/v1/transactions", {"transaction": signed})
    assert status in (200, 202), sent

    request.addfinalizer(lambda: world.cli("stop", state(world, wish)[1]["lease"]["lease"], "--yes",
                                           code=None))
    paid = until(lambda: (said := state(world, wish)[1])["state"] == "paid" and said, 20)
    assert paid["lease"]["renter"] == world.addresses["renter"]
    ready = until(lambda: (now := state(world, wish)[1]["lease"])["state"] == "active" and now, 60)
    assert ready["ssh"]["user"] == "root", "who has the secret sees the way in"
    refused = ask(world, f"/v1/pay/{wish['pay']}", {"account": world.addresses["renter"]})
    assert refused[0] == 409 and refused[1]["code"] == "conflict"


def test_the_secret_is_what_shows_it(world, wish):
    assert state(world, wish, "0" * 48)[0] == 403
    assert ask(world, f"/v1/pay/{wish['pay']}/state")[0] == 403
    assert ask(world, "/v1/pay/none/state", **{"Obelisk-Pay-Secret": "x"})[0] == 404
    assert ask(world, "/v1/pay/none")[0] == 404
    assert ask(world, "/v1/pay/none", {"account": world.addresses["renter"]})[0] == 404


def test_a_wallet_that_is_a_page_may_ask_from_elsewhere(world, wish):
    url = f"{world.endpoints['market']}/v1/pay/{wish['pay']}"
    status, headers, _ = signing.call(url, "OPTIONS")
    assert status == 204 and headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in headers["Access-Control-Allow-Headers"]
    for path, body in ((url, None), (url, {"account": "nobody"}), (url + "0", None)):
        _, headers, _ = signing.call(path, "POST" if body else "GET", body)
        assert headers["Access-Control-Allow-Origin"] == "*", path
    # What a page of ours asks is for pages of ours.
    status, headers, _ = signing.call(url + "/state", "OPTIONS")
    assert status == 405 and headers["Access-Control-Allow-Origin"] is None


def test_what_is_no_wish_is_refused(world, wish):
    assert ask(world, "/v1/pay", {"seconds": 600})[0] in (400, 422)
    status, said = ask(world, f"/v1/pay/{wish['pay']}", {"account": "nobody"})
    assert status in (400, 422) and said["charged_lamports"] == "0"
