"""A stage on which the ear's decisions are played without sockets, processes or real time."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gadfly.monitor.index import Slots
from gadfly.monitor.journal import Journal
from gadfly.monitor.judge import Judge
from gadfly.monitor.listening import Listening
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import Members, pack_address
from gadfly.monitor.receive import SOCKADDR, Receiver, unpack_names
from gadfly.monitor.register import Register
from gadfly.monitor.replies import Replies
from gadfly.monitor.why import Why
from gadfly.telemetry.frame import STATUSES, Frame, Kind, component_id, encode

SECOND = 1_000_000_000
WALL = 1_800_000_000 * SECOND


class Stage:
    """`at(seconds)` sets the time; `hear` brings datagrams; `judge_now` lets the judge decide."""

    def __init__(self, capacity: int = 1000) -> None:
        self.members = Members.create(capacity, ring=1024)
        self.journal = Journal(self.members)
        self.loss = Loss()
        self.register = Register(self.members, self.loss, self.journal, authenticated=False)
        self.replies = Replies(self.members, self.loss, self.journal, self.register)
        self.judge = Judge(self.members, self.loss, self.journal)
        self.contested: list[tuple[int, int, int]] = []
        self.listening = Listening(self.members, self.register, self.replies, self._contest)
        self.secret: bytes | None = None
        self.at(100.0)
        self.loss.forget(1.0)
        self.loss.forget(100.0)

    def _contest(self, component: int, incarnation: int, address: object, port: int, scope: int) -> None:
        self.contested.append((component, incarnation, port))

    def at(self, seconds: float) -> None:
        self.seconds = seconds
        self.journal.at(round(seconds * SECOND), WALL + round(seconds * SECOND))

    @property
    def wall(self) -> int:
        return self.journal.wall

    def frame(
        self,
        name: str,
        sequence: int,
        *,
        kind: Kind = Kind.beat,
        incarnation: int = 1,
        every: float = 1.0,
        status: str = "pass",
        sent: int | None = None,
        card: dict[str, object] | None = None,
    ) -> bytes:
        payload = b""
        if kind in (Kind.announce, Kind.reply) or card is not None:
            payload = json.dumps({"name": name, **(card or {})}).encode()
        return encode(
            Frame(
                kind,
                component_id(name),
                incarnation,
                sequence,
                self.wall if sent is None else sent,
                round(every * 1000),
                STATUSES.index(status),
                payload=payload,
            ),
            self.secret,
        )

    def hear(self, *datagrams: bytes, host: str = "10.0.0.7", port: int = 4000) -> None:
        """These datagrams arrive in one batch."""
        receiver = Receiver(max(1, len(datagrams)))
        names = np.zeros(len(datagrams), SOCKADDR)
        names["family"] = socket.AF_INET
        names["port"] = port
        names["v4"] = np.frombuffer(pack_address(host)[12:], "V4")[0]
        lengths = np.array([min(len(one), 1201) for one in datagrams], np.uint32)
        for place, one in enumerate(datagrams):
            head = one[:64].ljust(64, b"\0")
            receiver.headers[place] = np.frombuffer(head, np.uint8)
        self.listening._process(
            receiver.wire[: len(datagrams)],
            lengths,
            receiver.heads,
            lambda place: datagrams[place][64:],
            unpack_names(names),
        )

    def beat(self, name: str, sequence: int, **more: object) -> None:
        self.hear(self.frame(name, sequence, **more))  # type: ignore[arg-type]

    def beats(self, name: str, first: int, last: int, *, every: float = 1.0) -> None:
        """Beats first to last, one each interval, beginning now; time stands at the last one."""
        for sequence in range(first, last + 1):
            if sequence > first:
                self.at(self.seconds + every)
            self.beat(name, sequence, every=every)

    def slot(self, name: str) -> int:
        return int(self.members.find(np.array([component_id(name)], np.uint64))[0])

    def liveness(self, name: str) -> Liveness:
        return Liveness(self.members.liveness[self.slot(name)])

    def why(self, name: str) -> Why:
        return Why(self.members.reason[self.slot(name)])

    def dropped(self) -> dict[str, int]:
        """Every reason for which something was dropped so far."""
        counted = self.members.counters.snapshot().items()
        return {key.removeprefix("dropped_"): n for key, n in counted if key.startswith("dropped_") and n}

    def judge_now(self, *, dropped: bool = False) -> Slots:
        return self.judge.decide(self.judge.due().slots, dropped=dropped)

    def answers(self, name: str) -> None:
        """It is known to answer enquiries."""
        self.members.rows["answers"][self.slot(name)] = 1


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.members.close()


class Hosts:
    """Two network namespaces, with nothing but loopback until :meth:`connect`."""

    def __init__(self) -> None:
        self.here, self.there = f"gfear-{os.getpid()}-a", f"gfear-{os.getpid()}-b"
        for name in (self.here, self.there):
            self.ip("netns", "add", name)
            self.ip("-n", name, "link", "set", "lo", "up")

    @staticmethod
    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    def connect(self) -> None:
        """A cable between them, `gf0` at both ends; what was there before is deleted."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.ip("-n", self.here, "link", "del", "gf0")
        self.ip("link", "add", "gf0", "netns", self.here, "type", "veth", "peer", "gf0", "netns", self.there)
        for number, name in enumerate((self.here, self.there), 1):
            self.ip("-n", name, "addr", "add", f"10.71.9.{number}/24", "dev", "gf0")
            self.ip("-n", name, "addr", "add", f"fd71::{number}/64", "dev", "gf0", "nodad")
            self.ip("-n", name, "link", "set", "gf0", "up")

    @staticmethod
    def inside(namespace: str, work: Callable[[], Any]) -> Any:
        """Do something in a namespace, on a thread of its own."""
        box: list[Any] = []
        failed: list[BaseException] = []

        def run() -> None:
            with open(f"/run/netns/{namespace}") as file:
                assert ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) == 0
            try:
                box.append(work())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return box[0]

    def delete(self) -> None:
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    try:
        made = Hosts()
    except (subprocess.CalledProcessError, OSError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must be able to make network namespaces: {error}")
        pytest.skip(f"this machine does not permit network namespaces: {error}")
    yield made
    made.delete()
