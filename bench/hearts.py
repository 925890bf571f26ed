"""A thousand hearts in one process, in many namespaces: the client's own pulse and wire, one socket each.

The bench starts it with a description on standard input (one JSON line), then sends commands, a JSON line
each, and gets a JSON line back when the thing is done, with the monotonic moment:

    {"dies": "c17"}   its socket is closed: the host's kernel refuses what comes, as when a process was killed
    {"gone": "c17"}   nothing leaves it any more and nothing is refused: its host lost power
    {"back": "c17"}   a new incarnation starts

Interval, phase and answers are those of a service that is well; nothing here knows about losses.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import random
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from gadfly.instrument.card import card
from gadfly.instrument.pace import next_beat
from gadfly.instrument.pulse import Pulse
from gadfly.telemetry.frame import GROUP, PORT
from namespaces import Host

TO = (GROUP, PORT)


class Place(NamedTuple):
    """A namespace and the hearts in it."""

    host: Host
    names: list[str]


class Heart:
    """One component."""

    def __init__(self, name: str, host: Host, every: float) -> None:
        self.name, self.host, self.every = name, host, every
        self.socket: socket.socket | None = None
        self.mute = False
        self.life = 0
        self.errors = 0

    def begin(self) -> None:
        """A new incarnation on a new socket."""
        self.socket = self.host.inside(self._open)
        self.mute = False
        self.life += 1
        self.start = time.monotonic()
        who = card(self.name, kind="service", started=time.time(), group=self.host.name)
        who |= {"host": self.host.name}
        self.pulse = Pulse(who, self.every, None, time.time_ns())

    def _open(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.bind((self.host.address, 0))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self.host.address))
        return made

    def send(self, datagram: bytes, to: tuple[str, int]) -> None:
        if self.socket is not None:
            try:
                self.socket.sendto(datagram, to)
            except OSError:
                self.errors += 1

    def answer(self, datagram: bytes, sender: tuple[str, int]) -> None:
        """Reply to an enquiry that is meant for this component."""
        if (nonce := self.pulse.asked(datagram)) is not None:
            self.send(self.pulse.reply(nonce, time.time_ns(), "pass"), sender)


def group_socket(host: Host) -> socket.socket:
    """Where the enquiries to everybody on a host arrive."""

    def make() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        made.bind((GROUP, PORT + 1))
        member = socket.inet_aton(GROUP) + socket.inet_aton(host.address)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        return made

    return host.inside(make)


class Fleet:
    """All of them, on one epoll."""

    def __init__(self, places: list[Place], every: float, seed: int) -> None:
        self._poll = select.epoll()
        self._hearts: dict[str, Heart] = {}
        self._by_socket: dict[int, Heart] = {}
        self._by_component: dict[int, Heart] = {}
        self._groups: dict[int, tuple[socket.socket, str]] = {}
        self._due: list[tuple[float, str, int]] = []
        self.behind = 0.0
        chance = random.Random(seed)
        for place in places:
            gathering = group_socket(place.host)
            self._groups[gathering.fileno()] = gathering, place.host.name
            self._poll.register(gathering, select.EPOLLIN)
            for name in place.names:
                self._hearts[name] = heart = Heart(name, place.host, every)
                self._begin(heart, after=chance.uniform(0, every))

    def _begin(self, heart: Heart, after: float = 0.0) -> None:
        heart.begin()
        assert heart.socket is not None
        heart.start += after
        self._by_socket[heart.socket.fileno()] = heart
        self._by_component[heart.pulse.component] = heart
        self._poll.register(heart.socket, select.EPOLLIN)
        heapq.heappush(self._due, (heart.start, heart.name, heart.life))

    def _end(self, heart: Heart) -> None:
        if heart.socket is not None:
            self._poll.unregister(heart.socket)
            del self._by_socket[heart.socket.fileno()]
            heart.socket.close()
            heart.socket = None

    def run(self, control: int) -> None:
        """Beat and answer until `control` is closed."""
        self._poll.register(control, select.EPOLLIN)
        pending = b""
        while True:
            for descriptor, _ in self._poll.poll(max(0.0, self._due[0][0] - time.monotonic())):
                if heart := self._by_socket.get(descriptor):
                    self._answer(heart)
                elif descriptor in self._groups:
                    self._answer_group(*self._groups[descriptor])
                elif descriptor == control:
                    text = os.read(control, 65536)
                    if not text:
                        return
                    *lines, pending = (pending + text).split(b"\n")
                    for line in lines:
                        self._command(json.loads(line))
            self._beat(time.monotonic())

    def _beat(self, now: float) -> None:
        while self._due[0][0] <= now:
            due, name, life = heapq.heappop(self._due)
            heart = self._hearts[name]
            if heart.life != life or heart.socket is None or heart.mute:
                continue
            self.behind = max(self.behind, now - due)
            heart.send(heart.pulse.beat(time.time_ns(), "pass"), TO)
            heapq.heappush(self._due, (next_beat(heart.start, heart.every, now), name, life))

    def _answer(self, heart: Heart) -> None:
        while heart.socket is not None:
            try:
                datagram, sender = heart.socket.recvfrom(2048)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error about an answer of ours
            if not heart.mute:
                heart.answer(datagram, sender)

    def _answer_group(self, gathering: socket.socket, host: str) -> None:
        while True:
            try:
                datagram, sender = gathering.recvfrom(2048)
            except BlockingIOError:
                return
            heart = self._by_component.get(int.from_bytes(datagram[8:16], "big"))
            # Every host hears the group; only the one that carries the component answers.
            if heart is None or heart.mute or heart.socket is None or heart.host.name != host:
                continue
            heart.answer(datagram, sender)

    def _command(self, command: dict[str, Any]) -> None:
        if name := command.get("dies"):
            self._end(self._hearts[name])
        elif name := command.get("gone"):
            self._hearts[name].mute = True
        elif name := command.get("back"):
            self._end(self._hearts[name])
            self._begin(self._hearts[name])
        errors = sum(heart.errors for heart in self._hearts.values())
        print(json.dumps({"at": time.monotonic(), "behind": self.behind, "errors": errors}), flush=True)
        self.behind = 0.0


class Hearts:
    """The handle of a bench: starts the process, tells it who dies."""

    def __init__(self, places: Sequence[tuple[Host, Sequence[str]]], every: float, seed: int) -> None:
        about = [[host.name, host.namespace, host.address, list(names)] for host, names in places]
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid
        self.tell(places=about, every=every, seed=seed)

    def tell(self, **command: Any) -> dict[str, float]:
        """Send a command; returns when it is done: `at`, the worst lateness of a beat since the last one, errors."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(command) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process; nobody says goodbye."""
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self._process.communicate(timeout=5)
        self._process.kill()
        self._process.wait()


def main() -> None:
    """Read the description, start everybody, serve."""
    about = json.loads(sys.stdin.buffer.raw.readline())
    places = []
    for name, namespace, address, names in about["places"]:
        host = Host(name, namespace)
        host.address = address
        places.append(Place(host, names))
    fleet = Fleet(places, about["every"], about["seed"])
    print(json.dumps({"at": time.monotonic(), "behind": 0.0, "errors": 0}), flush=True)
    fleet.run(sys.stdin.fileno())


if __name__ == "__main__":
    main()
