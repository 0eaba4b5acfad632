"""What a lease's cards do and suffer, as its renter sees it. By the scripted driver: no card was
hurt for it."""
from conftest import until


def test_what_a_card_does_and_what_its_driver_reports(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    # Slowed by heat within the first minute, and fallen off the bus a little later by its driver's
    # word, while it is still read.
    world.start_demo_host(1, script="busy=97 memory_busy=40 draw_mw=350000 used_mib=20000 "
                                    "slowdown_c=90 temperature_c=60..95/45\n"
                                    "event card=0 xid=79 after_ms=25000")
    world.wait_offer()
    lease = world.rent(card="rtx-4090", seconds=600)["lease"]

    def cards():
        rows = world.get(f"/v1/leases/{lease}/readings")["rows"]
        return rows[-1].get("gpus") if rows else None

    (card,) = until(cards, 30, 0.5)
    assert card["use_percent"] == 97 and card["milliwatts"] == 350_000
    assert card["memory_used_bytes"] == 20_000 << 20 and 60 <= card["celsius"] <= 95
    assert card["memory_bytes"] == 24 << 30

    def said():
        return [entry["message"] for entry in world.cli("show", lease, "--events").json["entries"]
                if entry["kind"] == "trouble"]

    texts = until(lambda: len(said()) >= 2 and said(), 90, 1)
    assert any("Xid 79: the card has fallen off the bus" in text for text in texts), texts
    assert any("too hot" in text for text in texts), texts
    shown = world.cli("top", lease).json["readings"]["rows"][-1]["gpus"][0]
    assert shown["uuid"] == card["uuid"]
    world.cli("stop", lease, "--yes")
