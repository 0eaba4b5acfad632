"""What this machine still has of leases: slots, and networks that belong to none."""
import os
import pathlib

SLOTS = pathlib.Path("/run/obelisk/slots")
NOWHERE = pathlib.Path("/nowhere")


def holder_of(number):
    """The lease's folder that holds a slot of this machine; a file without one frees its slot."""
    try:
        folder = pathlib.Path((SLOTS / number).read_text().strip())
    except OSError:
        folder = NOWHERE
    return folder if (folder / "record.json").exists() else NOWHERE


def stray_networks():
    """Those of ours, by their number, that belong to no lease at all."""
    names = [name for folder in ("/run/netns", "/sys/class/net") if os.path.isdir(folder)
             for name in os.listdir(folder)]
    numbers = {name.removeprefix("obelisk") for name in names if name.startswith("obelisk")}
    return {number for number in numbers if number.isdigit() and holder_of(number) == NOWHERE}
