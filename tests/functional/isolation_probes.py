"""What somebody who means harm tries from inside a lease, each bounded: run in there as root.

`python3 isolation_probes.py '{"name": [arguments]}'` prints one line a probe: {name, went, text}.
`went` says whether the attempt came through; the text is the same on every run. Where a probe
would change a machine, it writes what was there before, or stops short of the change.
"""
import ctypes
import errno
import glob
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUSER, NEWNET = 0x20000, 0x10000000, 0x40000000
SYS = {"add_key": 248, "bpf": 321, "init_module": 175, "open_by_handle_at": 304,
       "name_to_handle_at": 303, "perf_event_open": 298, "syslog": 103, "adjtimex": 159,
       "swapon": 167}
MIB = 1 << 20
ALLOCATED_MIB, FORKED, WRITTEN_GIB = 200, 300, 3


class Refused(Exception):
    pass


def name_of(number):
    return errno.errorcode.get(number, str(number))


def call(function, *arguments, through=()):
    """A call of the C library; errors in `through` mean that nobody forbade it."""
    ctypes.set_errno(0)
    got = function(*arguments)
    number = ctypes.get_errno()
    if got < 0 and number not in through:
        raise Refused(name_of(number))
    return got


def system(name, *arguments, through=()):
    return call(LIBC.syscall, SYS[name], *arguments, through=through)


# --- more than its share ---

def memory_bomb():
    """In a child, which is what the kernel kills."""
    child = os.fork()
    if child == 0:
        block = bytearray(ALLOCATED_MIB * MIB)
        for at in range(0, len(block), 4096):
            block[at] = 1
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        raise Refused("killed by the kernel; the lease lives on")
    return f"took {ALLOCATED_MIB} MiB"


def fork_bomb():
    children = []
    try:
        for _ in range(FORKED):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError as problem:
        raise Refused(name_of(problem.errno)) from None
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return f"had {FORKED} processes"


def disk_bomb():
    """Room is taken, nothing is written."""
    path = "/workspace/bomb"
    with open(path, "wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, WRITTEN_GIB << 30)
        finally:
            os.unlink(path)
    return f"took {WRITTEN_GIB} GiB"


# --- the kernel and its devices ---

def mount_something():
    os.makedirs("/tmp/mounted", exist_ok=True)
    call(LIBC.mount, b"none", b"/tmp/mounted", b"tmpfs", 0, None)
    return "mounted a file system"


def make_device():
    path = "/opt/disk"
    if os.path.exists(path):
        os.unlink(path)
    os.mknod(path, 0o60600, os.makedev(7, 0))
    os.unlink(path)
    return "made a disk's device node"


def open_device(path):
    """A node that the test laid there."""
    os.close(os.open(path, os.O_RDONLY))
    return "opened it"


def write_setting(path):
    with open(path, encoding="ascii") as file:
        now = file.read()
    with open(path, "w", encoding="ascii") as file:
        file.write(now)
    return "wrote it"


def read_kernel_log():
    buffer = ctypes.create_string_buffer(64)
    system("syslog", 3, buffer, 64)
    return "read it"


def load_module():
    system("init_module", b"not a module", 12, b"", through=(errno.ENOEXEC, errno.ENOSYS))
    return "reached the loader"


def set_clock():
    """ADJ_TICK with the tick that is set now."""
    timex = ctypes.create_string_buffer(512)
    system("adjtimex", timex)
    struct.pack_into("I", timex, 0, 0x4000)
    system("adjtimex", timex)
    return "set its rate, to what it was"


def swap_on():
    system("swapon", b"/nowhere", 0, through=(errno.ENOENT,))
    return "reached the swap"


def load_bpf():
    attributes = struct.pack("IIII", 2, 4, 4, 1) + bytes(112)  # an array of one element
    system("bpf", 0, attributes, len(attributes))
    return "made a map"


def watch_performance():
    attributes = bytearray(128)
    struct.pack_into("IIQ", attributes, 0, 1, 128, 0)  # the software clock of the whole processor
    system("perf_event_open", bytes(attributes), -1, 0, -1, 0)
    return "watches the whole processor"


def open_by_handle():
    """How containers were broken out of with CAP_DAC_READ_SEARCH."""
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136)
    mount_id = ctypes.c_int()
    system("name_to_handle_at", -100, b"/workspace", handle, ctypes.byref(mount_id), 0)
    where = os.open("/workspace", os.O_RDONLY)
    system("open_by_handle_at", where, handle, os.O_RDONLY)
    return "opened a file by its number"


def use_keyring():
    system("add_key", b"user", b"obelisk-probe", b"x", 1, -1)  # of this thread: gone with it
    return "kept a key in the kernel"


def nested_user_namespace():
    """And a mount inside, which needs one."""
    call(LIBC.unshare, NEWUSER | NEWNS)
    os.makedirs("/tmp/nested", exist_ok=True)
    call(LIBC.mount, b"none", b"/tmp/nested", b"tmpfs", 0, None)
    return "was root of its own, and mounted a file system"


def network_namespace():
    call(LIBC.unshare, NEWNET)
    return "made a network"


def setuid_program():
    """What a program of root's, started by somebody else, may do."""
    shutil.copy("/usr/bin/id", "/var/tmp/id")
    os.chmod("/var/tmp/id", 0o4755)
    done = subprocess.run(["/var/tmp/id", "-u"], user=1000, group=1000, text=True, check=True,
                          capture_output=True)
    os.unlink("/var/tmp/id")
    if done.stdout.strip() != "0":
        raise Refused("the caller stays who he was")
    return "the caller became root"


# --- looking around ---

def see_processes(pid):
    if not os.path.exists(f"/proc/{pid}"):
        raise Refused("not to be seen")
    return "saw them"


def trace_process(pid):
    call(LIBC.ptrace, 16, pid, None, None)  # PTRACE_ATTACH
    os.waitpid(pid, 0)
    call(LIBC.ptrace, 17, pid, None, None)
    return "traced one"


def read_folder(path):
    names = os.listdir(path)
    if not names:
        raise Refused("empty")
    return "read it"


def read_file(path):
    """The first of the files that match."""
    with open(sorted(glob.glob(path))[0] if glob.glob(path) else path, "rb") as file:
        if not file.read(64):
            raise Refused("empty")
    return "read it"


def read_cgroup():
    with open("/proc/self/cgroup", encoding="ascii") as file:
        if "obelisk" not in file.read():
            raise Refused("tells nothing")
    return "read this host's name"


def write_file(path):
    with open(path, "a", encoding="ascii"):
        return "opened it for writing"


# --- the network ---

def connect(address, port):
    try:
        socket.create_connection((address, port), 1.5).close()
    except TimeoutError:
        raise Refused("no answer") from None
    return "connected"


def raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return "opened one"


def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    return "opened one"


def begin(name, function, arguments):
    """In a process of its own: some end in namespaces of their own. What it will say is read from
    what comes back."""
    child_out, child_in = os.pipe()
    if os.fork() == 0:
        try:
            said = {"went": True, "text": globals()[function](*arguments)}
        except Refused as refused:
            said = {"went": False, "text": str(refused)}
        except OSError as problem:
            said = {"went": False, "text": name_of(problem.errno)}
        os.write(child_in, json.dumps({"name": name, **said}).encode() + b"\n")
        os._exit(0)
    os.close(child_in)
    return name, os.fdopen(child_out)


def end(name, answer):
    with answer:
        said = answer.read().strip()
    print(said or json.dumps({"name": name, "went": False, "text": "the probe died"}), flush=True)
    os.wait()


def main(wanted):
    """One after the other, but for those that wait for an answer of the network."""
    waiting = []
    for name, (function, *arguments) in json.loads(wanted).items():
        begun = begin(name, function, arguments)
        if function == "connect":
            waiting.append(begun)
        else:
            end(*begun)
    for begun in waiting:
        end(*begun)


if __name__ == "__main__":
    main(sys.argv[1])
