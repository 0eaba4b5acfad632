"""What has to hold whatever was done to the network: attestations tell the truth, and the money
follows them (PROTOCOL sections 3, 5 and 7). Judged by the chain's own time and transactions."""
import threading
import time

import chain  # tests/functional: reads a rental back from its transactions
from stack import StackError

BOND = 2_951_040
# Chain time is whole seconds, and the newest confirmed block is about one behind the newest.
SLACK_S = 2
LOOK_EVERY_S = 0.2
OPEN, READY, CLAIM, STOP = 2, 3, 6, 7
CLOSED, CLOSING = 0, 3


class Eyes:
    """Looks at a lease's newest attestation all the time; each with the chain time when it was
    first seen, read after it: what it says cannot be later."""

    def __init__(self, world, lease):
        self.world, self.lease = world, lease
        self.seen = []  # (alive_until, chain time, monotonic seconds)
        self.blind = []  # spans of chain time in which nobody could reach the host
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        with self.world.spaces["market"].inside():
            while not self._over.wait(LOOK_EVERY_S):
                try:
                    facts = self.world.lease(self.lease)
                    now = self.world.chain_time()
                except (OSError, StackError):
                    continue  # the market is slow, or away: it is asked again
                self.note(facts.get("attestation", {}).get("alive_until"), now)

    def note(self, alive_until, now):
        if alive_until is not None and (not self.seen or self.seen[-1][0] != alive_until):
            self.seen.append((alive_until, now, time.monotonic()))

    @property
    def newest(self):
        return self.seen[-1][0] if self.seen else 0

    def attested(self, alive_until, seconds):
        """When the first attestation of that time or a later one was seen, or None in time."""
        until = time.monotonic() + seconds
        while True:
            for alive, _, at in list(self.seen):
                if alive >= alive_until:
                    return at
            if time.monotonic() > until:
                return None
            time.sleep(0.05)

    def close(self):
        self._over.set()
        self._thread.join(30)

    def lies(self):
        """Attestations that cannot be true, in words."""
        found = []
        for number, (alive, now, _) in enumerate(self.seen):
            if alive > now:
                found.append(f"attested until {alive}, {alive - now} s in the future")
            if number and alive < self.seen[number - 1][0]:
                found.append(f"an attestation until {alive} came after a later one")
            found += self._of_blind_times(alive)
        return found

    def _of_blind_times(self, alive):
        return [f"attested until {alive}, {alive - begin} s into a time in which nobody could "
                f"reach the host ({begin} to {end})" for begin, end in self.blind
                if begin + SLACK_S < alive < end - SLACK_S]

    def blind_proof(self, proven_until):
        """The same of what the chain took for proven."""
        return [words.replace("attested", "the chain holds it for proven")
                for words in self._of_blind_times(proven_until)]


def events_of(world, lease):
    """(lamports that came in with `open`, the program's events, oldest first)."""
    program, paid, events = world.stack.addresses["program"], 0, []
    for record in chain.history(world.rpc, lease):
        if record["meta"]["err"] is not None:
            continue
        own = chain.events(record, program)
        if any(event["tag"] == OPEN for event in own):
            paid += chain.moved(record, lease)
        events += own
    return paid, events


def earned(rate, seconds):
    return rate * seconds // 3600


def money(world, lease, outcome, eyes):
    """(figures, what is wrong) of a lease that is closed, from the chain's transactions alone."""
    rate = int(world.lease(lease)["lamports_per_hour"])
    paid, events = events_of(world, lease)
    host, fee, back = (sum(event[name] for event in events)
                       for name in ("to_host", "to_treasury", "to_renter"))
    ready = next(event for event in events if event["tag"] == READY)
    last = events[-1]
    served_s = last["proven_until"] - ready["proven_until"]
    total = earned(rate, served_s)
    wrong = []

    def must(holds, words):
        if not holds:
            wrong.append(words)

    must(last["state"] == CLOSED, "the lease is not closed")
    must(host + fee + back == paid,
         f"paid {paid}, and {host} + {fee} + {back} = {host + fee + back} came out")
    must(host + fee == total, f"{served_s} s are proven and earn {total}; paid were {host + fee}")
    must(fee == total * world.stack.terms["fee-bps"] // 10_000, f"the fee of {total} is not {fee}")
    wrong += _how_it_ended(outcome, events, last, eyes)
    wrong += eyes.blind_proof(last["proven_until"]) if outcome != "stopped_by_renter" else []
    wrong += _receipt(world, lease, host, fee, back, paid)
    return {"host": host, "fee": fee, "back": back, "paid": paid, "proven_s": served_s}, wrong


def _how_it_ended(outcome, events, last, eyes):
    """The renter's own stop is paid in full; a dark host's up to its last proof, not a second
    more."""
    stop = next(event for event in events if event["tag"] == STOP)
    wrong = []
    if outcome == "stopped_by_renter" and stop["proven_until"] != stop["stopped_at"]:
        wrong.append(f"the renter stopped at {stop['stopped_at']}, and {stop['proven_until']} "
                     "is proven")
    if outcome == "host_dark" and eyes.newest and last["proven_until"] != eyes.newest:
        wrong.append(f"a dark host was attested until {eyes.newest} and paid until "
                     f"{last['proven_until']}")
    return wrong


def _receipt(world, lease, host, fee, back, paid):
    """What the ordinary client says of it is what the transactions say."""
    said = world.told("receipt", lease)
    sums = [int(said[f"{name}_lamports"]) for name in ("host", "fee", "refunded", "paid", "rent")]
    of_chain = [host, fee, back - BOND, paid - BOND, BOND]
    return [] if sums == of_chain else [f"the receipt says {sums}, the chain {of_chain}"]
