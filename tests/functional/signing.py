"""Signs with a wallet's key file as any program could: openssl and this text, nothing of ours."""
import base64
import hashlib
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# The DER head of an Ed25519 private key (RFC 8410); the 32 bytes of the seed follow.
PRIVATE_KEY_HEAD = bytes.fromhex("302e020100300506032b657004220420")


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def sign(key_file, message):
    """The 64 bytes of the signature of a key file of Solana's form."""
    seed = bytes(json.loads(key_file.read_text())[:32])
    pem = base64.b64encode(PRIVATE_KEY_HEAD + seed).decode()
    with tempfile.TemporaryDirectory() as folder:
        key, text = os.path.join(folder, "key"), os.path.join(folder, "text")
        with open(key, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(f"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n")
        with open(text, "wb") as out:
            out.write(message)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", text],
                              check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout


def sign_transaction(key_file, text):
    """A transaction in base64 with one signature that is missing, signed."""
    wire = bytearray(base64.b64decode(text))
    assert wire[0] == 1 and not any(wire[1:65]), "one signature, and not there yet"
    wire[1:65] = sign(key_file, bytes(wire[65:]))
    return base64.b64encode(wire).decode()


def authorization(key_file, market, asked, at_ms=None, nonce=None):
    """The header that docs/api.md describes; `asked` is (method, path?query, host, body)."""
    method, target, host, body = asked
    at_ms = at_ms or int(time.time() * 1000)
    nonce = nonce or os.urandom(16).hex()
    text = "\n".join(["OBELISKR", method, target, host, market,
                      hashlib.sha256(body).hexdigest(), str(at_ms), nonce])
    key = base58(bytes(json.loads(key_file.read_text())[32:]))
    signature = base58(sign(key_file, text.encode()))
    return f'Obelisk-Signature key="{key}", at="{at_ms}", nonce="{nonce}", signature="{signature}"'


def call(url, method="GET", body=None, **headers):
    """(status, headers, body as it was parsed or None)."""
    data = None if body is None else json.dumps(body).encode()
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if data is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
    except urllib.error.HTTPError as refused:
        text = refused.read()
        return refused.code, refused.headers, json.loads(text) if text else None
