"""What a person sees who types: a real terminal, read and written as one."""
import re

import chain
from conftest import BIN, until
from terminals import Terminal


def rent_command(world, *more):
    return [str(BIN / "obelisk"), "rent", "cpu", "--minutes", "10", "--disk", "2GB", "--ssh-key",
            world.ssh_key(), *more]


def test_rent_on_a_terminal_asks_waits_and_is_the_login(world):
    terminal = Terminal(rent_command(world), world.client_environment())
    shown = terminal.read_until(r"Pay at most .*\[y/N\]")
    assert "SOL" in shown and "destroyed" in shown
    terminal.type("y\n")
    terminal.read_until(r"You are in\.")
    terminal.read_until(r"[#$] $")
    terminal.type("echo $((40+2)) from $(id -un)\n")
    terminal.read_until(r"\r42 from root\r")
    terminal.type("exit 3\n")
    assert terminal.end() == 3, "ssh's own exit code"
    assert "of 60" in terminal.seen, "the dial was drawn"
    assert "lastlog" not in terminal.seen and "No such file" not in terminal.seen
    (lease,) = set(re.findall(r"Lease (\w{32,44})", terminal.seen))
    assert world.account(lease), "leaving the shell does not stop the lease"
    world.cli("stop", lease, "--yes")
    until(lambda: world.account(lease) is None)


def test_open_terminals_are_told_of_the_end(world):
    lease = world.rent(seconds=900)["lease"]
    started = chain.seconds(world.lease(lease)["started_at"])
    read = until(lambda: world.ssh(lease, "cat /lease/ends_at 2>/dev/null").stdout.strip())
    assert chain.seconds(read) == started + 900
    terminal = Terminal([str(BIN / "obelisk"), "ssh", lease], world.client_environment())
    terminal.read_until(r"[#$] $")
    terminal.type("echo $((40+2)) ready\n")
    terminal.read_until(r"42 ready\r")
    assert "OBELISK:" not in terminal.seen
    world.warp(started + 900 - world.chain_time() - 115)
    told = terminal.read_until(r"obelisk extend \w+ --for 1h")
    assert re.search(rf"destroyed in 1[01]\d s, at {read}\. .*extend {lease} --for", told), told
    assert told.count("OBELISK:") == 1, "of two that were due the last"
    world.cli("extend", lease, "--minutes", 30, "--yes")
    until(lambda: chain.seconds(world.ssh(lease, "cat /lease/ends_at").stdout.strip())
          == started + 900 + 1800)
    assert terminal.seen.count("OBELISK:") == 1
    terminal.type("exit\n")
    terminal.end()
    world.cli("stop", lease, "--yes")


def test_no_ssh_ends_once_the_login_works(world):
    world.release_quotes()
    terminal = Terminal(rent_command(world, "--yes", "--no-ssh"), world.client_environment())
    terminal.read_until(r"obelisk stop \w+")
    assert terminal.end() == 0
    (lease,) = set(re.findall(r"Lease (\w{32,44})", terminal.seen))
    world.cli("stop", lease, "--yes")


def test_no_is_no(world):
    world.release_quotes()
    before = world.balances("renter")
    terminal = Terminal(rent_command(world), world.client_environment())
    terminal.read_until(r"\[y/N\]")
    terminal.type("n\n")
    assert terminal.end() == 3
    assert world.balances("renter") == before
