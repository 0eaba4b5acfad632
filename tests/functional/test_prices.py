"""The SOL price from services that a market asks: served here in their documented formats, over
real sockets. None of the answers was recorded."""
import datetime
import http.server
import itertools
import json
import threading

import pytest
from conftest import until


class Services:
    """Price services on one port; each answers what the test last told it."""

    def __init__(self):
        self.bodies = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = outer.bodies.get(self.path.split("?")[0].strip("/"))
                body = body() if callable(body) else body
                self.send_response(503 if body is None else 200)
                data = json.dumps(body or {}).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name):
        return f"http://127.0.0.1:{self.server.server_address[1]}/{name}"

    def kraken(self, dollars):
        self.bodies["kraken"] = {"error": [], "result": {"SOLUSD": {
            "a": [f"{dollars + 0.01:.2f}", "1", "1.000"],
            "b": [f"{dollars - 0.01:.2f}", "1", "1.000"]}}}

    def coinbase(self, dollars):
        self.bodies["coinbase"] = lambda: {
            "trade_id": 1, "price": f"{dollars:.2f}", "size": "1", "volume": "1",
            "bid": f"{dollars:.2f}", "ask": f"{dollars:.2f}",
            "time": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(name="services")
def fixture_services():
    services = Services()
    yield services
    services.stop()


def quote(world, code=0, asked=itertools.count(600)):
    """Never the same request twice: that would be the same quote."""
    return world.cli("quote", "cpu", "--seconds", next(asked), "--disk", "2GB", "--ssh-key",
                     world.ssh_key(), code=code)


def test_quotes_in_dollars_need_two_services_that_agree(make_world, services):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    services.kraken(142.00)
    services.coinbase(142.10)
    urls = " ".join(f"{name}={services.url(name)}" for name in ("kraken", "binance", "coinbase"))
    world.start_market(price=("--price", "live", "--price-urls", urls))
    world.start_host()
    until(lambda: world.get("/v1/offers")["offers"], 20)

    priced = quote(world).json
    assert priced["sol_price"]["micro_usd_per_sol"] == 142_050_000
    assert priced["sol_price"]["source"] == "median of coinbase, kraken"
    assert "No price from binance: binance answers 503." in world.market.log.read_text()

    world.release_quotes()
    lease = world.rent(seconds=600)["lease"]
    services.coinbase(190.00)  # one of the two is wrong, and nobody can say which
    refused = until(lambda: (lambda done: done if done.code == 6 else None)(quote(world, None)), 30)
    assert refused.error["charged_lamports"] == "0"
    assert "what a SOL is worth" in refused.error["message"]
    assert "too far from the others" in refused.error["message"]
    world.release_quotes()
    shown = world.get("/v1/offers")["offers"][0]
    assert shown["micro_usd_per_hour"] and "lamports_per_hour" not in shown, "dollars still stand"
    assert "There is no price of SOL any more." in world.market.log.read_text()

    assert world.ssh(lease, "echo still here").stdout == "still here\n", "what runs goes on"
    world.cli("stop", lease, "--yes")
    until(lambda: world.account(lease) is None)

    services.coinbase(142.20)
    world.warp(61)
    until(lambda: quote(world, None).code == 0, 30)
