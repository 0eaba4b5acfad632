"""A market that somebody took over, as its watch meets it: the watch's socket and words of our own.

What is written here is by the page (docs/watch.md) alone: nothing of ours makes the messages."""
import base64
import json
import socket
import struct

from chain import base58, unbase58

SYSTEM = "11111111111111111111111111111111"
BUDGET = "ComputeBudget111111111111111111111111111111"
READY, CLAIM, STOP, FINISH, CANCEL = 3, 6, 7, 8, 4


def say(path, line, seconds=30):
    """The answer to one line, as an object; None where there is none."""
    with socket.socket(socket.AF_UNIX) as to:
        to.settimeout(seconds)
        to.connect(str(path))
        try:
            to.sendall(line if isinstance(line, bytes) else line.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                more = to.recv(65_536)
                if not more:
                    return None
                answer += more
        except (BrokenPipeError, ConnectionResetError):
            return None
        return json.loads(answer)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class Thief:
    """Asks a watch for one thing after the other."""

    def __init__(self, world):
        self.world, self.path = world, world.watch_socket()

    def ask(self, kind, **fields):
        return say(self.path, canonical({kind: fields}))

    def refused(self, kind, **fields):
        """Why it did not do it."""
        answer = self.ask(kind, **fields)
        assert answer and "error" in answer, answer
        assert answer["error"]["code"] in ("refused", "invalid_input", "rate_limited"), answer
        return answer["error"]["message"]

    def lease(self, address):
        """What the chain says of a lease, by the offsets of docs/escrow.md."""
        data = base64.b64decode(self.world.account(address)["data"][0])
        key = {name: base58(data[at:at + 32]) for name, at in
               {"renter": 32, "host": 64, "treasury": 128, "attestor": 160}.items()}
        return {**key, "lease": address, "state": data[3],
                "opened_slot": struct.unpack_from("<Q", data, 232)[0],
                "started_at": struct.unpack_from("<q", data, 256)[0],
                "proven_until": struct.unpack_from("<q", data, 264)[0]}

    def message(self, *instructions):
        """A v0 message that the attestor pays: (program, [accounts], data) each."""
        payer = self.world.addresses["attestor"]
        writable = [payer]
        programs = []
        for program, accounts, _ in instructions:
            writable += [key for key in accounts if key not in writable]
            programs += [program] if program not in programs else []
        keys = writable + [program for program in programs if program not in writable]
        blockhash = self.world.rpc("getLatestBlockhash")["value"]["blockhash"]
        out = bytes([0x80, 1, 0, len(keys) - len(writable), len(keys)])
        out += b"".join(unbase58(key) for key in keys) + unbase58(blockhash)
        out += bytes([len(instructions)])
        for program, accounts, data in instructions:
            out += bytes([keys.index(program), len(accounts), *map(keys.index, accounts),
                          len(data)]) + data
        return base64.b64encode(out + b"\0").decode()

    def stop(self, facts, how=3):
        parties = [facts[name] for name in ("lease", "renter", "host", "treasury")]
        return (self.world.addresses["program"],
                parties + ([facts["attestor"]] if how == 3 else []), bytes([STOP, how]))

    def ready(self, facts):
        return (self.world.addresses["program"], [facts["attestor"], facts["lease"]],
                bytes([READY]) + struct.pack("<Q", facts["opened_slot"]))

    def theft(self, lamports=1_000_000_000):
        return (SYSTEM, [self.world.addresses["attestor"], self.world.addresses["renter"]],
                struct.pack("<IQ", 2, lamports))
