"""A clock of a process's own, which can be stepped while it runs: forth, back, by any seconds.

    clock = Clock(directory / "host.clock")
    world.start_host(environment=clock.environment)
    clock.step(-300)

What the process and all that it starts take for the time of day is wrong by so much from then on.
How long it waits is not: monotonic clocks are as they were, as when somebody sets a real clock. It
goes by libfaketime, so the program must not be one with sanitizers.
"""
import pathlib

LIBRARIES = "lib/*/faketime/libfaketimeMT.so.1"


class Clock:
    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.off_s = 0
        self.step(0)

    @property
    def environment(self):
        """For a process that shall go by this clock."""
        library = next(pathlib.Path("/usr").glob(LIBRARIES), None)
        if library is None:
            raise FileNotFoundError("libfaketime is not installed: apt-get install libfaketime")
        return {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def step(self, seconds):
        """By so much, from wherever it is; in force at once."""
        self.off_s += seconds
        # It is read at every look at the time: never half of it.
        beside = self.file.with_name(self.file.name + ".new")
        beside.write_text(f"{self.off_s:+d}\n")
        beside.rename(self.file)
