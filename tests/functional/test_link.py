"""The link, the NAT and the spaces that other tests stand on: they do what they are asked.

The bounds of times leave room for a busy machine; what is counted is exact.
"""
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT, until
from network import PROGRAM, Network
from spaces import NETNS, NetworkError, sweep

PORT = 7000
SO_RCVBUFFORCE = 33  # Python has no name for it
MASK = (1 << 64) - 1
KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from network import Network
with Network() as network:
    one, other = network.space("one"), network.space("other")
    network.link(one, other)
    child = one.start("sleep", "60")
    print(one.name, other.name, child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(name="network")
def fixture_network():
    with Network() as network:
        yield network


@pytest.fixture(name="pair")
def fixture_pair(network):
    return network.space("a"), network.space("b")


def lost(seed, count, percent):
    """Which of so many packets a direction loses, as the shaper says: SplitMix64, three chances a
    packet, the first of them for loss."""
    def chance(number):
        z = (seed + (number * 3 + 1) * 0x9e3779b97f4a7c15) & MASK
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
        return (z ^ (z >> 31)) % 1_000_000
    return {number for number in range(count) if chance(number) < percent * 10_000}


class Datagrams:
    """Numbered datagrams from one space to an address in another."""

    def __init__(self, sender, receiver, address):
        self.out, self.into = sender.socket(socket.SOCK_DGRAM), receiver.socket(socket.SOCK_DGRAM)
        self.into.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        self.into.bind((address, 0))
        self.out.connect(self.into.getsockname())

    def send(self, count, pause=0.0):
        for number in range(count):
            self.out.send(number.to_bytes(4, "big"))
            if pause:
                time.sleep(pause)

    def come(self, seconds=0.3):
        """The numbers in the order they came, until there is silence for so long."""
        self.into.settimeout(seconds)
        numbers = []
        with contextlib.suppress(TimeoutError):
            while True:
                numbers.append(int.from_bytes(self.into.recv(100), "big"))
        return numbers


@contextlib.contextmanager
def listening(space, address="0.0.0.0"):
    """A server that sends back what comes, on PORT of a space; the connections it has taken."""
    server = space.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, PORT))
    server.listen(16)
    taken = []

    def echo(connection):
        with contextlib.suppress(OSError):
            while data := connection.recv(1 << 16):
                connection.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                taken.append(server.accept())
                threading.Thread(target=echo, args=(taken[-1][0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield taken
    server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for one in (server, *(connection for connection, _ in taken)):
        one.close()


def connected(space, address, seconds=5.0):
    out = space.socket()
    out.settimeout(seconds)
    out.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    out.connect((address, PORT))
    return out


def round_trip_ms(connection):
    began = time.monotonic()
    connection.sendall(b"x")
    assert connection.recv(1) == b"x"
    return (time.monotonic() - began) * 1000


def test_a_delay_is_what_was_asked(network, pair):
    a, b = pair
    link = network.link(a, b, "both delay 100")
    with listening(b):
        began = time.monotonic()
        with connected(a, link.b.address) as connection:
            assert time.monotonic() - began >= 0.200
            assert 200 <= min(round_trip_ms(connection) for _ in range(5)) < 260
            link("a-to-b delay 40")
            assert 140 <= min(round_trip_ms(connection) for _ in range(5)) < 199
            link("both clear")
            assert min(round_trip_ms(connection) for _ in range(5)) < 40
    assert link.counters()["a_to_b"]["waiting"] == 0


def test_loss_follows_from_the_seed(network, pair):
    a, b = pair
    for seed in (7, 8):
        link = network.link(a, b, "a-to-b loss 10", seed=seed)
        datagrams = Datagrams(a, b, link.b.address)
        datagrams.send(1000)
        came, gone = datagrams.come(), lost(seed, 1000, 10)
        assert came == [number for number in range(1000) if number not in gone]
        counters = link.counters()
        assert counters["a_to_b"]["dropped_loss"] == len(gone) > 50
        assert counters["a_to_b"]["carried"] == len(came)
        assert counters["a_to_b"]["carried_bytes"] == len(came) * (20 + 8 + 4)
        assert counters["b_to_a"]["carried"] == 0


def test_a_cut_is_one_way(network, pair):
    a, b = pair
    link = network.link(a, b)
    forth, back = Datagrams(a, b, link.b.address), Datagrams(b, a, link.a.address)
    with listening(b) as taken, connected(a, link.b.address) as connection:
        round_trip_ms(connection)
        link("a-to-b cut")
        forth.send(10)
        back.send(10)
        assert back.come() == list(range(10)) and forth.come(0.1) == []
        connection.sendall(b"lost for now")
        taken[0][0].sendall(b"y")
        assert connection.recv(1) == b"y"
        counters = link.counters()
        assert counters["a_to_b"]["dropped_cut"] >= 11 and not counters["b_to_a"]["dropped_cut"]
        link("a-to-b mend")
        connection.settimeout(10)
        assert connection.recv(4) == b"lost"


def test_reordered_packets_are_counted(network, pair):
    a, b = pair
    link = network.link(a, b, "a-to-b reorder 20 hold 3", seed=5, mtu_frames=True)
    datagrams = Datagrams(a, b, link.b.address)
    datagrams.send(400, 0.0003)
    came = datagrams.come()
    assert sorted(came) == list(range(400))
    behind = sum(number < max(came[:i + 1]) for i, number in enumerate(came))
    assert link.counters()["a_to_b"]["reordered"] == behind > 20


def test_a_rate_is_kept(network, pair):
    a, b = pair
    link = network.link(a, b, "both rate 40 queue 100", mtu_frames=True)
    block = bytes(1 << 16)
    with listening(b), connected(a, link.b.address) as connection:
        began, answered = time.monotonic(), 0
        sender = threading.Thread(target=lambda: [connection.sendall(block) for _ in range(48)])
        sender.start()
        while answered < 48 * len(block):
            answered += len(connection.recv(1 << 20))
        seconds = time.monotonic() - began
        sender.join(5)
    carried = link.counters()["a_to_b"]
    assert 20 < carried["carried_bytes"] * 8 / seconds / 1e6 < 40.5
    assert carried["carried_bytes"] / carried["carried"] < 1500


def test_what_cannot_be_read_changes_nothing(network, pair):
    link = network.link(*pair, "both delay 1")
    for words in ("both delay 5 fly", "up delay 1", "a-to-b loss 101", "both"):
        with pytest.raises(NetworkError):
            link(words)
    with pytest.raises(NetworkError):
        network.link(*pair, "both fly")
    assert link.counters()["a_to_b"]["carried"] == 0


def test_the_program_finds_spaces_in_three_ways_and_ends_with_its_devices(network, pair):
    a, b = pair
    sleeper = b.start("sleep", "60")
    until(lambda: str(sleeper.pid) in b.run("ip", "netns", "pids", b.name).split())
    link = a.start(PROGRAM, "here:one", f"pid:{sleeper.pid}:other", stdin=subprocess.PIPE,
                   stdout=subprocess.PIPE, text=True)
    assert link.stdout.readline() == "ready\n"
    a.ip("link", "show", "one")
    b.ip("link", "del", "other")
    assert link.wait(5) == 0
    for words in ((), ("a:b",), ("nowhere:one", "here:two"), ("here:", "here:two"),
                  ("here:one", f"{b.name}:two", "--seed", "x")):
        done = subprocess.run([*a.prefix, PROGRAM, *words], text=True, capture_output=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=10)
        assert done.returncode in (2, 8) and done.stderr and not done.stdout, words


def behind_nat(network, **options):
    host, router, gateway = map(network.space, ("host", "router", "gateway"))
    nat = network.nat(host, router, **options)
    return host, gateway, nat, network.link(router, gateway)


def test_behind_nat_one_reaches_out_and_is_not_reached(network):
    host, gateway, nat, link = behind_nat(network)
    with listening(gateway) as taken, listening(host):
        with connected(host, link.b.address) as connection:
            round_trip_ms(connection)
            assert taken[0][1][0] == link.a.address
            assert nat.connections() == 1
        for address in (link.a.address, nat.inside.address):
            with pytest.raises(OSError):
                connected(gateway, address, 0.3)


def test_a_nat_that_forgot_is_silence_from_outside(network):
    host, gateway, nat, link = behind_nat(network)
    with listening(gateway) as taken, connected(host, link.b.address) as connection:
        round_trip_ms(connection)
        nat.forget()
        assert nat.connections() == 0
        taken[0][0].sendall(b"nobody hears it")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        # From inside it is a new connection to the router, and none at all to the gateway.
        connection.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        with connected(host, link.b.address) as again:
            round_trip_ms(again)


def test_a_strict_nat_that_forgot_is_silence_to_both(network):
    host, gateway, nat, link = behind_nat(network, strict=True)
    with listening(gateway), connected(host, link.b.address) as connection:
        round_trip_ms(connection)
        nat.forget()
        connection.settimeout(0.7)
        connection.sendall(b"x")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        with connected(host, link.b.address) as again:
            round_trip_ms(again)


def test_another_address_ends_what_stood_on_the_old_one(network):
    host, gateway, _, link = behind_nat(network)
    with listening(gateway) as taken, connected(host, link.b.address) as connection:
        round_trip_ms(connection)
        before = link.a.address
        link.a.change_address(77)
        connection.settimeout(5)
        connection.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        with connected(host, link.b.address) as again:
            round_trip_ms(again)
        assert [peer[0] for _, peer in taken] == [before, link.a.address]
        assert link.a.address.endswith(".77")


def test_a_loopback_can_be_shared(network, pair):
    a, b = pair
    link = network.link(a, b)
    with listening(b, "127.0.0.1"):
        with pytest.raises(OSError):
            connected(a, link.b.address)
        b.share_loopback()
        with connected(a, link.b.address) as connection:
            round_trip_ms(connection)


def test_processes_and_spaces_end_with_the_network():
    with Network() as network:
        space = network.space("brief")
        with space.inside():
            assert socket.if_nameindex() == [(1, "lo")]
        child = space.start("sleep", "60")
        until(lambda: str(child.pid) in space.run("ip", "netns", "pids", space.name).split())
        assert len(socket.if_nameindex()) > 1
    assert child.poll() is not None and not (NETNS / space.name).exists()


def test_what_a_killed_process_left_is_swept():
    done = subprocess.run([sys.executable, "-c", KILLED, str(ROOT / "tools/local")], text=True,
                          capture_output=True, check=False, timeout=30)
    assert done.returncode == -signal.SIGKILL, done
    *names, child = done.stdout.split()
    with Network() as network:
        mine = network.space("mine")
        sweep()
        assert (NETNS / mine.name).exists()
    assert len(names) == 2 and not any((NETNS / name).exists() for name in names)
    until(lambda: not os.path.exists(f"/proc/{child}"))
