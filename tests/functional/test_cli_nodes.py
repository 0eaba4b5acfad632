"""The command line with several Solana nodes: one of them bad, or of another network."""
import http.server
import json
import threading

import pytest
from conftest import World, until
from test_nodes import BEHIND, BUSY, GONE, check_money, mend, spoil, struck

NONSENSE = ({"kind": "json_shape"}, {"kind": "json_wrong", "rate": 0.3}, {"kind": "ws_stall"})
HANGS = ({"kind": "http_slow", "ms": 60_000}, {"kind": "ws_stall"})
MAINNET = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"


class Stranger:
    """A node of another network, by its own word; it remembers what it was asked."""

    def __init__(self, genesis):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(call["method"])
                answers = {"getGenesisHash": genesis, "getSlot": 1_000}
                body = json.dumps({"jsonrpc": "2.0", "id": call["id"],
                                   "result": answers.get(call["method"])}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(name="stranger")
def fixture_stranger():
    made = []

    def make(genesis=MAINNET):
        made.append(Stranger(genesis))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture(name="three", scope="module")
def fixture_three(make_world):
    return make_world(nodes=3)


@pytest.fixture(name="one", scope="module")
def fixture_one(make_world):
    """One node, and one lease that nobody ends."""
    world = make_world()
    lease = world.rent(seconds=600)["lease"]
    return world, lease


def with_all(world, first=0):
    """The environment of a person who names every node, `first` first."""
    nodes = world.endpoints["nodes"]
    nodes = nodes[first:] + nodes[:first]
    return {"OBELISK_RPC_URL": ",".join(node["rpc"] for node in nodes),
            "OBELISK_WS_URL": ",".join(node["ws"] for node in nodes)}


def whole_rental(world, environment):
    """Every kind of verb that reads or sends; what the wallets had before, and the receipt."""
    def cli(*words, **options):
        return world.cli(*words, environment=environment, **options).json

    before = world.balances("renter", "host", "treasury")
    assert int(cli("wallet", "show")["lamports"]) == before["renter"]
    lease = world.rent(seconds=600, environment=environment)["lease"]
    assert [found["lease"] for found in cli("escrow", "list")["leases"]] == [lease]
    shown = cli("escrow", "show", lease)
    assert (shown["lease"], shown["state"]) == (lease, "active")
    assert cli("extend", lease, "--minutes", 1, "--yes")["seconds"] == 660
    stopped = cli("stop", lease, "--yes")
    file = world.state / f"{lease}.receipt.json"
    receipt = cli("receipt", lease, "--save", file)
    assert receipt["signatures"]["stop"] == stopped["signature"]
    assert cli("receipt", "--verify", file)["verified"] is True
    assert cli("escrow", "list")["leases"] == []
    return before, receipt


@pytest.mark.parametrize("faults", [GONE, BEHIND, BUSY, NONSENSE, HANGS],
                         ids=["gone", "behind", "busy", "nonsense", "hangs"])
def test_one_bad_node_of_three_changes_nothing(three: World, faults):
    spoil(three, 1, faults)
    try:
        if faults is BEHIND:
            until(lambda: three.rpc("obelisk_faults")["nodes"][1]["lag"] >= 200, 90)
        before, receipt = whole_rental(three, with_all(three, first=1))
        check_money(three, before, receipt)
        assert struck(three)[faults[0]["kind"]] > 0, "the node was not asked at all"
    finally:
        mend(three, 1)


def test_of_two_nodes_a_silent_one_leaves_reading_and_stops_signing(one):
    world, lease = one
    environment = {"OBELISK_RPC_URL": world.endpoints["rpc"] + ",http://127.0.0.1:1"}
    before = world.balances("renter")
    assert world.cli("escrow", "show", lease, environment=environment).json["lease"] == lease
    shown = world.cli("wallet", "show", environment=environment).json
    assert int(shown["lamports"]) == before["renter"]
    for words in (("stop", lease, "--yes"), ("escrow", "attest", lease, "--yes")):
        refused = world.cli(*words, environment=environment, code=6).error
        assert "Of 2 nodes, 1 can be relied on" in refused["message"], refused
        assert refused["charged_lamports"] == "0"
    assert world.balances("renter") == before


def test_nodes_of_different_networks_are_refused(one, stranger):
    world, lease = one
    for genesis in (MAINNET, "11111111111111111111111111111112"):
        other = stranger(genesis)
        for order in ((world.endpoints["rpc"], other.url), (other.url, world.endpoints["rpc"])):
            environment = {"OBELISK_RPC_URL": ",".join(order)}
            for words in (("wallet", "show"), ("escrow", "show", lease), ("stop", lease, "--yes"),
                          ("stop", lease, "--yes", "--mainnet")):
                refused = world.cli(*words, environment=environment, code=2).error
                assert "The nodes are of different networks" in refused["message"], refused
                assert refused["charged_lamports"] == "0"
        assert set(other.asked) == {"getGenesisHash", "getSlot"}
    assert world.lease(lease)["state"] == "active"


def test_mainnet_is_not_signed_for_whichever_node_says_it(one, stranger):
    world, lease = one
    first, second = stranger(), stranger()
    urls = (f"{first.url},{second.url}", f"{first.url},http://127.0.0.1:1,{second.url}",
            f"{world.endpoints['rpc']},http://127.0.0.1:1/mainnet", first.url)
    for url in urls:
        refused = world.cli("stop", lease, "--yes", environment={"OBELISK_RPC_URL": url},
                            code=2).error
        assert refused["code"] == "refused" and "mainnet" in refused["message"], refused
    assert "sendTransaction" not in first.asked + second.asked
