"""`obelisk exec -t` through the whole stack: a terminal in a lease by its gateway's web door, which
outlives the gateway itself.
"""
import re
import subprocess

import pytest
from conftest import BIN
from terminals import Terminal

PROMPT = r"[#$] (\x1b\[[0-9;?]*[a-zA-Z])*$"


@pytest.fixture(name="lease", scope="module")
def fixture_lease(world):
    return world.rent(seconds=3600)["lease"]


def sit(world, *words, wallet="renter"):
    environment = {**world.client_environment(wallet), "LC_ALL": "C.UTF-8"}
    return Terminal([str(BIN / "obelisk"), "exec", "-t", *words], environment)


def ask(terminal, line, answer):
    """Types it; what comes after the echo is the answer."""
    terminal.seen = ""
    terminal.type(line + "\r")
    return terminal.read_until(answer)


def test_a_login_shell_from_its_first_prompt_to_its_exit_code(world, lease):
    terminal = sit(world, lease)
    terminal.read_until(PROMPT)
    ask(terminal, "echo $((40+2)) from $(id -un) in $PWD", r"42 from root in /workspace\r")
    ask(terminal, "stty size; tty; echo $TERM", r"\d+ \d+\r\n/dev/pts/\d+\r\nxterm\r")
    ask(terminal, "sh -c 'echo go-$$; exec sleep 600'", r"go-\d+\r")
    terminal.type("\x03")
    terminal.read_until(PROMPT)
    terminal.type("exit 7\r")
    assert terminal.end() == 7


def test_a_command_with_its_own_words_and_code(world, lease):
    terminal = sit(world, lease, "--", "sh", "-c", "echo \"$1\" ; exit 3", "sh", "two  words ä")
    terminal.read_until("two  words ä\r")
    assert terminal.end() == 3
    missing = sit(world, lease, "--", "/no/such/program")
    missing.read_until("There is no program /no/such/program")
    assert missing.end() == 5


def test_it_outlives_its_gateway_and_misses_nothing(world, lease):
    terminal = sit(world, lease)
    terminal.read_until(PROMPT)
    ask(terminal, "mark=$((6*7))", PROMPT)
    ask(terminal, "(sleep 8; echo; seq 1 2000; echo done-$mark) &", PROMPT)
    terminal.seen = ""
    world.gateways["gateway"].kill()
    terminal.read_until("The connection is lost; trying again")
    world.start_gateway()
    seen = terminal.read_until(r"done-42\r", 90)
    drawn = seen.rpartition("\x1b8")[2]  # after the line about the connection
    counted = [int(word) for word in re.findall(r"^(\d+)\r$", drawn, re.MULTILINE)]
    assert counted == list(range(1, 2001)), "nothing is missing, nothing twice"
    ask(terminal, "echo mark-$mark", "mark-42\r")
    terminal.type("exit\r")
    assert terminal.end() == 0


def test_who_leaves_can_come_back(world, lease):
    first = sit(world, lease)
    first.read_until(PROMPT)
    ask(first, "cd /tmp; stay=$((20+3))", PROMPT)
    first.type("\r~.")
    seen = first.read_until(r"--session [0-9a-f]{16}")
    assert first.end() == 0
    session = re.search(r"--session ([0-9a-f]{16})", seen).group(1)
    second = sit(world, lease, "--session", session)
    second.read_until("stay=")  # the screen is drawn anew
    ask(second, "echo $PWD-$stay", "/tmp-23\r")
    third = sit(world, lease, "--session", session)
    second.read_until("taken over")
    assert second.end() != 0
    third.read_until("/tmp-23\r")
    third.type("exit 4\r")
    assert third.end() == 4
    gone = sit(world, lease, "--session", session)
    assert gone.end() == 4, "how it ended is still known"


def test_only_the_renter_gets_one(world, lease):
    world.new_wallet("stranger")
    stranger = sit(world, lease, wallet="stranger")
    stranger.read_until("Charged: 0")
    assert stranger.end() != 0
    assert not re.search(PROMPT, stranger.seen)


def test_it_is_for_people(world, lease):
    def said(*words):
        return subprocess.run([str(BIN / "obelisk"), *words], capture_output=True, text=True,
                              env=world.client_environment(), stdin=subprocess.DEVNULL, timeout=60)

    piped = said("exec", "-t", lease)
    assert piped.returncode == 2 and "Leave out -t" in piped.stderr
    refused = said("exec", "-t", lease, "--json")
    assert refused.returncode == 2 and '"usage"' in refused.stdout
    assert said("exec", lease, "--session", "0" * 16, "--", "true").returncode == 2


def test_it_ends_with_its_lease(world, lease):
    terminal = sit(world, lease)
    terminal.read_until(PROMPT)
    world.cli("stop", lease, "--yes")
    terminal.read_until("lease has ended|ended")
    assert terminal.end(60) != 0
