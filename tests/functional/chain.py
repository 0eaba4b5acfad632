"""Reads a rental back from the chain alone, so that no figure of ours is checked against itself."""
import base64
import datetime
import struct

EVENT = struct.Struct("<4sBBH32sQQQqq")
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def seconds(text):
    """An RFC 3339 time of the API as the chain's seconds."""
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def transaction(rpc, signature):
    return rpc("getTransaction", signature, {
        "encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 0})


def events(record, program):
    """The OBK1 events that our program logged in a transaction."""
    inside, found = [], []
    for line in record["meta"]["logMessages"]:
        words = line.split()
        if len(words) > 2 and words[0] == "Program" and words[2] == "invoke":
            inside.append(words[1])
        elif words[:1] == ["Program"] and words[-1:] == ["success"] or " failed" in line:
            inside.pop()
        elif line.startswith("Program data: ") and inside and inside[-1] == program:
            data = base64.b64decode(words[2])
            magic, tag, state, _, _, host, treasury, renter, proven, stopped = EVENT.unpack(data)
            assert magic == b"OBK1"
            found.append({"tag": tag, "state": state, "to_host": host, "to_treasury": treasury,
                          "to_renter": renter, "proven_until": proven, "stopped_at": stopped})
    return found


def moved(record, address):
    """What a transaction changed of an address's lamports."""
    keys = record["transaction"]["message"]["accountKeys"]
    at = keys.index(address)
    return record["meta"]["postBalances"][at] - record["meta"]["preBalances"][at]


def history(rpc, address):
    """Every transaction of an address, oldest first."""
    rows = rpc("getSignaturesForAddress", address, {"limit": 1000, "commitment": "confirmed"})
    return [transaction(rpc, row["signature"]) for row in reversed(rows)]


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58(data):
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = ALPHABET[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out
