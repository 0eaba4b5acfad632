"""What anybody can say of a host: from the chain alone, by a formula."""
import pytest
from conftest import until
from test_strange_leases import open_lease


@pytest.fixture(name="scored", scope="module")
def fixture_scored(world):
    """A world in which one lease was kept and two were withdrawn."""
    kept = world.rent(seconds=600)["lease"]
    world.warp(120)
    world.cli("stop", kept, "--yes")
    for nonce in (71, 72):
        withdrawn = open_lease(world, "renter", nonce=nonce)
        world.cli("escrow", "cancel", withdrawn, "--yes")
        until(lambda: world.account(withdrawn) is None)
    return world, kept


def test_the_chain_alone_gives_the_score(scored):
    world, kept = scored
    host = world.addresses["host"]
    said = world.cli("host-score", host, "--recompute", "--program", world.addresses["program"],
                     environment={"OBELISK_MARKET_URL": "http://127.0.0.1:1"}).json
    receipt = world.cli("receipt", kept).json
    assert said["kept"] == 1 and said["withdrawn"] == 2 and said["leases"] == 1
    assert said["due_s"] == said["served_s"] == receipt["used_s"] > 100
    assert (said["kept_bps"], said["uptime_bps"], said["score_bps"]) == (10_000,) * 3
    earned = int(receipt["host_lamports"]) + int(receipt["fee_lamports"])
    assert int(said["paid_lamports"]) - int(said["refunded_lamports"]) == earned
    assert 0 <= said["ready_p50_s"] <= 60 and not said["cut"] and said["unclear"] == 0


def test_the_time_to_login_is_told_by_image(scored):
    world, kept = scored
    host = world.addresses["host"]
    ended = until(lambda: [entry for entry in world.get("/v1/outcomes")["entries"]
                           if entry["lease"] == kept], 40)  # once the end is final
    image = ended[0]["image"]
    said = world.cli("host-score", host, "--recompute", "--by-image").json
    assert image == world.cli("offers").json["offers"][0]["images"][0]["digest"]
    assert world.get("/v1/leases/" + kept)["image"] == image
    by_image, = said["images"]
    assert by_image["image"] == image and by_image["leases"] == 1
    assert by_image["ready_p50_s"] == said["ready_p50_s"]
    assert 0 < by_image["login_p50_ms"] == by_image["login_p95_ms"] < 60_000
    alone = world.cli("host-score", host, "--recompute", "--by-image", "--program",
                      world.addresses["program"],
                      environment={"OBELISK_MARKET_URL": "http://127.0.0.1:1"})
    assert alone.json["images"] is None and alone.json["kept"] == 1
    assert "--recompute" in world.cli("host-score", host, "--by-image", code=2).error["action"]


def test_leases_that_no_quote_stands_behind_harm_nobody(scored):
    world, _ = scored
    host = world.addresses["host"]
    stray = open_lease(world, "renter", nonce=73)
    world.warp(62)
    until(lambda: world.account(stray) is None, 40)  # the watch sends it back, as anybody may
    said = world.cli("host-score", host, "--recompute").json
    assert said["missed"] == 1 and said["leases"] == 1 and said["score_bps"] == 10_000
    few = world.cli("host-score", host, "--recompute", "--leases", "1").json
    assert few["leases"] == 0 and few["missed"] == 1 and few["cut"]
    assert few["score_bps"] is None


def test_the_market_says_its_own(scored):
    world, _ = scored
    host = world.addresses["host"]
    said = world.cli("host-score", host).json
    assert said["host"] == host and all(offer["host"] == host for offer in said["offers"])
    refused = world.cli("host-score", world.addresses["operator"], code=5).error
    assert "--recompute" in refused["action"]
    assert world.cli("host-score", "nobody", code=2).error["code"] == "usage"
    assert world.cli("host-score", host, "--recompute", "--leases", "0", code=2)
