"""A real terminal, read and written as a person does. For the tests of what people type."""
import os
import pty
import re
import select
import subprocess
import time


class Terminal:
    """A program on a pseudo-terminal of 80 columns, and what it has written there so far."""

    def __init__(self, command, environment):
        self.seen = ""
        self.fd, inner = pty.openpty()
        self.process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner,
                                        env={**environment, "TERM": "xterm", "COLUMNS": "80"},
                                        start_new_session=True, close_fds=True)
        os.close(inner)

    def read_until(self, pattern, seconds=60):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.seen):
            assert time.monotonic() < end, f"no {pattern!r} in {self.seen!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:  # the other end is closed
                    assert re.search(pattern, self.seen), f"no {pattern!r} in {self.seen!r}"
        return self.seen

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=20):
        try:
            return self.process.wait(seconds)
        finally:
            self.process.kill()
            os.close(self.fd)
