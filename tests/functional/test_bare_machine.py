"""What the programs say on a machine that lacks what they need. None of it costs anything."""
import json
import os
import pathlib
import socket
import subprocess

import pytest
from conftest import BIN, ROOT


@pytest.fixture(name="bare", scope="module")
def fixture_bare(make_world):
    """A directory with a key, and no process at all."""
    world = make_world(start=False)
    world.state.mkdir(parents=True, exist_ok=True)
    world.make_keys(["bare"])
    return world


def check(bare, *words, environment=None, before=()):
    return subprocess.run(
        [*before, str(BIN / "obelisk-host"), "check", "--keypair", str(bare.key("bare")),
         "--state", str(bare.state / "host"), *map(str, words)],
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env=environment or os.environ)


def says(done, *words):
    assert done.returncode == 8, done
    lines = done.stderr.strip().splitlines()
    assert lines[-1] == "Charged: 0.", done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_every_finding_is_told_at_once(bare):
    done = check(bare, "--images", bare.state / "none", "--market", "http://127.0.0.1:1", "--json")
    assert done.returncode == 8
    report = json.loads(done.stdout)
    level = {finding["id"]: finding["level"] for finding in report["findings"]}
    assert report["level"] == "error"
    wrong = [name for name, of in level.items() if of == "error"]
    assert wrong == ["image", "driver", "market"], level
    assert {"root", "programs", "kernel", "cgroups", "space", "firewall", "disk_speed", "clock",
            "key", "node", "wallet"} <= set(level)
    for finding in report["findings"]:
        assert finding["text"] and bool(finding["fix"]) == (finding["level"] != "ok"), finding
    assert "And 2 more." in done.stderr
    described = (ROOT / "docs/hosting.md").read_text()
    for name in level:
        assert f"| `{name}` |" in described, name


def test_a_machine_that_can_host(make_world):
    world = make_world()
    words = ("--images", ROOT / "build/image", "--allow-cpu", "--market",
             world.endpoints["market"], "--rpc", world.endpoints["rpc"])
    done = subprocess.run(
        [str(BIN / "obelisk-host"), "check", "--keypair", str(world.key("host")), "--state",
         str(world.state / "looks"), *map(str, words), "--json"],
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done
    report = json.loads(done.stdout)
    # A slow disk or line is a warning, and true of some machines that tests run on.
    assert report["level"] in ("ok", "warning"), report
    level = {finding["id"]: finding["level"] for finding in report["findings"]}
    assert {name for name, of in level.items() if of != "ok"} <= {"disk_speed", "bandwidth"}, level
    text = {finding["id"]: finding["text"] for finding in report["findings"]}
    assert text["clock"] == "The clock is the market's." and "SOL" in text["wallet"]


def test_no_gpu(bare):
    says(check(bare, "--images", ROOT / "build/image"), "no GPU", "allow_cpu")


def test_no_podman(bare):
    hidden = ["unshare", "--mount", "sh", "-c",
              'mount --bind /dev/null /usr/bin/podman && exec "$@"', "hide"]
    says(check(bare, "--images", ROOT / "build/image", "--allow-cpu", before=hidden),
         "podman", "apt-get install")


def test_no_image(bare):
    says(check(bare, "--images", bare.state / "none", "--allow-cpu"), "image")


def test_no_root(bare):
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    key = bare.key("bare")
    os.chown(key, 65534, 65534)
    os.chmod(bare.state, 0o711)
    os.chmod(bare.state / "keys", 0o711)
    home = pathlib.Path(bare.state / "free")
    home.mkdir()
    os.chown(home, 65534, 65534)
    done = subprocess.run(
        [*drop, str(BIN / "obelisk-host"), "check", "--keypair", str(key), "--state",
         str(home / "host"), "--images", str(ROOT / "build/image"), "--allow-cpu"],
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    os.chown(key, 0, 0)
    says(done, "root")


def test_a_port_that_is_taken(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_watch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [str(BIN / "obelisk-market"), "--listen", f"127.0.0.1:{port}", "--state",
             str(world.state / "market"), "--rpc", world.endpoints["rpc"], "--ws",
             world.endpoints["ws"], "--program", world.addresses["program"], "--operator",
             world.addresses["operator"], "--watch", str(world.watch_socket()),
             "--price", "fixed:140", "--local"],
            text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 8, done
    assert str(port) in done.stderr, done.stderr


def test_a_full_disk_is_said_before_anybody_pays(bare):
    small = bare.state / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(small)], check=True)
    try:
        done = subprocess.run(
            [str(BIN / "obelisk-host"), "check", "--keypair", str(bare.key("bare")), "--state",
             str(small / "host"), "--images", str(ROOT / "build/image"), "--allow-cpu"],
            text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    finally:
        subprocess.run(["umount", str(small)], check=True)
    says(done, "space")
