"""A market that somebody took over, as a host meets it: everything passes between host and market,
but what goes to the host can be added to, and what it says can be read.
"""
import base64
import json
import os
import socket
import struct
import threading
import time


def _read(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def _read_frame(connection):
    """(the frame's bytes, its opcode, its payload unmasked)"""
    head = _read(connection, 2)
    length = head[1] & 0x7f
    if length == 126:
        head += _read(connection, 2)
        length = struct.unpack(">H", head[2:4])[0]
    elif length == 127:
        head += _read(connection, 8)
        length = struct.unpack(">Q", head[2:10])[0]
    mask = b""
    if head[1] & 0x80:
        mask = _read(connection, 4)
    payload = _read(connection, length)
    plain = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return head + mask + payload, head[0] & 0x0f, plain


def _read_message(connection):
    """(its bytes, the text of it or None): a text may come in several frames, and something of the
    socket's own between them."""
    raw, text = b"", b""
    while True:
        frame, opcode, payload = _read_frame(connection)
        raw += frame
        if opcode >= 8:
            if not text:
                return raw, None
            continue
        text += payload
        if frame[0] & 0x80:
            return raw, text


def _frame(text):
    data = text.encode()
    head = b"\x81" + (bytes([len(data)]) if len(data) < 126 else
                      b"\x7e" + struct.pack(">H", len(data)) if len(data) < 65536 else
                      b"\x7f" + struct.pack(">Q", len(data)))
    return head + data


class StolenMarket:
    def __init__(self, market_url):
        address, port = market_url.removeprefix("http://").rsplit(":", 1)
        self.real = (address, int(port))
        self.asks, self.answers = [], {}  # what the market asked; what the host said, by id
        self.host = None
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def ask(self, what, seconds=15):
        """Says it to the host under an id of its own; what the host answers."""
        question = {**what, "id": os.urandom(16).hex()}
        with self.lock:
            self.host.sendall(_frame(json.dumps(question)))
        end = time.monotonic() + seconds
        while question["id"] not in self.answers:
            assert time.monotonic() < end, "the host did not answer"
            time.sleep(0.02)
        return self.answers[question["id"]]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, socket.create_connection(self.real) as market:
                first = connection.recv(65536)
                market.sendall(first)
                if not first.startswith(b"GET /v1/hosts/connect"):
                    return self._pass_on(connection, market)
                answer = b""
                while not answer.endswith(b"\r\n\r\n"):
                    answer += _read(market, 1)
                connection.sendall(answer)
                self.host = connection
                threading.Thread(target=self._listen, args=(connection, market),
                                 daemon=True).start()
                while True:
                    raw, text = _read_message(market)
                    if text and json.loads(text)["type"] == "ask":
                        self.asks.append(json.loads(text))
                    with self.lock:
                        connection.sendall(raw)
        except (ConnectionError, OSError):
            pass

    def _listen(self, connection, market):
        """The host's side; what answers a question of ours does not go on."""
        try:
            while True:
                raw, text = _read_message(connection)
                if text:
                    said = json.loads(text)
                    if said["type"] == "answer":
                        self.answers[said["id"]] = said
                market.sendall(raw)
        except (ConnectionError, OSError):
            pass

    @staticmethod
    def _pass_on(connection, market):
        def back():
            try:
                while data := market.recv(65536):
                    connection.sendall(data)
            except OSError:
                pass
        threading.Thread(target=back, daemon=True).start()
        while data := connection.recv(65536):
            market.sendall(data)


def encoded(body):
    return base64.b64encode(body).decode()
