"""A clock that is stepped under a running program of ours: other tests stand on it."""
import datetime
import json
import time

from clocks import Clock
from conftest import until


def test_the_clock_of_a_running_market_can_be_stepped(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    clock = Clock(world.state / "market.clock")
    world.start_market(environment=clock.environment)

    def requests():
        """When, by the market, it was asked; it writes the line behind its answer."""
        lines = map(json.loads, world.market.log.read_text().splitlines())
        return [line["at"] for line in lines if line.get("route") == "/v1/market"]

    def off_s():
        before = len(requests())
        world.get("/v1/market")
        at = until(lambda: requests()[before:])[0]
        return datetime.datetime.fromisoformat(at).timestamp() - time.time()

    assert abs(off_s()) < 20
    for step, expected in ((120, 120), (-420, -300), (300, 0)):
        clock.step(step)
        began = time.monotonic()
        assert abs(off_s() - expected) < 20
        assert time.monotonic() - began < 20, "a clock that was set holds nobody up"
    assert world.market.running()
