"""The bad days of one seed: which faults, when, for how long. The same seed is the same weather."""
import random

# For so long the network misbehaves; then it is left alone.
STORM_MS = 4000
NODES = 3
SPELLS = 9  # at least; one may follow upon another of its kind

# kind: what it may be asked for with, by chance. `window`: it lasts; otherwise it strikes once.
KINDS = {
    "drop": lambda r: {"rate": r.choice([0.3, 0.7, 1])},
    "delay": lambda r: {"rate": 0.7, "slots": r.randrange(2, 160)},
    "duplicate": lambda r: {"rate": 0.8, "slots": r.randrange(0, 60)},
    "reorder": lambda r: {"rate": 0.8},
    "rollback": lambda r: {"slots": r.randrange(1, 32), "again": r.choice(["none", "some", "all"])},
    "expire": lambda r: {},
    "clock": lambda r: {"seconds": r.choice([-20, -3, 3, 15])},
    "lag": lambda r: {"slots": r.randrange(5, 300)},
    "http_slow": lambda r: {"rate": 0.5, "ms": r.randrange(100, 1500), "after": r.random() < 0.5},
    "http_reset": lambda r: {"rate": 0.5, "after": r.random() < 0.5},
    "http_403": lambda r: {"rate": 0.5},
    "http_429": lambda r: {"rate": 0.6, "seconds": 1,
                           "retry_after": r.choice(["seconds", "date", "none"])},
    "http_500": lambda r: {"rate": 0.6, "after": r.random() < 0.5},
    "http_502": lambda r: {"rate": 0.6, "after": r.random() < 0.5},
    "http_503": lambda r: {"rate": 0.6, "seconds": 1, "after": r.random() < 0.5},
    "http_cut": lambda r: {"rate": 0.5},
    "json_wrong": lambda r: {"rate": 0.5},
    "json_shape": lambda r: {"rate": 0.5},
    "json_huge": lambda r: {"rate": 0.1, "count": 3, "bytes": 2_000_000},
    "ws_refuse": lambda r: {"rate": 0.7},
    "ws_cut": lambda r: {"rate": 0.5},
    "ws_stall": lambda r: {"rate": 0.5, "ms": r.randrange(200, 2000)},
    "ws_mute": lambda r: {"rate": 0.6},
    "ws_wrong": lambda r: {"rate": 0.5},
    "payer_killed": lambda r: {},  # kill -9 of who pays, and its start anew
    "nodes_gone": lambda r: {"ms": r.randrange(100, 700)},  # kill -9 of all nodes, and theirs
}
AT_ONCE = ("rollback", "expire", "clock", "payer_killed", "nodes_gone")
OF_ONE_NODE = tuple(kind for kind in KINDS if kind.startswith(("http_", "json_", "ws_")))


def weather(seed, nodes=NODES):
    """[{"at_ms", "for_ms", "kind", "options"}], by time. Every kind comes within three seeds."""
    chance = random.Random(f"weather {seed}")
    names = list(KINDS)
    first = seed * SPELLS
    kinds = [names[(first + i) % len(names)] for i in range(SPELLS)]
    kinds += chance.choices(names, k=chance.randrange(0, 4)) + ["payer_killed", *["rollback"] * 3]
    out = []
    for kind in kinds:
        options = KINDS[kind](chance)
        if kind == "lag" or (kind in OF_ONE_NODE and chance.random() < 0.4):
            options["node"] = chance.randrange(nodes)
        if kind not in AT_ONCE and kind != "lag":
            options["seed"] = chance.randrange(1, 1_000_000)
        at_ms = chance.randrange(0, STORM_MS - 500)
        for_ms = 0 if kind in AT_ONCE else chance.randrange(300, STORM_MS - at_ms)
        out.append({"at_ms": at_ms, "for_ms": for_ms, "kind": kind, "options": options})
    return sorted(out, key=lambda spell: spell["at_ms"])
