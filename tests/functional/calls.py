"""Which verbs the functional tests ran and which endpoints they reached, as it really happened.

Every process that a test starts is seen where Python starts it; what a market answered is read from
its own counters before it ends. When the whole suite has run, what is in the API's description or
in a program's help and was never used fails the run: a test for it is missing.
"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

PROGRAMS = ("obelisk", "obelisk-market", "obelisk-watch", "obelisk-host", "obelisk-gateway")
GOOD = (0, 8)  # 8 is the right answer of a check on a machine that lacks something
FOLDER = "OBELISK_TEST_CALLS"  # names where each pytest process writes what it saw
# Solana Pay wants 200 of both operations; test_pay.py asks both, and looks at what they say.
# Both of the last answer with what the host has noted; test_hosts.py asks both.
ALIKE = {"/v1/pay/{pay}", "/v1/hosts/{host}/maintenance"}
_started = []
_routes = set()


def watch():
    """From now on every start of one of our programs is seen, and how it ended."""
    real = subprocess.Popen.__init__

    def start(self, args, *rest, **options):
        real(self, args, *rest, **options)
        words = [str(word) for word in ([args] if isinstance(args, (str, os.PathLike)) else args)]
        # Behind unshare, setpriv and the like too.
        for at, word in enumerate(words):
            if "/" in word and pathlib.Path(word).name in PROGRAMS:
                _started.append((self, words[at:]))
                break

    subprocess.Popen.__init__ = start


def note_routes(market_url):
    """What this market has answered so far, by route and status."""
    try:
        with urllib.request.urlopen(market_url + "/metrics", timeout=3) as page:
            text = page.read().decode()
    except (OSError, urllib.error.URLError):
        return  # it hangs or is gone: what it counted is lost
    pattern = r'^obelisk_http_requests_total{route="([^"]+)",status="(\d+)"} [1-9]'
    _routes.update(re.findall(pattern, text, re.MULTILINE))


def write():
    """What this process saw, for the one that sums up."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    calls = [[words, process.returncode] for process, words in _started]
    file = pathlib.Path(folder) / f"{os.getpid()}.json"
    file.write_text(json.dumps({"calls": calls, "routes": sorted(_routes)}))


def begin():
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="obelisk-calls-")


def seen():
    """(calls, routes) of every pytest process of this run."""
    calls, routes = [], set()
    for file in pathlib.Path(os.environ[FOLDER]).glob("*.json"):
        saw = json.loads(file.read_text())
        calls += saw["calls"]
        routes |= {tuple(route) for route in saw["routes"]}
    return calls, routes


def end():
    subprocess.run(["rm", "-rf", os.environ.pop(FOLDER)], check=False)


def verbs_of(program):
    """Every verb of a program as its words, from its own help; () where it does something without
    one."""
    def children(words):
        text = subprocess.run([str(program), *words, "--help"], text=True, capture_output=True,
                              check=True, stdin=subprocess.DEVNULL).stdout
        listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
        return re.findall(r"^  (\S+)", listed.group(1), re.MULTILINE) if listed else []

    def walk(words):
        below = children(words)
        if not below:
            return [words]
        return [one for name in below for one in walk((*words, name))]

    own = [()] if program.name == "obelisk-market" else []
    return own + walk(())


def verb_in(words, verbs):
    """Which of the verbs a command line is of; None where it only asked for help."""
    if "--help" in words or "--version" in words:
        return None
    found = ()
    for word in words:
        longer = (*found, word)
        if any(verb[:len(longer)] == longer for verb in verbs):
            found = longer
    return found if found in verbs else None


def missing_verbs(calls, bin_folder):
    """Those that no test ran well."""
    out = []
    for name in PROGRAMS:
        verbs = verbs_of(bin_folder / name)
        used = {verb_in(words[1:], verbs) for words, code in calls
                if code in GOOD and pathlib.Path(words[0]).name == name}
        out += [" ".join((name, *verb)) for verb in verbs if verb not in used]
    return out


def good_statuses(operation):
    return {code for code in operation["responses"] if code.startswith(("1", "2"))}


def missing_routes(routes, description):
    """Operations that answered no test well, and answers that the description does not have."""
    out = []
    for path, operations in description["paths"].items():
        got = {status for route, status in routes if route == path}
        for method, operation in operations.items():
            good = good_statuses(operation)
            others = [one for name, one in operations.items() if name != method]
            if path not in ALIKE and any(good & good_statuses(other) for other in others):
                out.append(f"{method.upper()} {path}: its statuses do not tell it from another")
            if not good & got:
                out.append(f"{method.upper()} {path}")
        known = {code for one in operations.values() for code in one["responses"]}
        out += [f"{path} answers {status}, which the description does not have"
                for status in sorted(got) if status[0] in "123" and status not in known]
    return out


def report(bin_folder, description_file):
    """Sentences on what is missing."""
    calls, routes = seen()
    description = json.loads(pathlib.Path(description_file).read_text())
    return ([f"No functional test ran `{verb}` to a good end." for verb in
             missing_verbs(calls, bin_folder)] +
            [f"No functional test had a good answer from {route}." if " answers " not in route
             else route + "." for route in missing_routes(routes, description)])
