"""Network namespaces of the benches: hosts of their own, on this machine, that nobody else can hear.

    with Hosts() as hosts:
        node, worker = hosts.add("node"), hosts.add("worker")
        hosts.bridge({"node": "10.71.0.1/24", "worker": "10.71.0.2/24"})
        process = worker.start(["sleep", "60"])
        worker.link(up=False)

Every name carries the process id and a counter, so two runs never meet, and everything is deleted on the
way out, whatever happened inside. A socket made by :meth:`Host.inside` belongs to that namespace for ever
and may be used from any thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import itertools
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
GRACE = 2.0
"""Seconds that all programs together have to end by themselves."""
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


class Unavailable(RuntimeError):
    """This machine does not permit network namespaces."""


def ip(*arguments: str) -> None:
    """Run iproute2; a failure names the command."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def available() -> bool:
    """Whether namespaces can be made here; found out by making one."""
    name = f"gd-{os.getpid()}-try{next(_numbers)}"
    try:
        ip("netns", "add", name)
        ip("netns", "del", name)
    except (RuntimeError, OSError):
        return False
    return True


class Host:
    """One namespace with loopback up and, once connected, one interface called `gd0`."""

    def __init__(self, name: str, namespace: str) -> None:
        self.name, self.namespace = name, namespace
        self.address = ""
        self._cable: tuple[socket.socket, str] | None = None
        self.processes: list[subprocess.Popen[bytes]] = []

    def inside(self, work: Callable[[], T]) -> T:
        """Do something short in this namespace, on a thread of its own, and return its result."""
        box: list[Any] = []

        def run() -> None:
            try:
                _enter(self.namespace)
                box.extend((True, work()))
            except BaseException as error:  # handed to the caller, whoever that is
                box.extend((False, error))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if not box[0]:
            raise box[1]
        return box[1]  # type: ignore[no-any-return]

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a program that sees this host's network and host name; it is ended with the host.

        Each step of the way replaces itself, so the process that is returned is the program.
        """
        rename = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        process = subprocess.Popen(["ip", "netns", "exec", self.namespace, *rename, *command], **options)
        self.processes.append(process)
        return process

    def link(self, *, up: bool) -> None:
        """Pull this host's cable out of the switch, or put it back. Takes microseconds.

        The switch's end goes down, so the host keeps its addresses and memberships, as a real one does.
        """
        if self._cable is None:
            raise RuntimeError(f"{self.name} is not connected to a switch")
        control, port = self._cable
        flags = struct.pack("16sH14x", port.encode(), IFF_UP if up else 0)
        fcntl.ioctl(control, SIOCSIFFLAGS, flags)


class Hosts:
    """The namespaces of one run."""

    def __init__(self) -> None:
        self._prefix = f"gd-{os.getpid()}-{next(_numbers)}"
        self._hosts: dict[str, Host] = {}
        self._namespaces: list[str] = []
        self.middle = ""
        self._control: socket.socket | None = None

    def __enter__(self) -> Hosts:
        self._previous = signal.signal(signal.SIGTERM, _terminated)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        signal.signal(signal.SIGTERM, self._previous)

    def __getitem__(self, name: str) -> Host:
        return self._hosts[name]

    def __iter__(self) -> Any:
        return iter(self._hosts.values())

    def add(self, name: str) -> Host:
        """A new namespace; `name` is short, such as `node` or `h7`."""
        namespace = self._namespace(name)
        self._hosts[name] = host = Host(name, namespace)
        return host

    def _namespace(self, name: str) -> str:
        namespace = f"{self._prefix}-{name}"
        try:
            ip("netns", "add", namespace)
        except (RuntimeError, OSError) as error:
            raise Unavailable(
                f"network namespaces need root (CAP_SYS_ADMIN) and iproute2: {error}"
            ) from error
        self._namespaces.append(namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
        return namespace

    def bridge(self, addresses: Mapping[str, str], isolated: Collection[str] = ()) -> None:
        """Join hosts by a switch that stands in a namespace of its own: `{"node": "10.71.0.1/24", …}`.

        The isolated ones reach all but each other, as on a switch with private ports: a hundred hosts that
        need not hear each other's multicast then cost nothing.
        """
        switch = Host("switch", self._namespace("switch"))
        self.middle = switch.namespace
        # Snooping would need a querier on the wire; without it a bridge floods multicast, as a plain switch does.
        ip("-n", self.middle, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        ip("-n", self.middle, "link", "set", "br0", "up")
        self._control = switch.inside(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        for number, (name, address) in enumerate(addresses.items()):
            host, port = self._hosts[name], f"p{number}"
            ip(
                *("link", "add", "gd0", "netns", host.namespace),
                *("type", "veth", "peer", "name", port, "netns", self.middle),
            )
            ip("-n", self.middle, "link", "set", port, "master", "br0", "up")
            self.address(name, address)
            if name in isolated:
                ip("-n", self.middle, "link", "set", port, "type", "bridge_slave", "isolated", "on")
            host._cable = (self._control, port)

    def address(self, name: str, address: str) -> None:
        """Give a host's `gd0` its address, bring it up, and send multicast through it."""
        host = self._hosts[name]
        # A duplicate-address check would keep IPv6 silent for the first second; nobody else is on this wire.
        host.inside(lambda: _write("/proc/sys/net/ipv6/conf/gd0/accept_dad", "0"))
        ip("-n", host.namespace, "address", "add", address, "dev", "gd0")
        ip("-n", host.namespace, "link", "set", "gd0", "up")
        # No default route: what asks for a name server or for anybody else is told at once that there is none.
        ip("-n", host.namespace, "route", "add", "224.0.0.0/4", "dev", "gd0")
        host.address = address.partition("/")[0]

    def tune(self, name: str, what: str, value: str) -> None:
        """Set a property of a host's interface, as `ip link set gd0 WHAT VALUE` does."""
        ip("-n", self._hosts[name].namespace, "link", "set", "gd0", what, value)

    def close(self) -> None:
        """End every process started here, then delete the namespaces; what is already gone is no error."""
        for host in self._hosts.values():
            for process in host.processes:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
        deadline = time.monotonic() + GRACE
        for host in self._hosts.values():
            for process in host.processes:
                try:
                    process.wait(max(0.01, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            host.processes.clear()
        for namespace in self._namespaces:
            with contextlib.suppress(RuntimeError):
                ip("netns", "del", namespace)
        self._namespaces.clear()
        if self._control:
            self._control.close()
            self._control = None


def _enter(namespace: str) -> None:
    with open(f"/run/netns/{namespace}") as handle:
        if _libc.setns(handle.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter namespace {namespace}")


def _write(path: str, text: str) -> None:
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write(text)


def _terminated(number: int, frame: object) -> None:
    raise SystemExit(128 + number)
