"""What is done to the network, and what has to come of it.

A fault is struck, lasts for so many seconds, and is ended. `blind`: meanwhile nobody outside can
reach the host, or the watch reaches nobody: no attestation may be of that time. `sessions`: what
becomes of those that were open, by the gateway they came through; "lived" is a promise, the rest
is what the fault itself makes impossible.
"""
import time

from world import GATEWAYS

LIVED = {name: "lived" for name in GATEWAYS}
LOST = {name: "lost" for name in GATEWAYS}
# A login that fails takes five seconds, and the watch counts failures together only where no
# twenty seconds of chain time went by unseen between them.
WARP_A_FAILURE_S = 12


class Fault:
    """The weather on one leg."""
    blind = False
    sessions = LIVED
    ends_lease = False
    is_slow = False  # those that take minutes have a world of their own, beside the others
    look_s = 61  # chain time that is moved when it has struck, so that the watch looks meanwhile
    leaves = ()  # the traces without which it did not strike
    fresh_way = False  # a way in is there while it lasts: recovery counts from the strike

    def __init__(self, name, seconds, words, leg="router", **others):
        self.name, self.seconds, self.words, self.leg = name, seconds, words, leg
        for key, value in others.items():
            setattr(self, key, value)

    def strike(self, world):
        world.leg(self.leg, self.words)

    def meanwhile(self, world, lease):
        """What lasts so long; the end of it is the fault's end."""
        if self.look_s:
            time.sleep(1.5)  # a login that was just through has said so by then
            world.warp(self.look_s)
        time.sleep(max(0, self.seconds - 2.4 * bool(self.look_s)))

    def end(self, world):
        world.leg(self.leg, "")


class GatewayKilled(Fault):
    fresh_way = True
    sessions = {"gateway": "lost", "gateway-2": "lived"}

    def strike(self, world):
        world.stack.gateways["gateway"].kill()

    def end(self, world):
        world.start_gateway("gateway")


class AddressChanged(Fault):
    """The provider gives the host's router another address, for good."""
    sessions = LOST

    def strike(self, world):
        end = world.links["router"].a
        end.change_address(int(end.address.rsplit(".", 1)[1]) % 200 + 50)

    def end(self, world):
        pass


class NatForgotten(Fault):
    """The router forgets every connection through it, as when it starts anew."""
    sessions = LOST

    def strike(self, world):
        world.nat.forget()

    def end(self, world):
        pass


class StrictNatForgotten(Fault):
    """The same, and what it finds in the middle of a connection it drops: no side hears a word,
    not even a reset."""
    fresh_way = True
    sessions = LOST
    loose = "net/netfilter/nf_conntrack_tcp_loose"

    def strike(self, world):
        world.spaces["router"].sysctl(self.loose, 0)
        world.nat.forget()

    def end(self, world):
        world.spaces["router"].sysctl(self.loose, 1)


class ClockStepped(Fault):
    """Five minutes ahead, then five behind, then right again; host or market."""

    def __init__(self, name, seconds, clock):
        super().__init__(name, seconds, "")
        self.clock = clock

    def strike(self, world):
        getattr(world, self.clock).step(300)

    def meanwhile(self, world, lease):
        super().meanwhile(world, lease)
        getattr(world, self.clock).step(-600)
        super().meanwhile(world, lease)

    def end(self, world):
        getattr(world, self.clock).step(300)


class WatchCutOff(Fault):
    """The market's place is cut off from everybody but the chain. In real time until the last
    login to any other host is too old to show that the watch itself is well; before that, chain
    time may not run faster than real time, since the watch goes by both."""
    blind = True
    is_slow = True
    leaves = ("failed logins of the watch",)
    control_s = 62

    def meanwhile(self, world, lease):
        time.sleep(self.control_s)
        for _ in range(2):
            world.warp(WARP_A_FAILURE_S)
            time.sleep(5)


class HostCutOff(Fault):
    """Long enough to be called dark. With `silence_s` chain time jumps first: the last proof is
    then older than the gap limit, and the stop is a contested one."""
    blind = True
    is_slow = True
    leaves = ("failed logins of the watch",)
    sessions = LOST
    ends_lease = True
    silence_s = 0
    state = "ended"

    def meanwhile(self, world, lease):
        time.sleep(1.5)
        world.warp(self.silence_s or self.look_s)
        until = time.monotonic() + self.seconds
        seen = world.logins_failed(lease)
        while not self.is_stopped(world, lease) and time.monotonic() < until:
            failed = world.logins_failed(lease)
            if failed > seen:
                seen = failed
                world.warp(WARP_A_FAILURE_S)
            time.sleep(0.2)
        if self.state == "contested":
            # A host that is back within ten seconds of the stop is still proven up to it.
            world.warp(WARP_A_FAILURE_S)
            time.sleep(2)

    def is_stopped(self, world, lease):
        return world.lease(lease)["state"] == self.state


FAULTS = [
    Fault("loss", 8, "both loss 5", leaves=("dropped_loss",)),
    Fault("reordered", 6, "both reorder 20 hold 5", leaves=("reordered",)),
    Fault("far", 6, "both delay 150"),
    Fault("cut", 5, "both cut", blind=True, leaves=("dropped_cut",)),
    Fault("cut-longer", 12, "both cut", blind=True, leaves=("lost control connections",)),
    Fault("one-way", 9, "out cut", blind=True, leaves=("lost control connections",)),
    Fault("other-way", 9, "in cut", blind=True, leaves=("lost control connections",)),
    GatewayKilled("gateway-killed", 3, "", look_s=0),
    Fault("gateway-silent", 9, "both cut", leg="gateway", fresh_way=True, look_s=0,
          leaves=("dropped_cut", "lost control connections")),
    AddressChanged("address-changed", 0, "", look_s=0),
    NatForgotten("nat-forgotten", 0, "", look_s=0),
    StrictNatForgotten("nat-forgotten-strict", 0, "", look_s=0),
    ClockStepped("host-clock", 4, "host_clock"),
    ClockStepped("market-clock", 4, "market_clock"),
    HostCutOff("host-dark", 60, "both cut"),
    HostCutOff("host-dark-late", 60, "both cut", silence_s=400, state="contested"),
    WatchCutOff("watch-cut-off", 62, "both cut", leg="market"),
]
QUICK = ("cut", "gateway-killed", "nat-forgotten")
