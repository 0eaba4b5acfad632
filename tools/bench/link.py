#!/usr/bin/python3
"""How much the link of chaos carries, and how near its round trips are to what was asked.

    ./dev bench link [--seconds 3] [--trips 200] [--json]

One TCP connection between two namespaces of this machine, sender and receiver in Python: over a
bare cable, over the link that does nothing, and over one of 50 ms each way, where both sides get
buffers that a round trip of 100 ms needs (64 MB). Round trips are of one byte. Everything shares
this machine's cores, so a figure of Gbit/s is of all of it together.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from network import Network  # noqa: E402
from processes import cpu_seconds  # noqa: E402
from spaces import NetworkError  # noqa: E402

BUILD = ROOT / "build/release"
PORT = 7000
ASKED_MS = 100
GOAL_GBIT, GOAL_OFF_MS = 2, 1
BUFFERS = "4096 131072 67108864"
RECEIVE = """
import socket, sys, time
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
print("ready", flush=True)
connection = server.accept()[0]
room, count, first, began = bytearray(1 << 20), 0, None, None
warm = float(sys.argv[2])
while got := connection.recv_into(room):
    last = time.monotonic()
    first = first or last
    if began:
        count += got
    elif last - first >= warm:
        began = last
print(count * 8 / 1e9 / (last - began), flush=True)
"""
SEND = """
import socket, sys, time
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
block, end = bytes(1 << 20), time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    connection.sendall(block)
"""


def build():
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "obelisk-link"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def gbit_per_s(sender, receiver, address, seconds, warm):
    """Of what came after the first `warm` seconds."""
    receive = receiver.start(sys.executable, "-c", RECEIVE, PORT, warm, stdout=subprocess.PIPE,
                             text=True)
    receive.stdout.readline()
    sender.start(sys.executable, "-c", SEND, address, PORT, seconds + warm)
    return float(receive.communicate(timeout=60)[0])


def round_trips_ms(sender, receiver, address, count):
    server = receiver.socket()
    server.bind((address, PORT + 1))
    server.listen()

    def echo():
        connection = server.accept()[0]
        while data := connection.recv(1):
            connection.sendall(data)

    threading.Thread(target=echo, daemon=True).start()
    out = sender.socket()
    out.connect((address, PORT + 1))
    trips = []
    for _ in range(count):
        began = time.monotonic()
        out.sendall(b"x")
        out.recv(1)
        trips.append((time.monotonic() - began) * 1000)
    out.close()
    server.close()
    return sorted(trips)


def measure(options):
    figures = {}
    with Network() as network:
        a, b = network.space("a"), network.space("b")
        for space in (a, b):
            for name in ("tcp_rmem", "tcp_wmem"):
                space.sysctl(f"net/ipv4/{name}", BUFFERS)
        ends = network.cable(a, b)
        figures["cable_gbit_per_s"] = gbit_per_s(a, b, ends[1].address, options.seconds, 0.5)
        for name, mtu_frames in (("segments", False), ("mtu_frames", True)):
            link = network.link(a, b, mtu_frames=mtu_frames)
            before = cpu_seconds(link.child.pid)
            gbit = gbit_per_s(a, b, link.b.address, options.seconds, 0.5)
            used = cpu_seconds(link.child.pid) - before
            carried = link.counters()["a_to_b"]["carried_bytes"] * 8 / 1e9
            figures[f"{name}_gbit_per_s"] = gbit
            figures[f"{name}_cpu_s_per_gbit"] = used / carried
            trips = round_trips_ms(a, b, link.b.address, options.trips * 5)
            figures[f"{name}_idle_trip_ms"] = trips[len(trips) // 2]
            link(f"both delay {ASKED_MS / 2}")
            figures[f"{name}_far_gbit_per_s"] = gbit_per_s(a, b, link.b.address,
                                                           options.seconds, 3)
        link = network.link(a, b, f"both delay {ASKED_MS / 2}")
        trips = round_trips_ms(a, b, link.b.address, options.trips)
        figures["asked_ms"] = ASKED_MS
        for name, at in (("least", 0), ("p50", 0.5), ("p99", 0.99), ("most", 1)):
            figures[f"trip_{name}_ms"] = trips[round(at * (len(trips) - 1))]
        # What of it is the link's: the rest is how late sender and receiver had their turn.
        figures["link_latest_ms"] = max(way["latest_us"] for way in link.counters().values()) / 1000
    return {name: round(value, 3) for name, value in figures.items()}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench link", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="each stream")
    parser.add_argument("--trips", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    build()
    try:
        figures = measure(options)
    except NetworkError as error:
        print(f"{error} No figures.", file=sys.stderr)
        return 1
    missed = []
    if figures["segments_gbit_per_s"] < GOAL_GBIT:
        missed.append("segments_gbit_per_s")
    if not 0 <= figures["trip_p50_ms"] - ASKED_MS < GOAL_OFF_MS:
        missed.append("trip_p50_ms")
    ratios = {"segments_to_cable": round(
        figures["segments_gbit_per_s"] / figures["cable_gbit_per_s"], 3)}
    if options.json:
        print(json.dumps({"name": "link", "figures": figures, "ratios": ratios,
                          "goals_missed": missed}))
        return 0
    for name, value in {**figures, **ratios}.items():
        print(f"  {name:28}{value:>10}")
    print("Goals missed: " + ", ".join(missed) if missed else "Goals met.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
