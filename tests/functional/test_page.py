"""The market serves the page: its files, its policy, and nothing in the place of the API."""
import gzip
import re
import urllib.error
import urllib.request

import pytest
from conftest import until


def fetch(world, path, headers=None):
    request = urllib.request.Request(world.endpoints["market"] + path, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


@pytest.mark.parametrize("path", ["/", "/rent/o-1", "/leases", "/market", "/docs", "/program"])
def test_every_address_of_the_page_is_the_page(world, path):
    status, headers, body = fetch(world, path)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert b'<div id="page">' in body
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_its_files_are_here_compressed_and_kept(world):
    _, _, body = fetch(world, "/")
    names = re.findall(r'(?:src|href)="(/[^"]+)"', body.decode())
    assert any(name.endswith(".js") for name in names), names
    for name in names:
        status, headers, plain = fetch(world, name)
        assert status == 200 and plain, name
        if name.startswith("/assets/"):
            assert "immutable" in headers["Cache-Control"]
        status, headers, small = fetch(world, name, {"Accept-Encoding": "gzip"})
        if headers["Content-Encoding"] == "gzip":
            assert gzip.decompress(small) == plain and len(small) < len(plain)
        status, _, nothing = fetch(world, name, {"If-None-Match": headers["ETag"]})
        assert status == 304 and not nothing


def test_the_terminal_alone_may_speak_to_gateways(world):
    _, headers, _ = fetch(world, "/terminal.html")
    domain = world.webs["gateway"].split("//")[1]
    assert f"ws://*.{domain}" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def test_the_api_answers_for_what_is_no_page(world):
    for path in ("/v1/nothing", "/assets/gone.js", "/wp-login.php"):
        status, headers, _ = fetch(world, path)
        assert status == 404 and headers["Content-Type"] == "application/problem+json", path
    status, headers, body = fetch(world, "/nowhere", {"Accept": "text/html"})
    assert status == 404 and b'<div id="page">' in body
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_market_says_who_may_replace_the_program(world):
    said = until(lambda: (now := world.get("/v1/market")).get("program_final") is not None and now)
    assert said["program_final"] is False
    assert said["program_authority"] == world.addresses["operator"], "who deployed it here"
