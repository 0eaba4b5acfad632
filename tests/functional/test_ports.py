"""Ports of a lease by https names: a link of `obelisk open` and nothing else lets a browser in, to
servers that listen on the lease's own loopback; WebSockets, uploads and long answers go through.
"""
import base64
import hashlib
import http.client
import os
import struct
import subprocess
import urllib.parse

import pytest
from conftest import BIN, until

# A server as people write them: a page, an upload, an answer that takes its time, a WebSocket.
SERVER = r'''
import base64, hashlib, http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def say(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            return self.echo()
        if self.path == "/drip":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            for number in range(8):
                self.wfile.write(b"%d\n" % number)
                time.sleep(0.5)
            self.close_connection = True
            return None
        return self.say(b"found " + self.path.encode() + b" by " + self.headers["Host"].encode())
    def do_POST(self):
        digest, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left:
            part = self.rfile.read(min(left, 1 << 16))
            digest.update(part)
            left -= len(part)
        self.say(digest.hexdigest().encode())
    def echo(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept",
                         base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.send_header("Sec-WebSocket-Protocol", "chat")
        self.end_headers()
        while head := self.rfile.read(2):
            size = head[1] & 127
            mask = self.rfile.read(4)
            text = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(size)))
            self.wfile.write(bytes([0x81, size]) + text.upper())
        self.close_connection = True
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
'''
PORT = 8765


@pytest.fixture(name="lease", scope="module")
def fixture_lease(world):
    lease = world.rent(seconds=3600)["lease"]
    packed = base64.b64encode(SERVER.encode()).decode()
    assert world.ssh(lease, f"echo {packed} | base64 -d > /workspace/server.py").returncode == 0
    serve(world, lease, "127.0.0.1", PORT)
    return lease


def serve(world, lease, address, port):
    """Returns once it listens, however busy this machine is."""
    begin = (f"setsid python3 /workspace/server.py {address} {port} "
             ">/dev/null 2>&1 </dev/null &")
    knock = (f"python3 -c 'import socket; socket.create_connection((\"{address}\", {port}), 1)'"
             " 2>/dev/null")
    assert world.ssh(lease, begin).returncode == 0
    until(lambda: world.ssh(lease, knock).returncode == 0, 30, 0.2)


class Answer:
    def __init__(self, raw):
        self.status, self.headers, self.body = raw.status, raw.headers, raw.read().decode()
        self.own = raw.headers.get("Obelisk-Gateway")


def ask(url, headers=None, method="GET", body=None, timeout=30):
    """As a browser does, which takes every name below localhost for this machine."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=timeout)
    try:
        target = (at.path or "/") + ("?" + at.query if at.query else "")
        connection.request(method, target, body, {"Host": at.netloc, **(headers or {})})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def origin(url):
    at = urllib.parse.urlsplit(url)
    return f"{at.scheme}://{at.netloc}"


def pass_of(url):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["obelisk-pass"][0]


def test_a_link_leads_to_a_server_on_the_leases_own_loopback(world, lease):
    said = world.cli("open", lease, PORT).json
    assert (said["lease"], said["port"], said["public"], said["answers"]) == (lease, PORT, False,
                                                                              True)
    place = origin(said["url"])
    assert ask(place).status == 401 and ask(place).own == "no_pass"
    assert f"obelisk open {lease} {PORT}" in ask(place).body
    first = ask(said["url"])
    assert first.status == 303 and first.headers["Location"] == "/", first.body
    assert first.headers["Referrer-Policy"] == "no-referrer"
    cookie = first.headers["Set-Cookie"].split(";")[0]
    seen = ask(place + "/lab?a=1", {"Cookie": cookie})
    assert seen.body == f"found /lab?a=1 by {urllib.parse.urlsplit(place).netloc}"
    assert seen.status == 200 and seen.own is None
    # A page of another lease's name is the same site to a browser, and is not let in by the cookie.
    assert ask(place, {"Cookie": cookie, "Origin": place.replace(str(PORT), "9000", 1)},
               "POST", b"x").own == "other_site"
    # The pass is for this port and no other.
    other = place.replace(str(PORT), "22", 1)
    assert ask(other, {"X-Obelisk-Pass": pass_of(said["url"])}).own == "bad_pass"


def said_to_people(world, *words):
    done = subprocess.run([str(BIN / "obelisk"), *map(str, words)], text=True, check=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
                          env=world.client_environment())
    return done.stdout.splitlines()


def test_only_the_renters_wallet_makes_links(world, lease):
    world.new_wallet("stranger")
    refused = world.cli("open", lease, PORT, wallet="stranger", code=None)
    assert refused.code != 0 and refused.error["code"] in ("forbidden", "unsupported", "not_found")
    for words in ((lease, "0"), (lease, "http"), (lease, PORT, "--public", "--private"),
                  (lease, PORT, "--for", "1")):
        assert world.cli("open", *words, code=None).code == 2, words


def test_a_link_ends(world, lease):
    short = world.cli("open", lease, PORT, "--for", "60s").json
    usual = world.cli("open", lease, PORT).json
    assert short["until"] < usual["until"]
    link, good_for, seen = said_to_people(world, "open", lease, PORT, "--for", "90m")
    assert ask(link).status == 303 and seen == "It answers."
    assert good_for.startswith("Whoever has this link gets in until 20")
    assert good_for.endswith("(90 min).")
    (printed,) = said_to_people(world, "open", lease, PORT, "--print")
    assert ask(printed).status == 303


def test_servers_anywhere_in_the_lease_are_found(world, lease):
    nothing = world.cli("open", lease, 8001).json
    assert nothing["answers"] is False
    assert ask(nothing["url"].replace("/?", "/x?", 1)).status == 303
    assert ask(origin(nothing["url"]),
               {"X-Obelisk-Pass": pass_of(nothing["url"])}).own == "not_listening"
    own = world.ssh(lease, "hostname -I").stdout.split()[0]
    for address, port in (("0.0.0.0", 8001), (own, 8002)):
        serve(world, lease, address, port)
        assert until(lambda port=port: world.cli("open", lease, port).json["answers"], 10), address
    # 22 is the lease's own sshd: the renter's signature says which ports, not a list.
    assert world.cli("open", lease, 22).json["answers"] is True


def test_uploads_and_answers_of_any_length(world, lease):
    url = world.cli("open", lease, PORT).json["url"]
    shown = {"X-Obelisk-Pass": pass_of(url)}
    data = os.urandom(50 << 20)
    answer = ask(origin(url) + "/up", shown, "POST", data, timeout=120)
    assert answer.body == hashlib.sha256(data).hexdigest()
    assert ask(origin(url) + "/drip", shown).body == "".join(f"{n}\n" for n in range(8))


def test_a_websocket_through_the_gateway(world, lease):
    url = world.cli("open", lease, PORT).json["url"]
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=20)
    connection.request("GET", "/ws", headers={
        "Host": at.netloc, "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(b"k" * 16).decode(),
        "Sec-WebSocket-Protocol": f"chat, obelisk-pass.{pass_of(url)}"})
    socket = connection.sock
    answer = connection.getresponse()
    assert answer.status == 101 and answer.headers["Sec-WebSocket-Protocol"] == "chat"
    for word in (b"hello", b"once more"):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(word))
        socket.sendall(struct.pack("!BB", 0x81, 0x80 | len(word)) + mask + masked)
        got = b""
        while len(got) < 2 + len(word):
            part = socket.recv(64)
            assert part, got
            got += part
        assert got == bytes([0x81, len(word)]) + word.upper()
    connection.close()


def test_everybody_until_it_is_taken_back(world, lease):
    said = world.cli("open", lease, PORT, "--public").json
    assert said["public"] is True and said["answers"] is True and "?" not in said["url"]
    assert ask(said["url"]).status == 200
    assert ask(said["url"].replace(str(PORT), "8001", 1)).status == 401, "this port alone"
    world.gateways["gateway"].stop()
    world.start_gateway()
    assert until(lambda: ask(said["url"]).status == 200, 20), "it is kept over a restart"
    back = world.cli("open", lease, PORT, "--private").json
    assert back["public"] is False and back["until"] is None
    assert ask(said["url"]).own == "no_pass"
    world.gateways["gateway"].stop()
    world.start_gateway()
    assert until(lambda: ask(said["url"]).own != "nobody_here", 20)
    assert ask(said["url"]).own == "no_pass"


def test_a_host_that_is_away_is_waited_for_and_named(world, lease):
    url = world.cli("open", lease, PORT).json["url"]
    world.hosts["host"].kill()
    try:
        answer = ask(origin(url), {"X-Obelisk-Pass": pass_of(url)})
        assert (answer.status, answer.own) == (503, "host_away")
    finally:
        world.start_host()
    shown = {"X-Obelisk-Pass": pass_of(url)}
    assert until(lambda: ask(origin(url), shown).status == 200, 30), "the same link once it is back"


def test_a_lease_that_is_over_is_reached_no_more(world, lease):
    url = world.cli("open", lease, PORT).json["url"]
    shown = {"X-Obelisk-Pass": pass_of(url)}
    assert ask(origin(url), shown).status == 200
    world.cli("stop", lease, "--yes")
    assert until(lambda: ask(origin(url), shown).own == "nobody_here", 30)
    assert until(lambda: world.cli("open", lease, PORT, code=None).error.get("code") == "expired")


def test_by_https_with_a_certificate_from_a_file(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    chain, key = world.state / "chain.pem", world.state / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=gw.localhost", "-addext",
         "subjectAltName=DNS:*.gw.localhost", "-keyout", str(key), "-out", str(chain)],
        check=True, capture_output=True, stdin=subprocess.DEVNULL)
    world.start_gateway(domain="gw.localhost",
                        extra=("--certificate", chain, "--certificate-key", key))
    world.start_market()
    world.start_host()
    world.wait_offer()
    lease = world.rent(seconds=600)["lease"]
    serve_folder = ("mkdir -p /workspace/www; echo -n found > /workspace/www/marker; setsid "
                    f"python3 -m http.server {PORT} --bind 127.0.0.1 -d /workspace/www "
                    ">/dev/null 2>&1 </dev/null & sleep 0.3")
    assert world.ssh(lease, serve_folder).returncode == 0
    believes = {"SSL_CERT_FILE": str(chain)}
    assert until(lambda: world.cli("open", lease, PORT, environment=believes).json["answers"], 10)
    url = world.cli("open", lease, PORT, environment=believes).json["url"]
    assert url.startswith(f"https://{PORT}-") and ".gw.localhost:" in url
    fetched = subprocess.run(
        ["curl", "-sS", "--fail", "-L", "-b", "", "--cacert", str(chain),
         url.replace("/?", "/marker?", 1)],
        text=True, capture_output=True, check=False, timeout=30, stdin=subprocess.DEVNULL)
    assert fetched.stdout == "found", fetched.stderr
    # Whoever does not know the authority is not talked to.
    assert world.cli("open", lease, PORT).json["answers"] is False


def test_where_no_gateway_serves_ports_ssh_does(make_world):
    world = make_world(start=False)
    world.start_chain()
    world.create_market()
    world.start_market()
    world.start_host()
    world.wait_offer()
    lease = world.rent(seconds=600)["lease"]
    refused = world.cli("open", lease, PORT, code=None)
    assert refused.error["code"] == "unsupported"
    assert f"ssh -N -L {PORT}:127.0.0.1:{PORT} obelisk-" in refused.error["action"]
