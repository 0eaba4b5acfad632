"""./run as a newcomer types it, held to docs/contract.md."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import pytest
from conftest import ROOT, until

FIELDS = {
    "lease", "card", "program", "elf_sha256", "host_wallet", "quoted_lamports", "paid_lamports",
    "host_lamports", "fee_lamports", "refunded_lamports", "rent_lamports", "network_fees_lamports",
    "signatures", "started_at", "stopped_at", "quote_ms", "sent_to_confirmed_ms",
    "confirmed_to_ssh_ms", "sent_to_ssh_ms", "stop_ms", "ssh_output"}
ENDPOINTS = {"rpc", "ws", "market", "gateway", "program", "market_account", "operator",
             "treasury", "attestor", "host", "renter_keypair", "pids"}


def start(state, *words):
    return subprocess.Popen(
        ["/usr/bin/python3", "tools/local/run.py", "--state", str(state), *words], cwd=ROOT,
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def machine():
    """What leases leave on a machine: namespaces, links, tables, loop devices, instances."""
    def words(*command):
        return subprocess.run(command, text=True, capture_output=True, check=True).stdout.split()
    listed = [*words("ip", "netns"), *words("ip", "-o", "link"), *words("nft", "list", "tables"),
              *words("losetup", "-n", "-O", "BACK-FILE")]
    instances = pathlib.Path("/run/obelisk")
    if instances.exists():
        listed += [str(path) for path in instances.iterdir() if path.name != "slots"]
    return {word for word in listed if "obelisk" in word}


def instance_of(state):
    """Directory and firewall table of the host whose leases' disks lie in this state."""
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    ids = {match.group(1) for line in mounts if str(state) in line
           for match in [re.search(r"/run/obelisk/([0-9a-f]{8})/", line)] if match}
    return [word for name in ids for word in (f"/run/obelisk/{name}", f"obelisk_{name}")]


def left_over(state):
    """Processes and mounts that name this state."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(state) in words:
                found.append(words.replace("\0", " "))
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    found += [line for line in mounts.splitlines() if str(state) in line]
    return found


def rent_in(state):
    """A second lease, by hand and left running."""
    done = subprocess.run(
        ["bash", "-c", f". {state}/env && obelisk rent cpu --minutes 10 --disk 2GB --yes --json "
         f"--ssh-key {state}/keys/renter_ssh.pub"],
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0, done


@pytest.fixture(name="state")
def fixture_state():
    with tempfile.TemporaryDirectory(prefix="obelisk-run-") as directory:
        yield pathlib.Path(directory).resolve()


def test_once_json_keeps_every_promise(state):
    run = start(state, "--once", "--json", "--seconds", "600", "--exec", "printf 'exact\\n out'")
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, (out, err)
    result = json.loads(out.splitlines()[-1])
    assert set(result) == FIELDS
    assert result["ssh_output"] == "exact\n out"
    amounts = {name: int(result[name]) for name in FIELDS if name.endswith("_lamports")}
    assert amounts["paid_lamports"] == (amounts["host_lamports"] + amounts["fee_lamports"]
                                        + amounts["refunded_lamports"])
    assert amounts["paid_lamports"] + amounts["rent_lamports"] <= amounts["quoted_lamports"]
    assert set(result["signatures"]) == {"open", "ready", "stop"}
    assert not left_over(state)
    assert not (state / "endpoints.json").exists()


def test_two_states_side_by_side_and_an_interrupt_leaves_nothing(state):
    with tempfile.TemporaryDirectory(prefix="obelisk-run-") as second:
        states = (state, pathlib.Path(second).resolve())
        runs = [start(each, "--json", "--seconds", "600", "--demo-hosts", "1") for each in states]
        try:
            for each, run in zip(states, runs):
                line = run.stdout.readline()
                assert line, run.stderr.read()
                result = json.loads(line)
                assert result["card"] == "cpu", "a simulated card is never rented unasked"
                endpoints = json.loads((each / "endpoints.json").read_text())
                assert set(endpoints) == ENDPOINTS
                assert (each / "endpoints.json").stat().st_mode & 0o777 == 0o600
                assert all(os.path.exists(f"/proc/{pid}") for pid in endpoints["pids"].values())
                rent_in(each)
            ours = {word for each in states for word in instance_of(each)}
            assert len(ours) == 4 and ours <= machine(), "this test is blind to its leases"
        finally:
            for run in runs:
                run.send_signal(signal.SIGINT)
        for run in runs:
            assert run.wait(90) == 0, run.stderr.read()
        for each in states:
            until(lambda each=each: not left_over(each), 10)
        until(lambda: not (ours & machine()), 10)


def test_a_second_run_carries_on_with_the_same_chain(state):
    first = start(state, "--once", "--json", "--seconds", "60").communicate(timeout=120)[0]
    started = time.monotonic()
    second = start(state, "--once", "--json", "--seconds", "60").communicate(timeout=120)[0]
    one, two = (json.loads(out.splitlines()[-1]) for out in (first, second))
    assert one["program"] == two["program"] and one["lease"] != two["lease"]
    print(f"second run, rental included: {time.monotonic() - started:.1f} s")


def test_a_state_is_used_by_one_run_at_a_time(state):
    first = start(state, "--json", "--seconds", "60")
    try:
        assert first.stdout.readline()
        second = start(state, "--once", "--json")
        out, _ = second.communicate(timeout=30)
        assert second.returncode == 8
        assert "Another ./run" in json.loads(out)["error"]["message"]
        assert (state / "endpoints.json").exists(), "the first run's, and it still runs"
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(90) == 0


def test_a_command_that_fails_stops_the_lease_and_says_what_it_cost(state):
    run = start(state, "--once", "--json", "--seconds", "600", "--exec", "echo no; exit 3")
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1, (out, err)
    error = json.loads(out.splitlines()[-1])["error"]
    assert error["code"] == "command_failed" and "3" in error["message"]
    assert int(error["charged_lamports"]) < 119_048, "the rest of what was bought is back"


def test_bad_flags_are_said_before_anything_starts():
    for words in (["--seconds", "59"], ["--seconds", "x"], ["--hold", "-1"], ["--bogus"]):
        done = subprocess.run(["/usr/bin/python3", "tools/local/run.py", *words], cwd=ROOT,
                              text=True, capture_output=True, check=False)
        assert done.returncode == 2, (words, done)
