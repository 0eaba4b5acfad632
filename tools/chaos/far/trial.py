"""One fault, from a new lease to its money: what was promised is looked at, and what took how long.
"""
import subprocess
import time

from session import Session
from spaces import NetworkError
from stack import StackError
from truth import Eyes, money
from world import GATEWAYS

RECOVER_LIMIT_S = 40
ATTEST_LIMIT_S = 40
# TCP waits twice as long after each try: what a cut of fifteen seconds stopped may need as long
# again.
SESSION_LIMIT_S = 40
LOST_LIMIT_S = 2
LOOK_S = 61
# What goes wrong with the world while it is looked at; it counts as a violation.
TROUBLE = (StackError, NetworkError, OSError, ValueError, KeyError, StopIteration,
           subprocess.SubprocessError)
SETTLE_LIMIT_S = 60


class Trial:
    """One fault on one lease. `row` is what is reported, `violations` is what must be empty."""

    def __init__(self, world, fault):
        self.world, self.fault = world, fault
        self.violations, self.notes = [], []
        self.row = {"name": fault.name}
        self.lease = self.eyes = None
        self.is_on = False  # struck, and not ended yet
        self.sessions = {}

    def run(self):
        world, fault = self.world, self.fault
        try:
            self.lease = world.rent()["lease"]
        except TROUBLE as error:
            self._wrong(f"{type(error).__name__}: {error}")
            return self.row
        self.eyes = Eyes(world, self.lease)
        try:
            self._open_sessions()
            if fault.ends_lease:
                self._be_attested()
            undone = self._play()
            if not fault.fresh_way:
                self._recover(undone)
            self.row["session"] = self._sessions()
            self.row["attested_again_ms"] = self._attested_again(undone)
            self._settle()
        except TROUBLE as error:
            self._wrong(f"{type(error).__name__}: {error}")
            self._leave_in_order()
        finally:
            for session in self.sessions.values():
                session.close()
            self.eyes.close()
        self.violations += [f"{fault.name}: {lie}" for lie in self.eyes.lies()]
        self.row["notes"] = "; ".join(self.notes)
        return self.row

    def _leave_in_order(self):
        """The next fault shall meet good weather and a free card."""
        try:
            if self.is_on:
                self.fault.end(self.world)
            self.world.cli("stop", self.lease, "--yes")
        except TROUBLE as error:
            self._wrong(f"it could not be ended: {error}")

    def _wrong(self, words):
        self.violations.append(f"{self.fault.name}: {words}")

    def _open_sessions(self):
        if not self.world.ssh_works(self.lease):
            raise StackError("No login worked before anything was done.")
        self.sessions = {name: Session(self.world.session_words(self.lease, name))
                         for name in GATEWAYS}
        for name, session in self.sessions.items():
            if not session.begins():
                raise StackError(f"No session through {name} before anything was done.")

    def _be_attested(self):
        """What the host of a lease that will end dark shall be paid for."""
        now_s = self.world.chain_time()
        self.world.warp(LOOK_S)
        if self.eyes.attested(now_s, ATTEST_LIMIT_S) is None:
            raise StackError("Nothing was attested before anything was done.")

    def _play(self):
        """Strikes, waits, ends; when that was. Chain time too, where the host was out of reach."""
        world, fault = self.world, self.fault
        before = self._traces()
        began = time.monotonic()
        self.is_on = True
        fault.strike(world)
        begin_s = world.chain_time()
        if fault.fresh_way:
            self._recover(began)
        fault.meanwhile(world, self.lease)
        self.undone_s = world.chain_time("confirmed")
        if fault.blind:
            self.eyes.blind.append((begin_s, self.undone_s))
        self._struck(before)
        undone = time.monotonic()
        fault.end(world)
        self.is_on = False
        if not fault.ends_lease:
            # A live lease is looked at once a minute of chain time: that minute is not waited for.
            world.rpc.warp(LOOK_S)
        self.row["seconds"] = round(undone - began, 1)
        self.row["chain_seconds"] = max(0, self.undone_s - begin_s)
        return undone

    def _traces(self):
        """What a fault leaves where it was struck: a fault that left none proves nothing."""
        counters = self.world.links[self.fault.leg].counters().values()
        traces = {name: sum(way[name] for way in counters)
                  for name in ("dropped_loss", "dropped_cut", "reordered")}
        return {**traces, "failed logins of the watch": self.world.logins_failed(self.lease),
                "lost control connections": self.world.controls_lost()}

    def _struck(self, before):
        after = self._traces()
        left = {name: after[name] - before[name] for name in after if after[name] > before[name]}
        self.notes += [f"{count} {name.replace('_', ' ')}" for name, count in left.items()]
        for name in self.fault.leaves:
            if name not in left:
                self._wrong(f"it did not strike: no {name}")

    def _recover(self, since):
        """Until the ordinary client gets in again: to this lease, or where the fault ended it to a
        new one on the same host."""
        lease = self.lease
        if self.fault.ends_lease:
            lease = self.world.rent()["lease"]
        until = time.monotonic() + RECOVER_LIMIT_S
        while not self.world.ssh_works(lease):
            if time.monotonic() > until:
                self._wrong(f"no login works {RECOVER_LIMIT_S} s after its end")
                break
        self.row["recover_ms"] = round((time.monotonic() - since) * 1000)
        if self.fault.ends_lease:
            self.world.told("stop", lease, "--yes")

    def _sessions(self):
        """What became of the sessions. One that could not live is not waited for: it is named."""
        out, silences = {}, []
        for name, session in self.sessions.items():
            promised = self.fault.sessions[name]
            out[name] = session.verdict(SESSION_LIMIT_S if promised == "lived" else LOST_LIMIT_S)
            if out[name] == "garbled" or (promised == "lived" and out[name] != "lived"):
                self._wrong(f"the session through {name} {out[name]}: it could have lived")
            if out[name] == "lived":
                silences.append(session.silence_s)
        ends = [name for name in GATEWAYS if self.fault.sessions[name] == "lost"]
        if ends:
            self.notes.append(f"it ends sessions through {' and '.join(ends)}")
        if silences:
            out["longest_silence_ms"] = round(max(silences) * 1000)
        return out

    def _attested_again(self, since):
        if self.fault.ends_lease:
            return None
        at = self.eyes.attested(self.undone_s, ATTEST_LIMIT_S)
        if at is None:
            self._wrong(f"not attested again {ATTEST_LIMIT_S} s after its end")
            return None
        return round(max(0, at - since) * 1000)

    def _settle(self):
        """Ends the lease, where the fault has not, and looks at what was paid."""
        world = self.world
        facts = world.lease(self.lease)
        if not self.fault.ends_lease:
            if facts["state"] != "active":
                return self._wrong(f"the lease is {facts['state']}: {facts.get('outcome')}")
            world.told("stop", self.lease, "--yes")
            outcome = "stopped_by_renter"
        else:
            outcome = "host_dark"
            if self.fault.state != facts["state"]:
                return self._wrong(f"the host was out of reach and the lease is {facts['state']}")
            if facts["state"] == "contested":
                self.notes.append("contested; finished when the window was over")
                world.warp(world.stack.terms["claim-window-s"] + 1)
        until = time.monotonic() + SETTLE_LIMIT_S
        while (facts := world.lease(self.lease))["state"] != "ended":
            if time.monotonic() > until:
                return self._wrong(f"the lease is {facts['state']} and does not end")
            time.sleep(0.1)
        if facts.get("outcome") != outcome:
            self._wrong(f"it ended as {facts.get('outcome')}, not {outcome}")
        self.row["money"], wrong = money(world, self.lease, outcome, self.eyes)
        for words in wrong:
            self._wrong(words)
