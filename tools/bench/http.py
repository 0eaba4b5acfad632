#!/usr/bin/python3
"""How many cached reads a second, and how late at a fixed rate, beside nginx with the same bytes.

    ./dev bench http [--seconds 3] [--rounds 3] [--hosts 100] [--rate 2000] [--json]

A market with hosts on a local network, and nginx (one worker) that serves what the market answered
from files. Both run on the last core and the load on the first; they take turns, round by round.
Requests a second per core are those of a second of processor time: what the server's process used,
user and system, all its threads. The open loop sends at a fixed rate whatever comes back, and
counts each request's time from the moment it was due.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/local"))
from processes import cores, cpu_seconds, pin  # noqa: E402
from stack import Stack, StackError  # noqa: E402

BUILD = ROOT / "build/release"
GOAL = 0.35
TARGETS = {"cards": "/v1/cards", "offers": "/v1/offers", "openapi": "/openapi.json"}
CONNECTIONS = 32
FREE = ("reads_per_s=0 writes_per_s=0 hosts_per_address=100000 connections_per_address=10000")
NGINX = """
daemon off; user root; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; server_tokens off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_requests 1000000000; keepalive_timeout 600; open_file_cache max=100;
  open_file_cache_valid 600s; etag on; default_type application/json; types {{ }}
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
  uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  server {{ listen 127.0.0.1:{port}; root {dir}/www; }}
}}
"""


class BenchError(Exception):
    """Why there are no figures."""


def build():
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "http_load", "host_load",
                     "obelisk-market"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


class Hosts:
    """So many hosts in one process, until stop()."""

    def __init__(self, url, count, cards=8):
        port = url.rsplit(":", 1)[1].strip("/")
        self.child = subprocess.Popen([BUILD / "bench/host_load", port, str(count), str(cards)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.child.stdout.readline():
            raise BenchError("The hosts could not connect.")

    def stop(self):
        self.child.stdin.close()
        self.child.wait(10)


class Nginx:
    def __init__(self, directory, bodies):
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        if not os.path.exists(program):
            raise BenchError("nginx is not installed: apt-get install nginx-light (then "
                             "systemctl disable --now nginx: only its program is needed).")
        for target, body in bodies.items():
            file = directory / "www" / target.strip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        self.port = free_port()
        config = directory / "nginx.conf"
        config.write_text(NGINX.format(dir=directory, port=self.port))
        self.child = subprocess.Popen([program, "-p", directory, "-c", config],
                                      stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                get(f"http://127.0.0.1:{self.port}{next(iter(bodies))}")
                break
            except OSError:
                time.sleep(0.05)
        children = pathlib.Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        self.pid = int(children.read_text().split()[0])

    def stop(self):
        self.child.terminate()
        self.child.wait(10)


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def load(core, port, target, *words):
    done = subprocess.run([BUILD / "bench/http_load", str(port), target, *map(str, words)],
                          text=True, stdout=subprocess.PIPE, check=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    out = json.loads(done.stdout)
    if out["wrong"] or out["unanswered"]:
        raise BenchError(f"{target}: {out['wrong']} wrong answers, {out['unanswered']} missing.")
    return out


def one(core, server, target, options):
    """A closed and an open turn of one server."""
    before = cpu_seconds(server["pid"])
    closed = load(core, server["port"], target, "closed", CONNECTIONS, options.seconds)
    used = max(cpu_seconds(server["pid"]) - before, 0.01)
    opened = load(core, server["port"], target, "open", CONNECTIONS, options.seconds, options.rate)
    return {"per_cpu_s": closed["requests"] / used, "per_s": closed["per_s"],
            "open_p50_us": opened["p50_us"], "open_p99_us": opened["p99_us"],
            "open_max_us": opened["max_us"]}


def measure(options, directory):
    server_core, load_core = cores()
    stack = Stack(directory / "stack")
    parts = []
    try:
        stack.start_chain()
        stack.create_market()
        stack.start_market(price=("--price", "fixed:140", "--limits", FREE))
        parts.append(Hosts(stack.endpoints["market"], options.hosts))
        time.sleep(1.5)
        bodies = {target: get(stack.endpoints["market"] + target) for target in TARGETS.values()}
        parts.append(Nginx(directory / "nginx", bodies))
        market = {"pid": stack.market.pid, "port": stack.endpoints["market"].rsplit(":", 1)[1]}
        nginx = {"pid": parts[-1].pid, "port": parts[-1].port}
        for server in (market, nginx):
            pin(server["pid"], server_core)
        rounds = {name: {"market": [], "nginx": []} for name in TARGETS}
        for _ in range(options.rounds):
            for name, target in TARGETS.items():
                rounds[name]["market"].append(one(load_core, market, target, options))
                rounds[name]["nginx"].append(one(load_core, nginx, target, options))
        sizes = {name: len(bodies[target]) for name, target in TARGETS.items()}
        return rounds, sizes
    finally:
        for part in reversed(parts):
            part.stop()
        stack.stop()


def figures_of(rounds, sizes):
    figures, ratios, missed = {}, {}, []
    for name, sides in rounds.items():
        figures[name] = {"bytes": sizes[name]}
        for side, rows in sides.items():
            figures[name][side] = {key: round(statistics.median(row[key] for row in rows))
                                   for key in rows[0]}
        # Each round's two sides ran one after the other: what slowed one slowed the other.
        each = [ours["per_cpu_s"] / theirs["per_cpu_s"]
                for ours, theirs in zip(sides["market"], sides["nginx"])]
        ratios[f"{name}_market/nginx"] = round(statistics.median(each), 2)
        if statistics.median(each) < GOAL:
            missed.append(f"{name} >= {GOAL} of nginx per core")
    return figures, ratios, missed


def main():
    parser = argparse.ArgumentParser(prog="./dev bench http", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="each turn")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 101), metavar="N")
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rate", type=int, default=2000, help="of the open loop, a second")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    build()
    with tempfile.TemporaryDirectory(prefix="obelisk-bench-") as directory:
        try:
            rounds, sizes = measure(options, pathlib.Path(directory))
        except (BenchError, StackError) as error:
            print(f"{error} No figures.", file=sys.stderr)
            return 1
    figures, ratios, missed = figures_of(rounds, sizes)
    if options.json:
        print(json.dumps({"name": "http", "figures": figures, "ratios": ratios,
                          "goals_missed": missed}))
        return 0
    print(f"{CONNECTIONS} connections; open loop at {options.rate}/s, microseconds since due")
    print(f"  {'':18}{'bytes':>8}{'/s of processor':>17}{'/s':>9}{'p50':>8}{'p99':>8}{'max':>9}")
    for name, row in figures.items():
        for side in ("market", "nginx"):
            at = row[side]
            print(f"  {name + ' ' + side:18}{row['bytes']:>8}{at['per_cpu_s']:>17}{at['per_s']:>9}"
                  f"{at['open_p50_us']:>8}{at['open_p99_us']:>8}{at['open_max_us']:>9}")
    for name, ratio in ratios.items():
        print(f"  {name}: {ratio}")
    print("Goals missed: " + ", ".join(missed) if missed else "Goals met.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
