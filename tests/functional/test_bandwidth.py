"""What strangers may do with the endpoints by which hosts measure their way to the market."""
import os
import pathlib
import urllib.error
import urllib.request

import pytest
import signing

MIB = 1 << 20


@pytest.fixture(name="market", scope="module")
def fixture_market(make_world):
    """A market, and nobody else."""
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    return world


def raw(market, path, data=None, **headers):
    """(status, bytes)."""
    request = urllib.request.Request(market.endpoints["market"] + path, data, {
        name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()
    except urllib.error.URLError as cut:  # it may be refused before all of it was sent
        return 413 if isinstance(cut.reason, (BrokenPipeError, ConnectionResetError)) else cut, b""


def ticket(market, wallet="host"):
    host = market.endpoints["market"].removeprefix("http://")
    header = signing.authorization(market.key(wallet), market.market_info["market"],
                                   ("POST", "/v1/bandwidth", host, b""))
    return signing.call(market.endpoints["market"] + "/v1/bandwidth", "POST",
                        Authorization=header)


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def test_one_measures_at_a_time_and_the_market_keeps_nothing_of_it(market):
    assert signing.call(market.endpoints["market"] + "/v1/bandwidth", "POST")[0] == 401
    before = resident_mib(market.market.pid)
    status, _, given = ticket(market)
    assert status == 201 and given["max_bytes"] == 16 * MIB, given
    path = f"/v1/bandwidth/{given['ticket']}"
    status, _, busy = ticket(market, "renter")
    assert status == 429 and "Another host" in busy["detail"] and busy["charged_lamports"] == "0"
    status, body = raw(market, path + f"/down?bytes={16 * MIB}")
    assert status == 200 and len(body) == 16 * MIB
    assert len(set(body[:65536])) == 256, "nothing that could be made smaller on the way"
    status, body = raw(market, path + "/down?bytes=1")
    assert status == 200 and len(body) == 65536
    assert raw(market, path + "/down?bytes=1")[0] == 429, "twice at most"
    assert raw(market, path + f"/down?bytes={16 * MIB + 1}")[0] == 422
    assert raw(market, path + "/up", os.urandom(16 * MIB + 1))[0] == 413
    status, body = raw(market, path + "/up?more=yes", os.urandom(16 * MIB))
    assert (status, body) == (200, b'{"bytes":16777216}')
    assert resident_mib(market.market.pid) < before + 12, "less than one transfer"
    assert raw(market, path + "/up", b"x")[0] == 404, "it was the last"
    assert ticket(market, "renter")[0] == 201, "the next may begin"


def test_without_a_ticket_nothing_is_taken(market):
    for path in ("/v1/bandwidth/0123456789abcdef/up", "/v1/bandwidth//up"):
        assert raw(market, path, os.urandom(65_537))[0] == 413, "a body like any other"
        assert raw(market, path, b"x")[0] == 404
    assert raw(market, "/v1/bandwidth/0123456789abcdef/down?bytes=1")[0] == 404
