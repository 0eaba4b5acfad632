#!/usr/bin/python3
"""The whole product on this machine and one real rental, once everything is built: ./run."""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stack import BIN, ROOT, Stack, StackError  # noqa: E402

STARTED = time.monotonic()
DEFAULT_COMMAND = "lscpu | sed -n '1,9p'; df -h / /workspace"
GPU_COMMAND = "nvidia-smi; df -h / /workspace"


class Interrupted(Exception):
    """SIGINT or SIGTERM: clean up and go."""


def usage_error(message):
    print(json.dumps({"error": {"code": "usage", "message": message, "action": "See ./run --help.",
                                "charged_lamports": "0"}}))
    sys.exit(2)


def parse():
    parser = argparse.ArgumentParser(
        prog="./run", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Starts a local network, the market and a host, and rents a machine for real.",
        epilog="Examples:\n  ./run\n  ./run --once --json --seconds 600 --exec 'uname -a'\n"
               "  ./run --state .state-two --demo-hosts 3\n\n"
               "The local network's SOL is worth nothing. Ctrl-C leaves nothing but --state.")
    parser.add_argument("--once", action="store_true", help="end after the rental")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--state", metavar="DIR", default=".state", help="where everything is kept")
    parser.add_argument("--exec", metavar="CMD", help="what to run in the lease")
    parser.add_argument("--seconds", type=int, default=3600, metavar="N", help="time to buy")
    parser.add_argument("--hold", type=int, default=3, metavar="N",
                        help="seconds before it stops (default 3)")
    parser.add_argument("--demo-hosts", type=int, default=0, metavar="N",
                        help="that many more hosts with simulated cards")
    if "--json" in sys.argv:
        parser.error = usage_error
    options = parser.parse_args()
    if not 60 <= options.seconds <= 31_536_000:
        parser.error("--seconds must be from 60 to 31536000")
    if not 0 <= options.hold <= options.seconds:
        parser.error("--hold must be from 0 to --seconds")
    if not 0 <= options.demo_hosts <= 20:
        parser.error("--demo-hosts must be from 0 to 20")
    return options


class Voice:
    """Lines for a person, with the seconds since the start; nothing on stdout but results."""

    def __init__(self, quiet):
        self.quiet = quiet

    def step(self, words):
        if not self.quiet:
            print(f"{time.monotonic() - STARTED:6.1f} s  {words}", flush=True)

    def line(self, words=""):
        if not self.quiet:
            print(words, flush=True)


class Client:
    """The ordinary command line, as any renter has it."""

    def __init__(self, stack, wallet="renter"):
        self.stack, self.wallet = stack, wallet

    def __call__(self, *words, code=0):
        done = subprocess.run(
            [str(BIN / "obelisk"), *map(str, words), "--json"], text=True, capture_output=True,
            check=False, stdin=subprocess.DEVNULL,
            env=self.stack.client_environment(self.wallet), timeout=300)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        answer = json.loads(lines[-1]) if lines else {}
        if done.returncode != code:
            error = answer.get("error", {})
            raise StackError(error.get("message") or done.stderr.strip() or
                             f"obelisk {words[0]} ended with {done.returncode}",
                             error.get("action", ""), done.returncode,
                             error.get("code", "internal"), error.get("charged_lamports", "0"))
        return answer

    def ssh(self, lease, command):
        done = subprocess.run([str(BIN / "obelisk"), "ssh", lease, "--", command],
                              text=True, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL, env=self.stack.client_environment(),
                              timeout=300)
        if done.returncode != 0:
            raise StackError(f"The command ended with {done.returncode} in the lease.\n"
                             f"{done.stderr.strip()}", "Give --exec a command that ends with 0.", 1,
                             "command_failed")
        return done.stdout


def ssh_key(stack):
    key = stack.state / "keys" / "renter_ssh"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "renter", "-f",
                        str(key)], check=True, stdin=subprocess.DEVNULL)
    return f"{key}.pub"


def write_endpoints(stack):
    """DIR/endpoints.json, as docs/contract.md lists it."""
    data = {"rpc": stack.endpoints["rpc"], "ws": stack.endpoints["ws"],
            "market": stack.endpoints["market"], "gateway": stack.endpoints["gateway"],
            "program": stack.addresses["program"],
            "market_account": stack.market_info["market"],
            "operator": stack.addresses["operator"], "treasury": stack.addresses["treasury"],
            "attestor": stack.addresses["attestor"], "host": stack.addresses["host"],
            "renter_keypair": str(stack.key("renter")), "pids": stack.pids()}
    path = stack.state / "endpoints.json"
    temporary = path.with_suffix(".new")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as out:
        json.dump(data, out, indent=2)
        out.write("\n")
    temporary.rename(path)


def start(stack, options, voice):
    stack.start_chain()
    voice.step(f"local network at {stack.endpoints['rpc']}")
    voice.step(f"program {stack.addresses['program']}, {stack.deployed['bytes']} bytes, "
               f"{stack.deployed['action']}")
    stack.create_market()
    stack.start_gateway()
    voice.step(f"gateway at {stack.endpoints['gateway'].split('#')[0]}")
    stack.start_market()
    voice.step(f"market at {stack.endpoints['market']}")
    stack.start_host()
    for number in range(1, options.demo_hosts + 1):
        stack.start_demo_host(number)
    if options.demo_hosts:
        voice.step(f"{options.demo_hosts} more hosts, their cards simulated")
    write_endpoints(stack)


def sol(lamports):
    text = f"{int(lamports) / 1e9:.9f}".rstrip("0").rstrip(".")
    return f"{text} SOL"


def rent(stack, client, options, voice):
    """One rental from the first look to the receipt; returns the contract's last line."""
    offer = stack.wait_offer()
    real = [item for item in stack.get("/v1/offers")["offers"] if not item["simulated"]]
    offer = real[0] if real else offer
    card = offer["card"]
    voice.step(f"host {stack.addresses['host'][:8]} offers {offer['count']} x {offer['card_name']}")
    rented = client("rent", card, "--seconds", options.seconds, "--disk", "4GB", "--ssh-key",
                    ssh_key(stack), "--yes")
    voice.step(f"paid {sol(rented['quoted_lamports'])} at most, the money lies in "
               f"{rented['lease'][:8]}")
    voice.step(f"{rented['confirmed_to_ssh_ms'] / 1000:.1f} s from the confirmed payment. "
               "You are in.")
    default = DEFAULT_COMMAND if card == "cpu" else GPU_COMMAND
    try:
        output = client.ssh(rented["lease"], options.exec or default)
        voice.line()
        voice.line("\n".join("    " + line for line in output.splitlines()))
        voice.line()
        if options.hold:
            voice.step(f"holding for {options.hold} s")
            time.sleep(options.hold)
    except (StackError, Interrupted) as problem:
        # What is paid is stopped whatever happened, and the error says what it came to.
        stopped = client("stop", rented["lease"], "--yes")
        if isinstance(problem, StackError):
            problem.charged_lamports = str(int(stopped["host_lamports"])
                                           + int(stopped["fee_lamports"]))
        raise
    stopped = client("stop", rented["lease"], "--yes")
    voice.step(f"stopped after {stopped['used_s']} s: the unused part is back in the same "
               "transaction")
    receipt = client("receipt", rented["lease"])
    return {
        "lease": rented["lease"], "card": card, "program": receipt["program"],
        "elf_sha256": stack.deployed["elf_sha256"], "host_wallet": receipt["host_wallet"],
        **{name: receipt[name] for name in (
            "quoted_lamports", "paid_lamports", "host_lamports", "fee_lamports",
            "refunded_lamports", "rent_lamports", "network_fees_lamports", "signatures",
            "started_at", "stopped_at")},
        "quoted_lamports": rented["quoted_lamports"],
        **{name: rented[name] for name in ("quote_ms", "sent_to_confirmed_ms",
                                           "confirmed_to_ssh_ms", "sent_to_ssh_ms")},
        "stop_ms": stopped["stop_ms"], "ssh_output": output}


def tell_receipt(result, voice):
    rows = (("quoted, at most", "quoted_lamports"), ("paid for the time bought", "paid_lamports"),
            ("  earned by the host", "host_lamports"), ("  the market's fee", "fee_lamports"),
            ("  back to you", "refunded_lamports"), ("account rent, back", "rent_lamports"),
            ("network fees", "network_fees_lamports"))
    voice.line()
    voice.line("Receipt")
    for words, name in rows:
        whole, fraction = f"{int(result[name]) / 1e9:.9f}".split(".")
        voice.line(f"  {words:<26}{whole:>4}.{fraction} SOL")
    for name, signature in result["signatures"].items():
        voice.line(f"  {name:<7}{signature}")
    voice.line()
    voice.line("Time line")
    for words, name in (("quote", "quote_ms"),
                        ("payment sent to confirmed", "sent_to_confirmed_ms"),
                        ("confirmed to your shell", "confirmed_to_ssh_ms"), ("stop", "stop_ms")):
        voice.line(f"  {words:<26}{result[name]:>7} ms")
    voice.line()


def stay(stack, voice):
    shown = os.path.relpath(stack.state, os.getcwd())
    shown = shown if not shown.startswith("..") else str(stack.state)
    voice.line(f"It stays up. In a browser: {stack.endpoints['market']}\n"
               f"In another terminal:\n"
               f"  . {shown}/env\n"
               f"  obelisk cards\n"
               f"  obelisk rent cpu --minutes 10 --ssh-key {shown}/keys/renter_ssh.pub\n"
               f"  obelisk ls\n"
               f"Ctrl-C ends everything; only {shown} stays.")
    while True:
        for process in (stack.localnet, stack.watch, stack.market, *stack.hosts.values()):
            if not process.running():
                raise StackError(f"{process.name} ended by itself.\n{process.tail()}",
                                 f"The whole log: {process.log}")
        time.sleep(0.5)


def write_env(stack):
    """What a shell needs to act as the demo renter."""
    environment = stack.client_environment()
    names = [name for name in environment if name.startswith("OBELISK_") and name != "OBELISK_NODE"]
    lines = [f"export {name}='{environment[name]}'" for name in sorted(names)]
    lines.append(f'export PATH="{BIN}:$PATH"')
    (stack.state / "env").write_text("\n".join(lines) + "\n", encoding="utf-8")


def lock_state(state):
    """Two runs may live side by side, but not in one state."""
    state.mkdir(parents=True, exist_ok=True)
    path = state / "run.pid"
    try:
        pid = int(path.read_text())
        if re.search(r"run\.py", pathlib.Path(f"/proc/{pid}/cmdline").read_text()):
            raise StackError(f"Another ./run (pid {pid}) uses {state}.",
                             "Stop it, or give --state another directory.", 8, "conflict")
    except (OSError, ValueError):
        pass
    path.write_text(f"{os.getpid()}\n", encoding="utf-8")


def interrupt(*_):
    raise Interrupted


def main():
    options = parse()
    voice = Voice(options.json)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    stack = Stack(ROOT / options.state)
    code, result, error = 0, None, None
    try:
        if os.geteuid() != 0:
            raise StackError("Leases need root: they get a disk, a network and a user range of "
                             "their own.", "Run it again with sudo.", 8, "missing_dependency")
        lock_state(stack.state)
    except StackError as problem:
        say_error(problem, options.json)
        return problem.code
    try:
        start(stack, options, voice)
        write_env(stack)
        result = rent(stack, Client(stack), options, voice)
        tell_receipt(result, voice)
        if not options.once:
            if options.json:
                print(json.dumps(result), flush=True)
                result = None
            stay(stack, voice)
    except Interrupted:
        voice.line()
        voice.step("stopping")
    except StackError as problem:
        code, error = problem.code, problem
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stack.stop()
        for name in ("endpoints.json", "run.pid"):
            (stack.state / name).unlink(missing_ok=True)
    if error is not None:
        say_error(error, options.json)
    elif result is not None and options.json:
        print(json.dumps(result), flush=True)
    elif code == 0:
        voice.step("nothing is left running")
    return code


def say_error(error, as_json):
    if as_json:
        print(json.dumps({"error": {"code": error.name, "message": str(error),
                                    "action": error.action,
                                    "charged_lamports": error.charged_lamports}}))
        return
    charged = int(error.charged_lamports)
    words = sol(charged) if charged else "0"
    print(f"{error}\n{error.action}\nCharged: {words}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
