"""Names and codes of docs/contract.md that no other test holds the programs to."""
import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import BIN, ROOT


@pytest.mark.parametrize("name", ["obelisk", "obelisk-market", "obelisk-watch",
                                  "obelisk-host", "sbpf-ld"])
def test_every_program_says_its_version_and_helps(name):
    version = subprocess.run([BIN / name, "--version"], text=True, capture_output=True, check=True)
    assert "0.1.0" in version.stdout
    helped = subprocess.run([BIN / name, "--help"], text=True, capture_output=True, check=True)
    assert "xample" in helped.stdout or name == "sbpf-ld", helped.stdout


def test_files_are_where_they_were_promised():
    assert (ROOT / "build/program/obelisk.so").read_bytes()[:4] == b"\x7fELF"
    idl = json.loads((ROOT / "build/program/idl.json").read_text())
    names = {node["name"] for node in idl["program"]["instructions"]}
    assert {"open", "ready", "cancel", "extend", "claim", "stop", "finish"} <= names


def test_the_table_of_errors_is_the_programs_own():
    code = re.findall(r'Row{Code::\w+, "(\w+)", (\d+), (\d+)}',
                      (ROOT / "src/base/error.cpp").read_text())
    page = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|", (ROOT / "docs/api.md").read_text(),
                      re.MULTILINE)
    assert len(code) > 15
    assert [(name, status, exit_code) for name, exit_code, status in code] == page


def test_wrong_words_are_usage(world):
    for words in (["nonsense"], ["rent"], ["stop"]):
        done = world.cli(*words, code=2)
        assert done.error["code"] == "usage", done
        assert done.error["charged_lamports"] == "0"


def test_pages_of_the_market(world):
    for path in ("/v1/cards", "/v1/offers", "/v1/outcomes", "/v1/history?card=cpu", "/v1/market",
                 "/openapi.json"):
        assert isinstance(world.get(path), dict), path
    for path in ("/healthz", "/readyz", "/metrics"):
        with urllib.request.urlopen(world.endpoints["market"] + path, timeout=10) as answer:
            assert answer.status == 200 and answer.read(), path


@pytest.mark.parametrize("path,status", [("/v1/nothing", 404), ("/v1/leases/x", 422),
                                         ("/v1/quotes/" + "0" * 64, 404)])
def test_problems_are_rfc_9457(world, path, status):
    with pytest.raises(urllib.error.HTTPError) as caught:
        world.get(path)
    error = caught.value
    assert error.code in (status, 404), error.code
    assert error.headers["Content-Type"] == "application/problem+json"
    body = json.load(error)
    assert {"type", "title", "status", "detail", "code", "action", "charged_lamports"} <= set(body)
    assert body["status"] == error.code and body["charged_lamports"] == "0"


def test_the_command_line_says_the_same_code_as_the_api(world):
    lease = world.addresses["renter"]  # an address, and no lease
    done = world.cli("show", lease, code=5)
    assert done.error["code"] == "not_found"
