"""A process that laid down what it does not need tries what it must not, as root and as somebody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gadfly.monitor import refused_calls

TRIES = """
import ctypes, json, mmap, os, socket, subprocess, sys, threading

sys.path.append(sys.argv[1])
confined, folder, parent = sys.argv[2] == "confined", sys.argv[3], os.getppid()
one, other = socket.socketpair()
held = os.open(folder + "/held", os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
spare = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
import encodings.idna, errno
from gadfly.monitor import confine
os.setresuid(*3 * [int(sys.argv[4])])
laid = confine.lay_down() if confined else {}

def unshare():
    if libc.unshare(0) < 0:
        raise OSError(ctypes.get_errno(), "")

def fork():
    if not os.fork():
        os._exit(0)
    os.wait()

tries = {
    "read a file": lambda: open(folder + "/held").read(),
    "write a file": lambda: open(folder + "/new", "w"),
    "list a folder": lambda: os.listdir(folder),
    "cut a file": lambda: os.truncate(folder + "/held", 1),
    "mode of a file": lambda: os.chmod(folder + "/held", 0o777),
    "mode of a held file": lambda: os.fchmod(held, 0o777),
    "times of a file": lambda: os.utime(folder + "/held"),
    "attributes of a file": lambda: os.setxattr(folder + "/held", "user.a", b"b"),
    "link a file": lambda: os.link(folder + "/held", folder + "/linked"),
    "udp socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "tcp socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "pair of sockets": lambda: socket.socketpair(),
    "connect one it has": lambda: spare.connect(("127.0.0.1", 9)),
    "program": lambda: subprocess.run(["/bin/true"], check=True),
    "process": fork,
    "thread": lambda: threading.Thread(target=int).start(),
    "signal to the parent": lambda: os.kill(parent, 0),
    "pidfd of the parent": lambda: os.pidfd_open(parent),
    "namespace": unshare,
}
found = {}
for name, attempt in tries.items():
    try:
        attempt()
        found[name] = "done"
    except (OSError, RuntimeError) as error:
        found[name] = errno.errorcode.get(getattr(error, "errno", 0) or 0, "refused")

# What its work is goes on: it hears, answers, keeps time and computes.
udp.sendto(b"beat", udp.getsockname())
work = [udp.recv(9).decode(), one.send(b"x"), other.recv(9).decode(), os.urandom(1) != b""]
mmap.mmap(-1, 4096).close()
print(json.dumps([laid, found, work]))
"""


def attempt(folder: Path, how: str, user: int) -> tuple[dict[str, bool], dict[str, str], list[object]]:
    """What was laid down, how each try ended, and its work."""
    for name in ("held", "new", "linked"):
        (folder / name).unlink(missing_ok=True)
    (folder / "held").write_text("kept")
    os.chown(folder / "held", user, -1)
    source = str(Path(refused_calls.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-S", "-c", TRIES, source, how, str(folder), str(user)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    laid, found, work = json.loads(done.stdout)
    return laid, found, work


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="its calls are not known")
@pytest.mark.parametrize("user", sorted({os.geteuid(), 65533 if os.geteuid() == 0 else os.geteuid()}))
def test_none_of_it_works_and_its_own_work_goes_on(user: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: another user may not come near that
        folder = Path(name)
        folder.chmod(0o777)
        laid, found, work = attempt(folder, "confined", user)
        _, free, _ = attempt(folder, "free", user)
    assert all(laid.values()), laid
    assert {name for name, how in found.items() if how == "done"} == set()
    assert work == ["beat", 1, "x", True]
    bites = {name for name, how in free.items() if how == "done"}
    assert len(bites) > 15, free
    assert bites >= {"read a file", "udp socket", "program", "thread", "connect one it has"}
