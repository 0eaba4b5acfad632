"""A host that nobody can reach: it dials out to gateways, and renters get in through them. Plain
OpenSSH does what people do with it: commands, copies, forwards, many sessions on one connection.
"""
import hashlib
import os
import pathlib
import socket
import subprocess
import threading
import urllib.request

import pytest
from conftest import BIN, until


@pytest.fixture(name="through", scope="module")
def fixture_through(make_world):
    """(world, the address of a lease), reached through the first of two gateways."""
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_gateway("gateway")
    world.start_gateway("gateway-2")
    world.start_market()
    world.start_host()
    world.wait_offer()
    yield world, world.rent(seconds=3600)["lease"]


def ssh_config(world, lease):
    """The file that obelisk pinned the lease's key in."""
    world.ssh(lease, "true")
    (found,) = pathlib.Path(world.state).rglob(f"{lease}/ssh_config")
    return found


def metrics(world, name="gateway"):
    url = world.gateways[name].wait_ready()["status"]
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {line.split()[0]: int(line.split()[1]) for line in text.splitlines()
            if not line.startswith("#")}


def openssh(config, *words, **options):
    return subprocess.run([*map(str, words[:1]), "-F", str(config), *map(str, words[1:])],
                          capture_output=True, check=False, timeout=60,
                          **({} if "input" in options else {"stdin": subprocess.DEVNULL}),
                          **options)


def test_the_host_has_no_port_of_its_own_and_renters_get_in(through):
    world, lease = through
    ways = world.lease(lease)["ssh"]
    assert ways["address"] == "127.0.0.1" and 20_000 <= ways["port"] <= 29_999
    assert world.ssh(lease, "echo inside").stdout == "inside\n"
    pid = world.hosts["host"].pid
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    assert f"pid={pid}," not in listening, "the host listens somewhere"
    seen = metrics(world)
    # The host and its lease, and the mirror in which the watch sees whether visitors get through.
    assert seen["obelisk_gateway_hosts"] == 2 and seen["obelisk_gateway_leases"] == 2
    assert seen["obelisk_gateway_bytes_up_total"] > 1000


def test_copies_arrive_whole_both_ways(through, tmp_path):
    world, lease = through
    config = ssh_config(world, lease)
    data = os.urandom(8 << 20)
    (tmp_path / "up").write_bytes(data)
    assert openssh(config, "scp", "-q", tmp_path / "up", "lease:/workspace/copy").returncode == 0
    assert openssh(config, "scp", "-q", "lease:/workspace/copy", tmp_path / "down").returncode == 0
    assert (tmp_path / "down").read_bytes() == data
    batch = b"put %s /workspace/by-sftp\nget /workspace/by-sftp %s\n" % (
        bytes(tmp_path / "up"), bytes(tmp_path / "sftp"))
    assert openssh(config, "sftp", "-q", "-b", "-", "lease", input=batch).returncode == 0
    assert (tmp_path / "sftp").read_bytes() == data
    done = openssh(config, "ssh", "lease", "cat > /dev/null; sha256sum /workspace/by-sftp",
                   input=data)
    assert done.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    for number in range(50):
        (tree / f"deep/{number}").write_text(f"file {number}")
    shell = ["rsync", "-a", "-e", f"ssh -F {config}"]
    for words in ([f"{tree}/", "lease:/workspace/tree"], ["lease:/workspace/tree/", f"{tree}-2"]):
        subprocess.run([*shell, *words], check=True, timeout=60, stdin=subprocess.DEVNULL)
    assert (tmp_path / "tree-2/deep/49").read_text() == "file 49"


def test_an_agent_here_signs_for_a_session_there(through):
    world, lease = through
    config = ssh_config(world, lease)
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", f"{world.state}/agent"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        until(pathlib.Path(f"{world.state}/agent").exists, 10)
        environment = {**os.environ, "SSH_AUTH_SOCK": f"{world.state}/agent"}
        subprocess.run(["ssh-add", "-q", f"{world.state}/keys/ssh"], check=True, env=environment,
                       stdin=subprocess.DEVNULL)
        seen = openssh(config, "ssh", "-o", "ForwardAgent=yes", "lease", "ssh-add -L",
                       env=environment).stdout
        mine = pathlib.Path(f"{world.state}/keys/ssh.pub").read_bytes().split()[1]
        assert mine in seen
        # Only where it is asked for: a machine that is rented is somebody else's.
        assert mine not in openssh(config, "ssh", "lease", "ssh-add -L", env=environment).stdout
    finally:
        agent.terminate()
        agent.wait(10)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Forward:
    """An ssh that forwards until it is left."""

    def __init__(self, config, *words):
        self.child = subprocess.Popen(
            ["ssh", "-F", str(config), "-N", "-o", "ExitOnForwardFailure=yes", *words, "lease"],
            stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self.child

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(20)


def fetched(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/marker", timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


def test_forwards_in_every_direction(through):
    world, lease = through
    config = ssh_config(world, lease)
    # A development server in the lease, seen here by -L.
    serve = ("mkdir -p /workspace/www && echo -n found > /workspace/www/marker && "
             "cd /workspace/www && (setsid python3 -m http.server 8765 --bind 127.0.0.1 >/dev/null 2>&1 &)")
    port = free_port()
    assert openssh(config, "ssh", "lease", serve).returncode == 0
    with Forward(config, "-L", f"{port}:127.0.0.1:8765"):
        assert until(lambda: fetched(port), 20) == b"found"
    # Something here, seen from the lease by -R.
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        here.listen()
        answer = threading.Thread(target=lambda: here.accept()[0].sendall(b"from here\n"))
        answer.start()
        inside = 18_000
        with Forward(config, "-R", f"{inside}:127.0.0.1:{here.getsockname()[1]}"):
            said = until(lambda: openssh(
                config, "ssh", "lease",
                f"exec 3<>/dev/tcp/127.0.0.1/{inside} && head -n 1 <&3").stdout, 20)
        assert said == b"from here\n"
        answer.join(5)
    # A proxy for everything, by -D.
    with Forward(config, "-D", str(port)):
        assert until(lambda: socks_banner(port), 20).startswith(b"SSH-2.0-")


def banner(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as one:
            return one.recv(64)
    except OSError:
        return None


def socks_banner(port):
    """The banner of the lease's own sshd, asked for by SOCKS5."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as one:
            one.sendall(b"\x05\x01\x00")
            assert one.recv(2) == b"\x05\x00"
            one.sendall(b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x16")
            assert one.recv(10)[1] == 0
            return one.recv(64)
    except OSError:
        return None


def test_an_entry_for_peoples_own_ssh(through, tmp_path):
    world, lease = through
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/config").write_text("Host work\n  User ada\n")
    for _ in range(2):
        said = world.cli("ssh-config", lease, "--install", environment={"HOME": str(home)}).json
    config = (home / ".ssh/config").read_text()
    assert config.count("Include") == 1 and config.endswith("Host work\n  User ada\n")
    done = openssh(home / ".ssh/config", "ssh", said["host"], "echo by name")
    assert done.stdout == b"by name\n" and done.stderr == b"", "no question and no warning"
    (other,) = said["others"]
    done = openssh(home / ".ssh/config", "ssh", other, "echo by the other gateway")
    assert done.stdout == b"by the other gateway\n" and done.stderr == b""
    ports = {way["port"] for way in world.lease(lease)["ways"]}
    assert len(ports) == 2 and all(f"Port {port}\n" in said["entry"] for port in ports)
    # And with nothing of ours: one line, the key alone.
    words = ["sh", "-c", f"exec {said['command']} -i {world.state}/keys/ssh -o BatchMode=yes "
                         "-o IdentitiesOnly=yes -F /dev/null 'echo by line'"]
    done = subprocess.run(words, capture_output=True, check=False, timeout=60,
                          stdin=subprocess.DEVNULL)
    assert done.stdout == b"by line\n", done.stderr
    wrong = said["command"].replace("ssh-ed25519 AAAA", "ssh-ed25519 AAAB")
    assert subprocess.run(["sh", "-c", f"exec {wrong} -o BatchMode=yes -F /dev/null true"],
                          capture_output=True, check=False, timeout=60,
                          stdin=subprocess.DEVNULL).returncode == 255


def test_many_sessions_share_one_connection(through, tmp_path):
    world, lease = through
    config = ssh_config(world, lease)
    before = metrics(world)["obelisk_gateway_visitors_total"]
    control = ["-o", f"ControlPath={tmp_path}/mux"]
    master = subprocess.Popen(["ssh", "-F", str(config), "-N", "-M", *control, "lease"],
                              stdin=subprocess.DEVNULL)
    until((tmp_path / "mux").exists, 20)
    for number in range(5):
        done = openssh(config, "ssh", *control, "lease", f"echo {number}")
        assert done.stdout == f"{number}\n".encode()
    master.terminate()
    master.wait(20)
    watched = metrics(world)["obelisk_gateway_visitors_total"] - before
    assert watched <= 4, f"{watched} connections: one, and the watch's logins meanwhile"


def test_a_gateway_dies_and_the_other_takes_over(through):
    world, lease = through
    config = ssh_config(world, lease)
    # One session by each gateway: the second's way is what the host says once the first is gone.
    first_port = world.lease(lease)["ssh"]["port"]
    by_first = subprocess.Popen(["ssh", "-F", str(config), "lease", "cat"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE)
    by_first.stdin.write(b"a\n")
    by_first.stdin.flush()
    assert by_first.stdout.readline() == b"a\n"
    world.gateways["gateway"].kill()
    # Five seconds by docs/gateway.md, and some for a busy machine.
    until(lambda: world.lease(lease)["ssh"]["port"] != first_port, 12)
    assert world.ssh(lease, "echo again").stdout == "again\n"
    by_first.stdin.close()
    by_first.wait(30)
    # A session by the survivor is not touched by the first one's return.
    config = ssh_config(world, lease)
    by_second = subprocess.Popen(["ssh", "-F", str(config), "lease", "cat"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
    by_second.stdin.write(b"b\n")
    by_second.stdin.flush()
    assert by_second.stdout.readline() == b"b\n"
    world.start_gateway("gateway")
    until(lambda: world.lease(lease)["ssh"]["port"] == first_port, 20)
    by_second.stdin.write(b"c\n")
    by_second.stdin.flush()
    assert by_second.stdout.readline() == b"c\n"
    by_second.stdin.close()
    assert by_second.wait(20) == 0
    assert world.ssh(lease, "echo first").stdout == "first\n"


def test_a_killed_host_comes_back_behind_the_same_port(through):
    world, lease = through
    port = world.lease(lease)["ssh"]["port"]
    host = world.hosts["host"]
    host.kill()
    world.start_host()
    until(lambda: world.ssh(lease, "echo back").stdout == "back\n", 30, 0.5)
    assert world.lease(lease)["ssh"]["port"] == port


def test_an_ended_lease_is_reached_no_more(through):
    world, lease = through
    port = world.lease(lease)["ssh"]["port"]
    world.cli("stop", lease, "--yes")
    until(lambda: metrics(world)["obelisk_gateway_leases"] == 1, 30)
    assert banner(port) in (None, b"")


def test_the_command_line_says_what_is_wrong():
    def said(*words):
        done = subprocess.run([str(BIN / "obelisk-gateway"), *words], capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL, timeout=20)
        return done.returncode, done.stderr

    code, words = said("--told-address", "gw.example")
    assert code == 2 and "--attestor is missing" in words and "Charged: 0." in words
    code, words = said("--told-address", "gw", "--attestor", "1" * 32, "--listen", "198.51.100.1:1",
                       "--state", "/nonexistent/x")
    assert code != 0 and words
