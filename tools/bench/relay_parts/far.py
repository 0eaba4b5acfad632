"""The same, with front and back far from each other: ours and ssh -R over 100 ms of round trip."""
import statistics

from rig import BUILD, by_gateway, by_ssh  # first: it knows where ours lie
from network import Network

ONE_WAY_MS = 50
LARGE = "4096 131072 67108864"
WARM_SECONDS = 2  # until a connection has found its speed


def flow(rig, route, streams, seconds, near):
    """Gbit/s that a visitor gets from the far end."""
    done = rig.load("pull", route.port, streams, seconds + WARM_SECONDS, WARM_SECONDS, space=near)
    return done["bytes"] * 8 / 1e9 / done["seconds"]


def rounds(rig, seconds, near, far, address, name):
    sink_child, said = rig.tell([BUILD / "bench/relay_load", "sink"], space=far)
    ways = {"ours_tls": by_gateway(rig, said["port"], False, name, near, far, address),
            "ssh_r": by_ssh(rig, said["port"], near, far, address)}
    figures = {}
    for streams in (1, 64):
        for way, route in ways.items():
            taken = [flow(rig, route, streams, seconds, near) for _ in range(3)]
            figures[f"{way}_{streams}_gbit_s"] = round(statistics.median(taken), 3)
    rig.end(sink_child, *(child for route in ways.values() for child in route.children))
    return figures


def far_figures(rig, seconds):
    """(figures, ratios): with this machine's buffers, and with large ones at both ends."""
    figures = {}
    for buffers in ("usual_", ""):
        with Network() as network:
            near, far = network.space("near"), network.space("far")
            if not buffers:
                for space in (near, far):
                    for name in ("tcp_rmem", "tcp_wmem"):
                        space.sysctl(f"net/ipv4/{name}", LARGE)
            link = network.link(near, far, f"both delay {ONE_WAY_MS}")
            for figure, value in rounds(rig, seconds, near, far, link.a.address,
                                      f"far_{buffers}").items():
                figures[f"far_{buffers}{figure}"] = value
    ratios = {f"far_{buffers}{streams}": round(
        figures[f"far_{buffers}ours_tls_{streams}_gbit_s"] /
        figures[f"far_{buffers}ssh_r_{streams}_gbit_s"], 2)
        for buffers in ("usual_", "") for streams in (1, 64)}
    return figures, ratios
