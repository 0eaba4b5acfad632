"""Instances of a cut card (MIG): offered, proven and rented side by side. By scripted libraries: no
card was cut for it."""
import json
import os
import subprocess

from conftest import BIN, ROOT, until

KIND = "mig-h100-sxm-1g.10gb"
# As the scripted driver names the instances of its first card by its seed.
UUIDS = [f"MIG-51301a7e-{number:04x}-4000-8000-000000010000" for number in (1, 2, 3)]


def test_instances_are_rented_side_by_side(make_world, tmp_path):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    script = tmp_path / "cards"
    script.write_text("".join(f"card uuid={uuid} memory_mib=16\n" for uuid in UUIDS[:2]))
    library = ROOT / "build/lib/libcuda-scripted.so"
    # The third is of another kind, and stays out.
    world.start_demo_host(
        1, "NVIDIA H100 80GB HBM3", 80,
        script='instances="1g.10gb 1g.10gb 3g.40gb" temperature_c=55 draw_mw=300000',
        extra=("--cuda-library", library, "--usd-per-hour", "1"),
        environment={"OBELISK_CUDA_SCRIPT": str(script)})
    offer = until(lambda: world.get("/v1/offers?q=proven%3E0")["offers"], 30)[0]
    assert (offer["card"], offer["count"]) == (KIND, 2), offer
    assert offer["card_name"] == "H100 SXM MIG 1g.10gb" and offer["simulated"]
    assert not world.get("/v1/offers?q=card%3Dh100*")["offers"], "a part of it is not the card"
    assert world.get("/v1/offers?q=card%3Dmig-*")["offers"][0]["id"] == offer["id"]

    leases = [world.rent(card=KIND, seconds=600)["lease"] for _ in range(2)]
    assert not world.get("/v1/offers?q=card%3Dmig-*")["offers"]
    folder = world.state / "hosts/demo-1/leases"
    # The host's records begin with the market's wish.
    records = [(folder / f"{lease}.lease").read_text() for lease in leases]
    wishes = [json.loads(record.splitlines()[0]) for record in records]
    held = [card["uuid"] for wish in wishes for card in json.loads(wish["terms"])["cards"]]
    assert sorted(held) == UUIDS[:2], held
    for lease in leases:
        assert world.ssh(lease, "echo here").stdout == "here\n"
    world.cli("stop", leases[0], "--yes")
    until(lambda: world.get("/v1/offers?q=card%3Dmig-*")["offers"], 30)
    assert world.ssh(leases[1], "echo here").stdout == "here\n", "the other goes on"
    world.cli("stop", leases[1], "--yes")

    words = [BIN / "obelisk-host", "status", "--json", "--state", world.state / "hosts/demo-1",
             "--nvml-library", ROOT / "build/lib/libnvidia-ml-scripted.so"]
    environment = {**os.environ, "OBELISK_NVML_SCRIPT": str(world.state / "demo-1.nvml")}
    status = subprocess.run([str(word) for word in words], text=True, capture_output=True,
                            check=True, env=environment)
    cards = json.loads(status.stdout)["cards"]
    assert [card["uuid"] for card in cards] == UUIDS
    assert {(card["temperature_c"], card["power_mw"]) for card in cards} == {(55, 300_000)}
    assert len({card["part_of"] for card in cards}) == 1
