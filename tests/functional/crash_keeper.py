"""A program with a crash point, and the ordinary one in its place once that was reached."""
import signal
import threading

from conftest import ROOT
from stack import StackError

CRASH = ROOT / "build/crash"


def read_log(path):
    """The names of the operations, in the order in which they were done."""
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(" ", 1)[1] for line in lines]
    assert [line.split(" ", 1)[0] for line in lines] == [str(n + 1) for n in range(len(names))]
    return names


class Keeper(threading.Thread):
    """Starts a program with a crash point; once that was reached, the ordinary one, at once, or,
    where it `waits`, as soon as that is set."""

    def __init__(self, world, start, at, waits=None):
        super().__init__(daemon=True)
        self.world, self.begin, self.at = world, start, at
        self.log = world.state / "crash.log"
        self.log.unlink(missing_ok=True)
        self.process = self.died = self.problem = None
        self.waits = waits or threading.Event()
        if waits is None:
            self.waits.set()
        self.over = threading.Event()

    def bring_up(self):
        try:
            self.process = self.begin(folder=CRASH, environment={
                "OBELISK_CRASH_AT": self.at, "OBELISK_CRASH_LOG": str(self.log)})
        except StackError as error:
            if "crash point" not in str(error):
                raise
            self.revive()
        else:
            self.start()

    def revive(self):
        self.died = read_log(self.log)[-1]
        assert self.waits.wait(60)
        self.process = self.begin()

    def run(self):
        while not self.over.wait(0.01):
            if self.process.running():
                continue
            try:
                code = self.process.child.returncode
                assert code == -signal.SIGABRT, f"{code}: {self.process.tail()}"
                self.revive()
            except (AssertionError, StackError, OSError) as problem:
                self.problem = problem
            return

    def end(self):
        self.over.set()
        if self.is_alive():
            self.join()
        if self.problem:
            raise self.problem
