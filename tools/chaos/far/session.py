"""An ssh session that somebody has open all the time: numbers go in, the same come out."""
import subprocess
import threading
import time

EVERY_S = 0.5


class Session:
    """Sends a number twice a second through `cat` in the lease, and reads what comes back."""

    def __init__(self, words):
        self.child = subprocess.Popen([str(word) for word in words], text=True, bufsize=1,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL)
        self.sent = self.echoed = 0
        self.is_wrong = False  # something came that was not the next number
        self.silence_s = 0.0  # the longest between two that came, while somebody waited
        self._heard_at = time.monotonic()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True)
                         for work in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def _write(self):
        while not self._over.wait(EVERY_S):
            try:
                self.child.stdin.write(f"{self.sent + 1}\n")
                self.sent += 1
            except (OSError, ValueError):
                return

    def _read(self):
        for line in self.child.stdout:
            now = time.monotonic()
            self.silence_s = max(self.silence_s, now - self._heard_at)
            self._heard_at = now
            self.is_wrong = self.is_wrong or line != f"{self.echoed + 1}\n"
            self.echoed += 1

    def begins(self, seconds=20):
        """Waits until it echoes; its silences count from then on."""
        works = self.echoes(seconds)
        self.silence_s = 0.0
        return works

    def echoes(self, seconds):
        """Whether a number that is sent from now on comes back in time."""
        mark, until = self.sent + 1, time.monotonic() + seconds
        while self.echoed < mark and time.monotonic() < until and self.child.poll() is None:
            time.sleep(0.02)
        return self.echoed >= mark

    def verdict(self, seconds):
        """What became of it: "lived", "ended", "silent", or "garbled", which must never be."""
        lives = self.echoes(seconds)
        if self.is_wrong:
            return "garbled"
        if lives:
            return "lived"
        return "silent" if self.child.poll() is None else "ended"

    def close(self):
        self._over.set()
        self.child.kill()
        self.child.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.child.stdin, self.child.stdout):
            try:
                pipe.close()
            except OSError:
                pass  # what was written last can go nowhere any more
