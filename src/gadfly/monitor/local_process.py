"""Where the kernel knows sooner it is asked: a process on this host is watched by pidfd.

An announce names a process id, and anybody may write any number there. So a process is watched only when
it is proved to be the sender: the beats come from an address of this host, and the process (or, for a
wrapped command, its parent) owns the UDP port that they come from.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

LIMIT = 4096  # descriptors that watching may use; beyond it, enquiries do the work


def owner_of_port(pid: int, port: int, proc: Path = Path("/proc")) -> int | None:
    """The process that sends from UDP `port`: `pid` or its parent; None where neither is proved to."""
    inodes = _socket_inodes(proc / str(pid) / "net", port)
    if not inodes:
        return None
    for candidate in (pid, _parent(pid, proc)):
        if candidate and _holds(candidate, inodes, proc):
            return candidate
    return None


def perhaps_here(host: str, address: str) -> bool:
    """Whether it is worth a proof: the announce names this host, or the beats come over loopback."""
    return host == socket.gethostname() or address.startswith("127.") or address == "::1"


def is_local(address: str) -> bool:
    """Whether an address (without scope) is one of this host's: the kernel lets only those be bound."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.is_loopback:
        return True
    family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:  # not ours, or no descriptor left to ask with: then enquiries do the work
        return False
    return True


def _socket_inodes(net: Path, port: int) -> set[str]:
    found = set()
    for table in ("udp", "udp6"):
        with contextlib.suppress(OSError):
            for line in (net / table).read_text().splitlines()[1:]:
                fields = line.split()
                if len(fields) > 9 and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    found.add(fields[9])
    return found


def _parent(pid: int, proc: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        # The second field is the program's name in brackets and may hold anything, blanks included.
        return int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    return None


def _holds(pid: int, inodes: set[str], proc: Path) -> bool:
    with contextlib.suppress(OSError), os.scandir(proc / str(pid) / "fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry.path))
                if match and match[1] in inodes:
                    return True
    return False


class LocalProcesses:
    """Watches processes of this host; `on_exit(slot, incarnation)` is called once when one ends."""

    def __init__(self, on_exit: Callable[[int, int], None]) -> None:
        self._on_exit = on_exit
        self._watched: dict[int, tuple[int, int]] = {}  # slot → (pidfd, incarnation)

    def __len__(self) -> int:
        return len(self._watched)

    def watch(self, slot: int, incarnation: int, pid: int, address: str, port: int) -> bool:
        """Begin to watch the sender of these beats; False where it is not provably a process of this host."""
        if (known := self._watched.get(slot)) is not None:
            if known[1] == incarnation:
                return True
            self.release(slot)
        if len(self._watched) >= LIMIT or pid <= 1 or not is_local(address):
            return False
        owner = owner_of_port(pid, port)
        if owner is None or owner == os.getpid():
            return False
        try:
            descriptor = os.pidfd_open(owner)
        except OSError:  # gone already, or the kernel has no room for one more
            return False
        self._watched[slot] = (descriptor, incarnation)
        asyncio.get_running_loop().add_reader(descriptor, self._exited, slot, incarnation)
        return True

    def release(self, slot: int) -> None:
        """Stop watching."""
        known = self._watched.pop(slot, None)
        if known is not None:
            asyncio.get_running_loop().remove_reader(known[0])
            os.close(known[0])

    def signal(self, slot: int, incarnation: int, number: int) -> str:
        """Send a signal to the process of this very run; empty where it was sent, else why it was not.

        It goes to the descriptor that was opened when the process was proved to be the sender, never to a
        number that may be another's by now.
        """
        known = self._watched.get(slot)
        if known is None:
            return "its process is not watched here: it runs elsewhere, or is not proved to send its beats"
        if known[1] != incarnation:
            return "another run of it is heard by now"
        try:
            signal.pidfd_send_signal(known[0], number)
        except ProcessLookupError:
            return "its process has ended"
        except PermissionError:
            return "its process belongs to another user than the node's"
        return ""

    def close(self) -> None:
        """Stop watching everything."""
        for slot in list(self._watched):
            self.release(slot)

    def _exited(self, slot: int, incarnation: int) -> None:
        self.release(slot)
        self._on_exit(slot, incarnation)
