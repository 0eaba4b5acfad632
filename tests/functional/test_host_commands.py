"""What a host's owner types, from the first command on: a real host that runs by the settings that
`init` made, beside a market and a chain."""
import json
import os
import stat
import subprocess

import pytest
from conftest import BIN, ROOT, Done, until
from stack import Process, own_environment


class Owner:
    """Somebody with a home folder of their own, and what they type there."""

    def __init__(self, world, home):
        self.world, self.home = world, home
        self.environment = {**own_environment(), "HOME": str(home), "XDG_CONFIG_HOME": ""}
        self.state = home / "state"
        self.settings = home / ".config/obelisk/host.toml"

    def types(self, *words, code=0, answer=""):
        done = Done(subprocess.run([str(BIN / "obelisk-host"), *map(str, words)], text=True,
                                   capture_output=True, check=False, input=answer, timeout=60,
                                   env=self.environment))
        assert done.code == code, done
        return done

    def runs(self):
        process = Process("owner", [
            BIN / "obelisk-host", "run", "--state", self.state, "--ssh-listen", "127.0.0.1",
            "--wipe-on-exit", "--ready-file", self.world.state / "owner.ready.json"],
            self.world.state, {"HOME": str(self.home), "XDG_CONFIG_HOME": ""})
        self.world.hosts["owner"] = process.start()
        process.wait_ready()
        return process


@pytest.fixture(name="world", scope="module")
def fixture_world(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    return world


@pytest.fixture(name="owner", scope="module")
def fixture_owner(world):
    """Who has done what `init` said comes next."""
    home = world.state / "home"
    home.mkdir()
    owner = Owner(world, home)
    said = owner.types("init", "--state", owner.state, "--images", ROOT / "build/image",
                       "--market", world.endpoints["market"], "--rpc", world.endpoints["rpc"],
                       "--ws", world.endpoints["ws"], "--allow-cpu", "--json").json
    assert said["made"] == ["folder", "wallet", "settings"], said
    assert "at least 0.002 SOL to " + said["wallet"] in said["next"][0], said
    world.addresses["owner"] = said["wallet"]
    world.fund(["owner"], 1)
    owner.runs()
    world.wait_offer()
    return owner


def offer(world):
    offers = world.get("/v1/offers")["offers"]
    return offers[0] if offers else None


def test_a_newcomer_is_told_what_was_made_and_what_comes_next(tmp_path):
    newcomer = Owner(None, tmp_path)
    first = newcomer.types("init", "--state", newcomer.state).stdout
    assert [line.split()[:2] for line in first.splitlines()[:3]] == [
        ["made", "folder"], ["made", "wallet"], ["made", "settings"]], first
    assert "Name market_url and rpc_url in" in first and "images/build" in first
    key = tmp_path / ".config/obelisk/host-wallet.json"
    assert stat.S_IMODE(newcomer.state.stat().st_mode) == 0o700
    for file in (key, newcomer.settings):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = {file: file.read_bytes() for file in (key, newcomer.settings)}
    again = newcomer.types("init", "--state", newcomer.state, "--market", "http://m.example")
    assert again.stdout.count("there  ") == 3 and "made" not in again.stdout, again
    assert {file: file.read_bytes() for file in before} == before, "twice changes nothing"
    assert newcomer.types("status").stdout.startswith("Not running."), "it finds the settings"


def test_keys_that_are_there_are_taken_and_never_written(tmp_path, world):
    given = Owner(world, tmp_path)
    words = ("init", "--state", given.state, "--json")
    said = given.types(*words, "--keypair", world.key("renter")).json
    assert said["wallet"] == world.addresses["renter"] and "wallet" not in said["made"]
    solana = tmp_path / "other/.config/solana/id.json"
    solana.parent.mkdir(parents=True)
    solana.write_bytes(world.key("host").read_bytes())
    os.chmod(solana, 0o600)
    other = Owner(world, tmp_path / "other")
    said = other.types("init", "--state", other.state, "--json").json
    assert said["wallet"] == world.addresses["host"] and said["keypair"] == str(solana), said
    broken = tmp_path / "third/key.json"
    broken.parent.mkdir()
    broken.write_text("[1,2]")
    os.chmod(broken, 0o600)
    third = Owner(world, broken.parent)
    refused = third.types("init", "--state", third.state, "--keypair", broken, code=2)
    assert "Charged: 0." in refused.stderr and broken.read_text() == "[1,2]"
    assert not third.settings.exists()


def test_the_mainnet_has_to_be_meant(tmp_path):
    newcomer = Owner(None, tmp_path)
    refused = newcomer.types("init", "--state", newcomer.state, "--rpc",
                             "http://127.0.0.1:1/mainnet", code=2)
    assert "--mainnet" in refused.stderr and not newcomer.state.exists(), refused
    assert not newcomer.settings.exists()
    newcomer.types("init", "--state", newcomer.state, "--rpc", "http://127.0.0.1:1/mainnet",
                   "--mainnet")
    assert "\nmainnet = true\n" in newcomer.settings.read_text()


def test_a_host_runs_by_the_settings_alone(world, owner):
    status = json.loads(owner.types("status", "--json").stdout)
    assert status["running"] and status["market"] == world.get("/v1/market")["market"]
    steps = owner.types("init", "--json").json["next"]
    assert steps == ["obelisk-host check", "obelisk-host run"], "funded, and there is an image"
    assert until(lambda: offer(world))["host"] == world.addresses["owner"]


def test_a_host_changes_what_it_offers_while_it_runs(world, owner):
    before = offer(world)
    said = owner.types("list", "--json").json
    assert said["set_by"] == "settings" and said["running"] and said["until"] is None, said
    assert said["micro_usd_per_hour"] == before["micro_usd_per_hour"]
    assert [row["offer"] for row in said["market"]] == [before["id"]]
    owner.types("list", "--price", "1.38", "--min-minutes", 10, "--until", "3d")
    now = offer(world)
    assert (now["micro_usd_per_hour"], now["min_seconds"]) == (1_380_000, 600), now
    assert "maintenance_from_s" in now
    shown = owner.types("list").stdout
    assert shown.startswith("Offered: $1.38/h a card, for 10 min to"), shown
    assert now["id"] in shown and "nothing that ends after" in shown
    assert json.loads(owner.types("list", "--json").stdout)["set_by"] == "list"


def rents(world, seconds, code=0):
    return world.cli("quote", "cpu", "--seconds", seconds, "--disk", "2GB", "--ssh-key",
                     world.ssh_key(), code=code)


def test_nothing_is_rented_below_what_was_set(world, owner):
    owner.types("list", "--price", "1.38", "--min-minutes", 10)
    refused = rents(world, 599, code=2).error
    assert "shortest is 10 min" in refused["message"] and refused["charged_lamports"] == "0"
    quote = rents(world, 600).json
    # $1.38 at $140 a SOL, rounded up.
    assert int(quote["lamports_per_hour"]) == -(-1_380_000 * 10**9 // 140_000_000)
    found = world.cli("offers", "min_duration<=9min").json["offers"]
    assert not found and world.cli("offers", "min_duration<=10min").json["offers"]
    world.cli("quote", "--give-up", quote["id"])


def test_what_was_set_survives_a_restart_and_is_taken_back(world, owner):
    owner.types("list", "--price", "0.77")
    world.hosts["owner"].stop()
    off = owner.types("list").stdout
    assert "$0.77/h" in off and "Not running" in off, off
    owner.runs()
    until(lambda: (offer(world) or {}).get("micro_usd_per_hour") == 770_000)
    owner.types("list", "--until", "never", "--as-settings")
    now = until(lambda: offer(world))
    assert now["micro_usd_per_hour"] == 100_000 and "min_seconds" not in now
    assert "maintenance_from_s" not in now


def test_what_cannot_be_offered_is_said(owner):
    for words in (("--price", "0"), ("--price", "free"), ("--min-minutes", "0.5"),
                  ("--until", "2001-01-01T00:00:00Z"), ("--until", "soon"),
                  ("--min-minutes", 60 * 24 * 8)):
        wrong = owner.types("list", *words, code=2)
        assert "Charged: 0." in wrong.stderr, wrong
    assert owner.types("list", "--json").json["set_by"] == "settings"


def pending(owner):
    return owner.types("earnings", "--json").json["pending"]


def test_what_is_proven_is_claimed_by_hand_and_what_came_in_is_told(world, owner):
    wallet = world.addresses["owner"]
    nothing = owner.types("claim").stdout
    assert nothing.startswith("Nothing to claim"), nothing
    lease = world.rent(seconds=1200)["lease"]
    world.warp(70)
    (waits,) = until(lambda: pending(owner), 30)
    assert waits["lease"] == lease and int(waits["lamports"]) > 0
    before = world.rpc.balance(wallet)
    refused = owner.types("claim", code=3)
    assert lease in refused.stdout and "Network fees: 0.00001 SOL" in refused.stdout, refused
    assert "--yes" in refused.stderr and world.rpc.balance(wallet) == before
    assert "Charged: 0." in owner.types("claim", world.addresses["renter"], "--yes",
                                        code=5).stderr
    claimed = owner.types("claim", lease, "--yes", "--json").json
    paid = int(claimed["claimed_lamports"])
    assert paid >= int(waits["lamports"]) and len(claimed["claims"]) == 1, claimed
    fee = until(lambda: world.rpc("getTransaction", claimed["claims"][0]["signature"], {
        "commitment": "confirmed", "maxSupportedTransactionVersion": 0}))["meta"]["fee"]
    assert world.rpc.balance(wallet) == before + paid - fee
    assert not pending(owner), "no second is paid twice"
    assert owner.types("claim", "--yes", "--json").json["claims"] == []
    assert world.ssh(lease, "echo undisturbed").stdout == "undisturbed\n"

    stopped = world.cli("stop", lease, "--yes").json
    told = owner.types("earnings", "--days", 1, "--json").json
    # The market's figures of the lease are of the whole of it: the claim and the stop.
    assert told["earned_lamports"] == stopped["host_lamports"], (told, stopped)
    assert told["market_fee_lamports"] == stopped["fee_lamports"]
    assert int(told["network_fees_lamports"]) == fee and told["unclear"] == 0
    (by_lease,) = told["leases"]
    assert by_lease["lease"] == lease and by_lease["payments"] == 2
    assert sum(int(day["earned_lamports"]) for day in told["days"]) == int(
        told["earned_lamports"])
    words = owner.types("earnings").stdout
    assert words.startswith("Earned since ") and lease in words, words


def test_earnings_need_no_market(world, owner):
    """The chain alone says what came in, whatever has become of the market."""
    alone = owner.types("earnings", "--market", "http://127.0.0.1:1", "--program",
                        world.addresses["program"], "--json").json
    assert int(alone["earned_lamports"]) > 0
    wrong = owner.types("earnings", "--rpc", "http://127.0.0.1:1", code=6)
    assert "Charged: 0." in wrong.stderr, wrong


def test_price_advice_is_of_real_rows_alone(world, owner):
    if not owner.types("earnings", "--json").json["leases"]:  # this test alone
        lease = world.rent(seconds=600)["lease"]
        world.warp(5)
        world.cli("stop", lease, "--yes")
    ended = until(lambda: world.get("/v1/outcomes")["entries"], 30)
    served = [row for row in ended if row.get("served_s") and row["card"] == "cpu"]
    advice = owner.types("list", "--json").json["advice"]
    assert advice["others"] == 0 and "least_micro_usd" not in advice, "its own is no other's"
    assert advice["rented"] == len(served) >= 1, (advice, ended)
    rates = sorted(int(row["lamports_per_hour"]) for row in served)
    assert advice["median_lamports"] == str(rates[(len(rates) + 1) // 2 - 1])
    world.start_host(extra=["--usd-per-hour", "0.25"])
    told = until(lambda: [line for line in owner.types("list").stdout.splitlines()
                          if line.startswith("Others ask $0.25/h")], 20)
    assert "rented in the last 7 days was $" in told[0], told
    world.hosts["host"].stop()
    check = owner.types("check", "--json", code=8)  # the containers are the running host's
    (price,) = [row for row in check.json["findings"] if row["id"] == "price"]
    assert price["level"] == "ok" and "rented in the last 7 days" in price["text"], price


def test_a_card_nobody_rented_has_no_figure(world, owner, tmp_path):
    script = tmp_path / "nvml"
    script.write_text('driver 550.54.15\ncuda 12040\ncard name="NVIDIA A40" count=1 '
                      "memory_mib=46068 seed=9\n")
    first = Owner(world, tmp_path)
    first.environment["OBELISK_NVML_SCRIPT"] = str(script)
    said = first.types("init", "--state", first.state, "--market", world.endpoints["market"],
                       "--nvml-library", ROOT / "build/lib/libnvidia-ml-scripted.so").stdout
    assert "Nobody else offers one A40 now; none was rented in the last 7 days." in said, said
    assert "1 x a40" in said and "$0.88/h for one: This is the catalogue's first price." in said
    assert 'usd_per_hour = "0.88"' in first.settings.read_text()
    assert owner.types("status").stdout.startswith("Running.")


def test_the_way_to_the_market_is_measured_and_shown(world, owner):
    log = world.hosts["owner"].log.read_text()
    assert "The market gives " in log, log
    way = (owner.state / "bandwidth").read_text().splitlines()
    assert way[0] == world.endpoints["market"] and len(way) == 4
    here = until(lambda: [row for row in world.get("/v1/offers")["offers"]
                          if row["host"] == world.addresses["owner"]])[0]
    assert (here["download_bits_per_s"], here["upload_bits_per_s"]) == (int(way[2]), int(way[3]))
    assert here["download_bits_per_s"] > 10**6 < here["upload_bits_per_s"]
    assert world.cli("offers", "download>=1 upload>=1").json["offers"]
    check = owner.types("check", "--json", code=8).json  # the running host has the containers
    (found,) = [row for row in check["findings"] if row["id"] == "bandwidth"]
    assert "The market gives " in found["text"], found
