"""Cards that prove themselves to the market: when they are listed, and before a lease's `ready`.

By the real kernels, on the processor: a scripted libcuda stands for the card. It exists as far as
its script says, so what is rented here is a container without one."""
import json

import pytest
from conftest import ROOT, until

UUID = "GPU-12345678-1234-1234-1234-123456789abc"
CARD = f"card uuid={UUID} memory_mib=16\n"
PROVEN = 57 << 18  # nine tenths of 16 MiB, in pieces of 256 KiB


@pytest.fixture(name="script", scope="module")
def fixture_script(tmp_path_factory):
    script = tmp_path_factory.mktemp("cuda") / "cards"
    script.write_text(CARD)
    return script


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world, script):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    library = ROOT / "build/lib/libcuda-scripted.so"
    world.demo = world.start_demo_host(1, script=f"uuid={UUID}", extra=("--cuda-library", library),
                                       environment={"OBELISK_CUDA_SCRIPT": str(script)})
    return world


def offer_of(world, query="proven>0", seconds=40):
    """The first offer that is found."""
    def look():
        return world.get(f"/v1/offers?q={query.replace('>', '%3E').replace('=', '%3D')}")["offers"]
    return until(look, seconds)[0]


def rent(world, **options):
    return world.cli("rent", "rtx-4090", "--disk", "2GB", "--minutes", 10,
                     "--ssh-key", world.ssh_key(), "--yes", **options)


def test_a_card_is_proven_before_it_is_offered(world):
    offer = offer_of(world)
    assert offer["simulated"] and offer["proven_memory_bytes"] == PROVEN
    log = world.demo.log.read_text()
    assert log.count("Proving the memory of card") == 1, log
    assert "A card was proven." in world.market.log.read_text()


def test_the_markets_word_holds_after_a_restart(world):
    offer_of(world)
    world.market.stop()
    world.start_market()
    assert offer_of(world)["proven_memory_bytes"] == PROVEN
    assert world.demo.log.read_text().count("Proving the memory of card") == 1


def test_a_proven_card_shows_itself_before_ready(world):
    offer_of(world)
    quote = world.cli("quote", "rtx-4090", "--disk", "2GB", "--minutes", 10,
                      "--ssh-key", world.ssh_key()).json
    terms = json.loads(quote["terms"])
    assert terms["cards"] == [{"memory_bytes": 24 << 30, "proven_bytes": PROVEN, "uuid": UUID}]
    world.cli("quote", "--give-up", quote["id"])
    lease = rent(world).json["lease"]
    world.cli("stop", lease, "--yes")


def test_its_memory_is_written_over_before_the_next_lease(world, script):
    """And nobody gets the card before that worked."""
    until(lambda: world.get("/v1/offers?q=proven%3E0")["offers"], 40)
    over = f"The memory of card {UUID} is written over."
    before = world.demo.log.read_text().count(over)
    lease = rent(world).json["lease"]
    script.write_text(CARD + "fail cuMemAlloc_v2 2\n")
    world.cli("stop", lease, "--yes")
    until(lambda: f"The memory of card {UUID} could not be written over"
          in world.demo.log.read_text())
    assert world.demo.log.read_text().count(over) == before
    script.write_text(CARD)
    until(lambda: world.demo.log.read_text().count(over) == before + 1, 40)


def test_a_card_that_does_not_gives_everything_back_at_once(world, script):
    until(lambda: world.get("/v1/offers?q=proven%3E0")["offers"], 40)
    before = world.balances("renter", "demo-1")
    script.write_text(CARD + "flip obelisk_meet 32\n")
    done = rent(world, code=7)
    script.write_text(CARD)
    assert "did not show itself" in done.error["message"], done
    after = world.balances("renter", "demo-1")
    assert after["demo-1"] == before["demo-1"]
    assert before["renter"] - after["renter"] == int(done.error["charged_lamports"]) <= 15_000
