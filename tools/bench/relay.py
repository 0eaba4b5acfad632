#!/usr/bin/python3
"""What a gateway carries, beside HAProxy and ssh -R between the same ends, and what it costs.

    ./dev bench relay [--seconds 3] [--rounds 3] [--idle 8000] [--json]

Every route goes visitor - front - back - sink: ours is obelisk-gateway and a host's end of the
tunnel, HAProxy's are two of its processes in TCP mode, ssh's are sshd and ssh -R; plain, and with
TLS 1.3 (AES-128-GCM) between front and back. The front has the last core to itself, everything
else the first. Bytes a core are those of a second of the front's processor time. The routes take
turns, round by round. Then ours and ssh's once more with 100 ms of round trip between front and
back, with this machine's buffers and with large ones.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

# Not this folder itself: its http.py would stand for the library's.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "relay_parts"))
from rig import (BUILD, BenchError, Rig, Route, build, by_gateway, by_haproxy,  # noqa: E402
                 by_ssh, need_programs)
from far import far_figures  # noqa: E402
from processes import cpu_seconds, resident_bytes  # noqa: E402

GOALS = {"plain_1": 0.9, "plain_64": 0.9, "tls_1": 0.8, "tls_64": 0.8, "far_usual_1": 3, "far_1": 3}


def throughput(rig, route, streams, seconds):
    """(Gbit/s, Gbit/s of one second of the front's processor time)"""
    before = cpu_seconds(route.front) if route.front else 0
    done = rig.load("push", route.port, streams, seconds)
    gbit = done["bytes"] * 8 / 1e9
    spent = cpu_seconds(route.front) - before if route.front else 0
    return gbit / done["seconds"], gbit / spent if spent else None


def measure(rig, options):
    sink_child, said = rig.tell([BUILD / "bench/relay_load", "sink"])
    sink = said["port"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2",
                    "-subj", "/CN=bench", "-keyout", rig.folder / "k", "-out", rig.folder / "c"],
                   check=True, capture_output=True)
    (rig.folder / "pem").write_bytes((rig.folder / "c").read_bytes() +
                                     (rig.folder / "k").read_bytes())
    routes = [Route("direct", sink), by_haproxy(rig, sink, False, "haproxy"),
              by_haproxy(rig, sink, True, "haproxy_tls"), by_ssh(rig, sink),
              by_gateway(rig, sink, True, "ours"), by_gateway(rig, sink, False, "ours_tls")]
    flows, per_core, pings = {}, {}, {}
    for turn in range(options.rounds):
        for route in routes:
            for streams in (1, 64):
                wall, core = throughput(rig, route, streams, options.seconds)
                flows.setdefault((route.name, streams), []).append(wall)
                if core:
                    per_core.setdefault((route.name, streams), []).append(core)
            pings.setdefault(route.name, []).append(rig.load("ping", route.port, 2000))
        print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    figures = {}
    for (name, streams), values in flows.items():
        figures[f"{name}_{streams}_gbit_s"] = round(statistics.median(values), 2)
    for (name, streams), values in per_core.items():
        figures[f"{name}_{streams}_gbit_core_s"] = round(statistics.median(values), 2)
    for name, values in pings.items():
        for part in ("p50_us", "p99_us"):
            figures[f"{name}_ping_{part}"] = statistics.median(one[part] for one in values)
    ratios = {}
    for kind, ours, theirs in (("plain", "ours", "haproxy"), ("tls", "ours_tls", "haproxy_tls")):
        for streams in (1, 64):
            pairs = zip(per_core[(ours, streams)], per_core[(theirs, streams)])
            ratios[f"{kind}_{streams}"] = round(statistics.median(a / b for a, b in pairs), 3)
    figures["added_p99_ms"] = round(
        (figures["ours_tls_ping_p99_us"] - figures["direct_ping_p99_us"]) / 1000, 3)
    last = routes[-1]
    connects = rig.load("connect", last.port, options.seconds, 16)
    figures["connects_per_s"] = round(connects["made"] / connects["seconds"])
    figures["connects_failed"] = connects["failed"]
    time.sleep(1)
    idle, said = rig.tell([BUILD / "bench/relay_load", "idle", last.port, options.idle])
    figures["idle_sessions"] = said["open"]
    figures["idle_mb"] = round(resident_bytes(last.front) / (1 << 20), 1)
    rig.end(idle, sink_child, *(child for route in routes for child in route.children))
    far, far_ratios = far_figures(rig, options.seconds)
    return {**figures, **far}, {**ratios, **far_ratios}


def missed(figures, ratios, wanted):
    out = [name for name, goal in GOALS.items() if ratios[name] < goal]
    if figures["added_p99_ms"] >= 1:
        out.append("added_p99_ms")
    if figures["idle_mb"] >= 400 or figures["idle_sessions"] < wanted:
        out.append("idle_mb")
    if figures["connects_per_s"] < 1000 or figures["connects_failed"]:
        out.append("connects_per_s")
    return out


def show(figures, ratios, goals_missed):
    print(f"{'':<14}{'Gbit/s':>20}{'Gbit a core second':>22}{'ping':>20}")
    print(f"{'':<14}{'1':>10}{'64':>10}{'1':>11}{'64':>11}{'p50':>10}{'p99 us':>10}")
    for name in ("direct", "haproxy", "ours", "haproxy_tls", "ours_tls", "ssh_r"):
        row = [figures.get(f"{name}_{key}", "-")
               for key in ("1_gbit_s", "64_gbit_s", "1_gbit_core_s", "64_gbit_core_s",
                           "ping_p50_us", "ping_p99_us")]
        print(f"{name:<14}{row[0]:>10}{row[1]:>10}{row[2]:>11}{row[3]:>11}{row[4]:>10}{row[5]:>10}")
    for name in ("ours_tls", "ssh_r"):
        row = [figures[f"far_{buffers}{name}_{streams}_gbit_s"]
               for buffers in ("usual_", "") for streams in (1, 64)]
        print(f"{name:<10} at 100 ms: Gbit/s {row[0]} and {row[1]} with this machine's buffers, "
              f"{row[2]} and {row[3]} with large ones (1 and 64 streams)")
    print(f"ours per HAProxy, bytes a core; at 100 ms ours per ssh -R: {ratios}")
    print(f"added p99 {figures['added_p99_ms']} ms; {figures['connects_per_s']} new connections a "
          f"second, {figures['connects_failed']} failed; {figures['idle_sessions']} idle sessions "
          f"in {figures['idle_mb']} MB")
    print("Goals missed: " + (", ".join(goals_missed) or "none"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=8000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        need_programs()
        build()
        with tempfile.TemporaryDirectory(prefix="obelisk-bench-") as folder:
            rig = Rig(folder)
            try:
                figures, ratios = measure(rig, options)
            finally:
                rig.end()
    except BenchError as error:
        print(error, file=sys.stderr)
        return 8
    goals_missed = missed(figures, ratios, options.idle)
    if options.json:
        print(json.dumps({"name": "relay", "figures": figures, "ratios": ratios,
                          "goals_missed": goals_missed}))
    else:
        show(figures, ratios, goals_missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
