"""A market that strangers abuse: its memory stays bounded, and everybody else is served."""
import contextlib
import pathlib
import socket
import time

import pytest
from conftest import until

QUOTE = b"POST /v1/quotes HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module", name="stack")
def market_alone(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    return world


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the market is gone")


def port_of(stack):
    return int(stack.endpoints["market"].rsplit(":", 1)[1])


def connect(port):
    made = socket.create_connection(("127.0.0.1", port), timeout=5)
    made.settimeout(0.2)
    return made


def read(made):
    """What came until it is over, or nothing more for a moment."""
    said = b""
    with contextlib.suppress(OSError):
        while part := made.recv(65536):
            said += part
    return said


def test_it_holds_no_more_for_strangers_than_its_limits_say(stack):
    port, pid = port_of(stack), stack.market.pid
    stack.get("/v1/cards")
    before = rss_mib(pid)
    kept = []
    body = QUOTE + b"Content-Length: 65536\r\n\r\n" + b"{" * 60_000
    hoard = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 300
    over = time.monotonic() + 4
    # Bodies that never end, headers that never end, answers that nobody reads.
    while time.monotonic() < over and len(kept) < 2000:
        with contextlib.suppress(OSError):
            made = connect(port)
            made.sendall((body, b"GET / HTTP/1.1\r\nX: " + b"a" * 15_000, hoard)[len(kept) % 3])
            kept.append(made)
    assert len(kept) > 250, "the address's share of connections was never reached"
    grown = rss_mib(pid) - before
    assert grown < 120, f"{grown:.0f} MiB more after {len(kept)} connections"

    def answered_late():
        with connect(port) as late:
            return read(late)

    # It may be busy with those before, but it says so in the end.
    until(lambda: b"503 Service Unavailable" in answered_late(), 10)
    for made in kept:
        made.close()

    def served():
        with contextlib.suppress(OSError):
            return stack.get("/v1/cards")["cards"]

    # A queue of those who left is worked off before: a moment of being served is not enough.
    for _ in range(5):
        assert until(served, 10, 0.1), "nobody is served after the abuse"
        time.sleep(0.1)


@pytest.mark.parametrize("sent, status", [
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 70 + b"\r\n", b"431"),
    (QUOTE + b"Content-Length: 65537\r\n\r\n", b"413"),
    (QUOTE + b"Content-Length: 20000\r\n\r\n" + b"[" * 20_000, b"400"),
    (QUOTE + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
], ids=["target", "headers", "body", "nesting", "two-lengths"])
def test_it_says_what_is_too_much(stack, sent, status):
    with connect(port_of(stack)) as made:
        made.settimeout(5)
        made.sendall(sent)
        answer = made.recv(65536)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert b"application/problem+json" in answer and b"charged_lamports" in answer


def test_an_address_that_asks_too_often_is_told_when_to_come_again(stack):
    request = QUOTE + b"Content-Length: 2\r\n\r\n{}"
    with connect(port_of(stack)) as made:
        made.settimeout(10)
        answers, sent = b"", 0
        until = time.monotonic() + 8
        while b"HTTP/1.1 429 " not in answers and time.monotonic() < until:
            made.sendall(request * 50)
            sent += 50
            while answers.count(b"HTTP/1.1 ") < sent:
                answers += made.recv(65536)
    assert b"HTTP/1.1 429 Too Many Requests" in answers
    assert b"Retry-After: " in answers
    assert stack.get("/v1/cards")["cards"], "reading has a rate of its own"
