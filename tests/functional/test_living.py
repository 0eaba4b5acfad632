"""A lease that runs: what it uses, what it printed, commands in it, what its renter is told; and a
market that was taken over and can do none of that.
"""
import base64
import json
import subprocess
import urllib.request

import pytest
from conftest import BIN, until
from signing import authorization, call
from stolen_market import StolenMarket, encoded


@pytest.fixture(name="living", scope="module")
def fixture_living(make_world):
    """(world, what stands between its host and its market, the address of a lease)"""
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    stolen = StolenMarket(world.endpoints["market"])
    real, world.endpoints["market"] = world.endpoints["market"], stolen.url
    world.start_host()
    world.endpoints["market"] = real
    world.wait_offer()
    yield world, stolen, world.rent(seconds=3600)["lease"]
    stolen.close()


def run(world, *words, wallet="renter", stdin=subprocess.DEVNULL, **options):
    """The client as a script runs it, every byte of what it prints."""
    return subprocess.run([str(BIN / "obelisk"), *map(str, words)], capture_output=True,
                          check=False, timeout=90, env=world.client_environment(wallet),
                          **({"stdin": stdin} if "input" not in options else {}), **options)


def ask(world, path, method="GET", body=None, wallet="renter", **options):
    """A request as a program signs it: (status, answer)."""
    url = world.endpoints["market"]
    host = url.removeprefix("http://")
    data = b"" if body is None else json.dumps(body).encode()
    header = authorization(world.key(wallet), world.get("/v1/market")["market"],
                           (method, path, host, data), **options)
    status, _, answer = call(url + path, method, body, Authorization=header)
    return status, answer


def test_logs_are_what_the_first_process_printed(living):
    world, _, lease = living
    said = run(world, "logs", lease)
    assert said.returncode == 0 and b"Server listening on" in said.stdout, said
    assert len(run(world, "logs", lease, "--tail", 1).stdout.splitlines()) == 1
    told = world.cli("logs", lease).json
    assert told["lease"] == lease and not told["truncated"]
    wrong = world.cli("logs", lease, "--tail", 1001, code=2)
    assert "from 1 to 1000" in wrong.error["message"]
    assert world.cli("logs", lease, "--follow", code=2).error["code"] == "usage"
    follower = subprocess.Popen([str(BIN / "obelisk"), "logs", lease, "--tail", "1", "--follow"],
                                stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                env=world.client_environment())
    try:
        first = follower.stdout.readline()
        world.ssh(lease, "true")
        assert first and follower.stdout.readline() != first, "what comes is printed as it comes"
    finally:
        follower.kill()
        follower.wait()
        follower.stdout.close()


def test_a_command_passes_its_code_and_every_byte(living):
    world, _, lease = living
    done = run(world, "exec", lease, "--", "sh", "-c", "pwd; id -u; echo wrong >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"/workspace\n0\n", b"wrong\n")
    every = bytes(range(256)) * 20
    done = run(world, "exec", lease, "--stdin", "--", "cat", input=every)
    assert (done.returncode, done.stdout) == (0, every)
    assert run(world, "exec", lease, "--", "cat").stdout == b"", "nothing is read unasked"
    assert run(world, "exec", lease, "--", "/no/such/program").returncode == 127
    much = run(world, "exec", lease, "--", "sh", "-c", "yes | head -c 100000")
    assert len(much.stdout) == 44 << 10 and b"more than 44 KiB" in much.stderr
    late = run(world, "exec", lease, "--timeout", 5, "--", "sh", "-c", "echo begun; sleep 4321")
    assert (late.returncode, late.stdout) == (124, b"begun\n") and b"killed" in late.stderr
    assert subprocess.run(["pgrep", "-f", "sleep 4321"], check=False).returncode == 1
    told = json.loads(run(world, "exec", lease, "--json", "--", "hostname").stdout)
    assert base64.b64decode(told["stdout_base64"]) == f"lease-{lease[:8]}\n".encode()
    assert world.cli("exec", lease, code=2).error["code"] == "usage"
    assert world.cli("exec", lease, "--timeout", 61, code=2).error["code"] == "usage"


def test_only_the_renter_and_only_by_signature(living):
    world, _, lease = living
    world.new_wallet("stranger", 0)
    logs, command = f"/v1/leases/{lease}/logs", f"/v1/leases/{lease}/exec"
    assert ask(world, logs)[0] == 200
    status, done = ask(world, command, "POST", {"command": ["true"]})
    assert (status, done["exit_code"]) == (200, 0)
    for wallet in ("stranger", "host"):
        assert ask(world, logs, wallet=wallet)[0] == 403
        assert ask(world, command, "POST", {"command": ["true"]}, wallet=wallet)[0] == 403
    bearer = {"Authorization": "Bearer " + world.token()}
    for status, _, refused in (call(world.endpoints["market"] + logs, **bearer),
                               call(world.endpoints["market"] + command, "POST",
                                    {"command": ["true"]}, **bearer)):
        assert status == 403 and "the wallet's own signature" in refused["detail"]
    assert call(world.endpoints["market"] + logs)[0] == 401
    readings = f"/v1/leases/{lease}/readings"
    assert ask(world, readings, wallet="host")[0] == 200
    assert ask(world, readings, wallet="stranger")[0] == 403
    assert call(world.endpoints["market"] + readings, **bearer)[0] == 200


def test_a_key_has_a_command_done_once(living):
    world, _, lease = living
    url = world.endpoints["market"]
    path, body = f"/v1/leases/{lease}/exec", {"command": ["sh", "-c", "echo x >> once"]}
    for _ in range(2):
        header = authorization(world.key("renter"), world.get("/v1/market")["market"], (
            "POST", path, url.removeprefix("http://"), json.dumps(body).encode()))
        assert call(url + path, "POST", body, Authorization=header, Idempotency_Key="k1")[0] == 200
    assert run(world, "exec", lease, "--", "cat", "once").stdout == b"x\n"


def test_a_stolen_market_reads_nothing_and_runs_nothing(living):
    world, stolen, lease = living
    run(world, "exec", lease, "--", "sh", "-c", "echo once >> ran")
    real = [one for one in stolen.asks if one["what"] == "exec"][-1]

    def refused(**change):
        said = stolen.ask({**real, "call": {**real["call"], **change}})
        return said["problem"]["code"], said["problem"]["message"]

    assert refused() == ("unauthorized", "This call was made already.")
    forged = encoded(json.dumps({"command": ["touch", "/workspace/forged"]}).encode())
    assert refused(body_base64=forged)[0] == "unauthorized"
    assert refused(target=real["call"]["target"].replace("exec", "logs"))[0] == "unauthorized"
    assert stolen.ask({k: real[k] for k in ("type", "lease", "what")})["problem"]["code"] == (
        "unauthorized")
    assert stolen.ask({**real, "what": "logs"})["problem"]["code"] == "unauthorized"

    world.new_wallet("thief", 0)
    body = json.dumps({"command": ["touch", "/workspace/forged"]}).encode()

    def signed(wallet, **options):
        target = real["call"]["target"]
        return {**real, "call": {
            "method": "POST", "target": target, "host": "m.example", "body_base64": encoded(body),
            "authorization": authorization(world.key(wallet), world.get("/v1/market")["market"],
                                           ("POST", target, "m.example", body), **options)}}

    assert stolen.ask(signed("thief"))["problem"]["code"] == "forbidden"
    old = stolen.ask(signed("renter", at_ms=1_795_000_000_000))
    assert old["problem"]["code"] == "unauthorized" and "two minutes" in old["problem"]["message"]
    left = run(world, "exec", lease, "--", "sh", "-c", "cat ran; ls /workspace/forged")
    assert left.stdout == b"once\n" and left.returncode != 0
    # The same by the renter's own hand is taken, whichever market hands it on.
    assert stolen.ask(signed("renter"))["exec"]["exit_code"] == 0
    assert stolen.ask({**real, "what": "dance"})["problem"]["code"] == "unsupported"


def test_readings_grow_and_top_shows_them(living):
    world, _, lease = living

    def rows():
        return world.get(f"/v1/leases/{lease}/readings")["rows"]

    until(lambda: len(rows()) >= 2, 40, 0.5)
    since = rows()[-1]["at_ms"]
    run(world, "exec", lease, "--timeout", 13, "--", "sh", "-c", "while :; do :; done")
    newer = until(lambda: world.get(f"/v1/leases/{lease}/readings?since_ms={since}")["rows"], 30,
                  0.5)
    assert all(row["at_ms"] > since for row in newer)
    busy = until(lambda: [row for row in rows() if row.get("cpu_milli", 0) > 100], 30, 0.5)[-1]
    assert busy["memory_bytes"] > 0 and busy["processes"] >= 2 and busy["disk_used_bytes"] > 0
    assert busy["received_bytes_per_s"] >= 0 and busy["sent_bytes_per_s"] >= 0
    told = world.cli("top", lease).json
    assert told["lease"] == lease and told["chain"]["lease"] == lease
    assert len(told["readings"]["rows"]) >= 3 and "idle_s" in told["readings"]
    shown = run(world, "top", lease, "--once").stdout.decode()
    for word in ("running", "time left", "processor", "memory", "disk", "network"):
        assert word in shown, shown


def test_a_full_disk_is_told_once_and_when_it_is_over(living):
    world, _, lease = living

    def said():
        return [entry["message"] for entry in world.cli("show", lease, "--events").json["entries"]
                if entry["kind"] == "trouble"]

    assert run(world, "exec", lease, "--", "sh", "-c",
               "fallocate -l $(df --output=avail -B1 /workspace | tail -1) full; "
               "df --output=pcent /workspace").returncode == 0
    (full,) = until(said, 40, 0.5)
    assert full.startswith("The host says: The lease's disk is ") and " % full" in full
    state = world.lease(lease)["state"]
    assert state == "active", "words change no state"
    run(world, "exec", lease, "--", "rm", "full")
    until(lambda: len(said()) == 2, 40, 0.5)
    assert said()[1].endswith(" % full, which is well again.")
    assert "which is well again." in run(world, "top", lease).stdout.decode()
    request = urllib.request.Request(
        world.endpoints["market"] + f"/v1/leases/{lease}/events",
        headers={"Authorization": "Bearer " + world.token()})
    with urllib.request.urlopen(request, timeout=20) as stream:
        for line in stream:
            if line.strip() == b"event: trouble":
                break
        else:
            pytest.fail("the stream ended without it")


def test_a_host_that_is_not_there_is_said_at_once(living):
    world, _, lease = living
    world.hosts["host"].kill()
    until(lambda: ask(world, f"/v1/leases/{lease}/readings")[0] == 502, 20, 0.2)
    done = run(world, "exec", lease, "--json", "--", "true")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["charged_lamports"]) == (6, "unreachable", "0")
    assert "not connected" in error["message"]
    world.wipe_after(world.hosts["host"])
