"""What is to be paid, and what the chain says was paid: read from the chain alone."""
import random

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SYSTEM = "1" * 32
TAGS = {2: ("open", 1), 3: ("ready", 1), 4: ("cancel", 0), 5: ("extend", 1), 7: ("stop", 0)}
TRANSFERS = 16
LEASES = 4


def base58(data):
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out = ALPHABET[rest] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def intents(seed):
    """Transfers, each to somebody new, and leases that are opened, used and ended."""
    chance = random.Random(f"intents {seed}")
    out = [{"kind": "transfer", "to": base58(chance.randbytes(32)),
            "lamports": chance.randrange(1_000_000, 50_000_000)} for _ in range(TRANSFERS)]
    for nonce in range(1, LEASES + 1):
        ways = [("open", "cancel"), ("open", "ready", "stop"), ("open", "ready", "extend", "stop")]
        for step, kind in enumerate(chance.choice(ways)):
            out.append({"kind": kind, "nonce": nonce, **({"after": len(out) - 1} if step else {}),
                        **({"seconds": {"open": 3600, "extend": 7200}[kind]}
                           if kind in ("open", "extend") else {})})
    for number, intent in enumerate(out):
        intent["id"] = number
    return out


def key_of(intent):
    return ("transfer", intent["to"]) if intent["kind"] == "transfer" else (
        intent["kind"], intent["nonce"])


class Books:
    """Every transaction of the payers that is final, and what each did."""

    def __init__(self, rpc, program, payers):
        self.rpc, self.program, self.payers = rpc, program, payers
        self.fees = 0
        self.effects = {}  # key of an intent: how often the chain has it
        nonces = {}
        for record in sorted(self._records(), key=lambda one: one["slot"]):
            self.fees += record["meta"]["fee"]
            if record["meta"]["err"] is None:
                self._read(record["transaction"]["message"], nonces)
        self.leases = list(nonces)

    def _records(self):
        seen = {}
        for payer in self.payers:
            rows = self.rpc("getSignaturesForAddress", payer,
                            {"limit": 1000, "commitment": "finalized"})
            for row in rows:
                seen[row["signature"]] = None
        for signature in seen:
            record = self.rpc("getTransaction", signature, {
                "encoding": "json", "commitment": "finalized", "maxSupportedTransactionVersion": 0})
            # What the faucet gave was paid by the faucet.
            if record["transaction"]["message"]["accountKeys"][0] in self.payers:
                yield record

    def _read(self, message, nonces):
        keys = message["accountKeys"]
        for instruction in message["instructions"]:
            program = keys[instruction["programIdIndex"]]
            accounts = [keys[index] for index in instruction["accounts"]]
            data = unbase58(instruction["data"])
            if program == SYSTEM and data[:4] == b"\2\0\0\0":
                self._count(("transfer", accounts[1]))
            elif program == self.program and data[0] in TAGS:
                kind, at = TAGS[data[0]]
                if kind == "open":
                    nonces[accounts[at]] = int.from_bytes(data[2:10], "little")
                self._count((kind, nonces.get(accounts[at])))

    def _count(self, key):
        self.effects[key] = self.effects.get(key, 0) + 1

    def lamports(self, addresses):
        """What these have now, for good."""
        return sum(self.rpc("getBalance", address, {"commitment": "finalized"})["value"]
                   for address in addresses)


def settle(plan, books, holders, before):
    """{intended, landed, doubled, lost, lamports_unaccounted} of one seed."""
    counts = [books.effects.get(key_of(intent), 0) for intent in plan]
    everybody = [*holders, *books.leases,
                 *(intent["to"] for intent in plan if intent["kind"] == "transfer")]
    strangers = set(books.effects) - {key_of(intent) for intent in plan}
    return {"intended": len(plan), "landed": sum(count > 0 for count in counts),
            "doubled": sum(max(0, count - 1) for count in counts) + len(strangers),
            "lost": sum(count == 0 for count in counts),
            "lamports_unaccounted": abs(before - books.fees - books.lamports(everybody))}
