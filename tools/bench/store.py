#!/usr/bin/python3
"""How fast leases are written to disk: our PostgreSQL adapter beside pgbench, and SQLite.

    ./dev bench store [--seconds 5] [--rounds 5] [--dir DIR] [--json]

A PostgreSQL server of Debian's package is started for this, with fsync and synchronous_commit on,
and both sides use it with the same number of clients. They take turns, round by round; a ratio is
that of neighbours, what is shown is the median. pgbench plays its own default (TPC-B-like: five
statements in a transaction), which the goal is against, and a script of the shape of our writes: an
update of one row by key and version, and two inserts. SQLite's writes share commits; how many is
shown beside.
"""
import argparse
import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
CLIENTS = (1, 4, 16)
THREADS = (1, 4, 16, 64)
SCALE = 16  # as many branches as the most clients: pgbench's own advice
GOAL = 0.5
SHAPE = """\\set lease :client_id
BEGIN;
UPDATE shape_lease SET version = version + 1, state = 4, message = 'Ready. The meter runs.', \
ssh = 'ssh-ed25519 AAAA', last_login_s = last_login_s + 1 WHERE lease = :lease;
INSERT INTO shape_event (lease, at_ms, kind, message) VALUES (:lease, 1, 'attested', 'Served.') \
RETURNING seq;
INSERT INTO shape_outbox (lease, kind, payload, due_ms) VALUES (:lease, 'give', '1 0 1', 1);
COMMIT;
"""
SHAPE_TABLES = """
CREATE TABLE shape_lease (lease BIGINT PRIMARY KEY, version BIGINT, state BIGINT, message TEXT,
  ssh TEXT, last_login_s BIGINT);
CREATE TABLE shape_event (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lease BIGINT,
  at_ms BIGINT, kind TEXT, message TEXT);
CREATE INDEX ON shape_event (lease, seq);
CREATE TABLE shape_outbox (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lease BIGINT,
  kind TEXT, payload TEXT, due_ms BIGINT);
CREATE INDEX ON shape_outbox (due_ms);
INSERT INTO shape_lease SELECT n, 0, 4, '', '', 0 FROM generate_series(0, 63) AS n;
"""


class BenchError(Exception):
    """Why there are no figures."""


def binary():
    """Ours, built now if need be: no other build makes it."""
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", str(BUILD), "--target", "store_bench"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return BUILD / "bench/store_bench"


class Server:
    """PostgreSQL on a socket in a folder of its own; what it says is on disk is."""

    def __init__(self, folder):
        self.folder = folder
        installs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not installs:
            raise BenchError("PostgreSQL is not installed: ./dev setup --tests")
        self.bin = installs[-1].parent
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self.run([self.bin / "initdb", "-D", folder / "data", "-A", "trust", "-U", "market", "-E",
                  "UTF8", "--locale=C", "--no-sync"])
        with open(folder.parent / "postgres.log", "ab") as log:
            self.child = subprocess.Popen(
                [self.bin / "postgres", "-D", folder / "data", "-k", folder, "-c",
                 "listen_addresses=", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c",
                 "full_page_writes=on", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self.as_user())

    def as_user(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid,
                "extra_groups": []} if self.user else {}

    def run(self, words, **options):
        done = subprocess.run([str(word) for word in words], text=True, capture_output=True,
                              check=False, cwd="/", **self.as_user(), **options)
        if done.returncode:
            raise BenchError(f"{words[0]}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def begin(self):
        for _ in range(300):
            try:
                self.sql("postgres", "SELECT 1")
                break
            except BenchError:
                time.sleep(0.1)
        self.sql("postgres", "CREATE DATABASE pgbench")
        self.pgbench("-i", "-s", SCALE, "-q", "-I", "dtGvp")
        self.sql("pgbench", SHAPE_TABLES)
        (self.folder / "shape.sql").write_text(SHAPE)

    def sql(self, database, text):
        return self.run(["psql", "-X", "-q", "-h", self.folder, "-U", "market", "-d", database,
                         "-v", "ON_ERROR_STOP=1", "-c", text])

    def pgbench(self, *words):
        return self.run(["pgbench", "-h", self.folder, "-U", "market", *words, "pgbench"])

    def tps(self, clients, seconds, *words):
        out = self.pgbench("-n", "-M", "prepared", "-c", clients, "-j", min(clients, 2), "-T",
                           seconds, *words)
        (line,) = [line for line in out.splitlines() if line.startswith("tps = ")]
        return float(line.split()[2])

    def new_database(self, name):
        self.sql("postgres", f"CREATE DATABASE {name}")
        return f"postgresql://market@{str(self.folder).replace('/', '%2F')}/{name}"

    def end(self):
        self.child.send_signal(2)  # fast shutdown
        self.child.wait(30)


def ours(program, database, threads, seconds):
    done = subprocess.run([program, database, str(threads), str(seconds)], text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip())
    return json.loads(done.stdout)


def postgres_figures(program, folder, options, out):
    server = Server(folder)
    try:
        server.begin()
        uri = server.new_database("market")
        for clients in CLIENTS:
            rounds = []
            for _ in range(options.rounds):
                server.sql("postgres", "CHECKPOINT")
                tpcb = server.tps(clients, options.seconds)
                mine = ours(program, uri, clients, options.seconds)
                shape = server.tps(clients, options.seconds, "-f", folder / "shape.sql")
                rounds.append((mine["writes"] / mine["seconds"], tpcb, shape, mine["p99_us"]))
            name = f"postgres_{clients}"
            out["figures"][f"{name}_writes_per_s"] = round(median(rounds, 0), 1)
            out["figures"][f"{name}_pgbench_tps"] = round(median(rounds, 1), 1)
            out["figures"][f"{name}_pgbench_shape_tps"] = round(median(rounds, 2), 1)
            out["figures"][f"{name}_p99_us"] = round(median(rounds, 3))
            out["ratios"][f"{name}_to_pgbench"] = round(
                statistics.median(one / other for one, other, _, _ in rounds), 3)
            out["ratios"][f"{name}_to_pgbench_shape"] = round(
                statistics.median(one / other for one, _, other, _ in rounds), 3)
    finally:
        server.end()


def sqlite_figures(program, folder, options, out):
    for threads in THREADS:
        rounds = []
        for number in range(options.rounds):
            file = folder / f"{threads}-{number}.sqlite"
            mine = ours(program, file, threads, options.seconds)
            rounds.append((mine["writes"] / mine["seconds"], mine["writes"] / mine["commits"],
                           mine["p99_us"]))
        out["figures"][f"sqlite_{threads}_writes_per_s"] = round(median(rounds, 0), 1)
        out["figures"][f"sqlite_{threads}_writes_per_commit"] = round(median(rounds, 1), 2)
        out["figures"][f"sqlite_{threads}_p99_us"] = round(median(rounds, 2))


def median(rounds, at):
    return statistics.median(one[at] for one in rounds)


def to_text(out):
    figures, ratios = out["figures"], out["ratios"]
    print("Lease writes a second, each on disk when it returns.\n")
    print("PostgreSQL   clients     ours  pgbench    ratio   same shape    ratio   p99 ms")
    for n in CLIENTS:
        name = f"postgres_{n}"
        print(f"{n:20}{figures[name + '_writes_per_s']:9.0f}{figures[name + '_pgbench_tps']:9.0f}"
              f"{ratios[name + '_to_pgbench']:9.2f}{figures[name + '_pgbench_shape_tps']:13.0f}"
              f"{ratios[name + '_to_pgbench_shape']:9.2f}{figures[name + '_p99_us'] / 1000:9.1f}")
    print("\nSQLite       threads     ours  writes a commit   p99 ms")
    for n in THREADS:
        name = f"sqlite_{n}"
        print(f"{n:20}{figures[name + '_writes_per_s']:9.0f}"
              f"{figures[name + '_writes_per_commit']:17.1f}"
              f"{figures[name + '_p99_us'] / 1000:9.1f}")
    for missed in out["goals_missed"]:
        print(f"missed: {missed}")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench store", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5, help="each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("/var/tmp"),
                        help="where the databases lie: a disk, not memory")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    out = {"name": "store", "figures": {}, "ratios": {}, "goals_missed": []}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="obelisk-bench-", dir=options.dir))
    try:
        kind = subprocess.run(["stat", "-f", "-c", "%T", folder], text=True, capture_output=True,
                              check=True).stdout.strip()
        if kind in ("tmpfs", "ramfs"):
            raise BenchError(f"{options.dir} is memory: name a disk with --dir")
        os.chmod(folder, 0o755)
        program = binary()
        (folder / "postgres").mkdir()
        (folder / "sqlite").mkdir()
        postgres_figures(program, folder / "postgres", options, out)
        sqlite_figures(program, folder / "sqlite", options, out)
    except (BenchError, OSError, subprocess.SubprocessError) as error:
        print(f"No figures: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for clients in CLIENTS:
        ratio = out["ratios"][f"postgres_{clients}_to_pgbench"]
        if ratio < GOAL:
            out["goals_missed"].append(
                f"{clients} clients: {ratio:.2f} of pgbench's transactions, wanted {GOAL}")
    if options.json:
        print(json.dumps(out))
    else:
        to_text(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
