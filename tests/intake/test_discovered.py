"""Who sends telemetry is in the picture, its silence is noticed, and a heart of its own goes before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from gadfly.config import Config
from gadfly.config.discovered import Discovered as Settings
from gadfly.errors import LimitError
from gadfly.intake.discovered import Discovered
from gadfly.monitor.journal import Journal
from gadfly.monitor.judge import Judge
from gadfly.monitor.listening import Listening
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import Members, pack_address
from gadfly.monitor.register import Register
from gadfly.monitor.replies import Replies
from gadfly.telemetry.frame import SECONDHAND, Frame, Kind, component_id, encode, key_id

SECRET = b"0123456789abcdef"
WALL = 1_800_000_000


class Ear:
    """The ear's own parts, without its process; and the clock by which it and the discovered live."""

    def __init__(self) -> None:
        self.members = Members.create(1000, ring=1024)
        self.journal = Journal(self.members)
        self.loss = Loss()
        self.register = Register(self.members, self.loss, self.journal, authenticated=False)
        replies = Replies(self.members, self.loss, self.journal, self.register)
        self.judge = Judge(self.members, self.loss, self.journal)
        self.listening = Listening(self.members, self.register, replies, lambda *_: None)
        self.key: bytes | None = None
        self.full = False
        self.now = 100.0
        self.go(0)
        self.loss.forget(1.0)
        self.loss.forget(self.now)

    def authenticate(self) -> None:
        self.key = SECRET
        self.listening.use_keys({key_id(SECRET): SECRET})

    def go(self, seconds: float) -> None:
        """Let time pass, in tenths of a second."""
        end = self.now + seconds
        while True:
            self.journal.at(round(self.now * 1e9), round((WALL + self.now) * 1e9))
            due = self.judge.due()
            if len(due.slots):
                self.judge.decide(due.slots, dropped=False)
            if self.now >= end:
                return
            self.now = min(end, self.now + 0.1)

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        if self.full:
            raise LimitError("full")
        self.listening.inject(datagram, pack_address(address[0]))

    # The clock.
    def monotonic(self) -> float:
        return self.now

    boottime = monotonic

    def wall(self) -> float:
        return WALL + self.now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError

    # What is asked of it.
    def slot(self, name: str) -> int:

        return int(self.members.find(np.array([component_id(name)], np.uint64))[0])

    def liveness(self, name: str) -> str:
        slot = self.slot(name)
        return "unknown" if slot < 0 else Liveness(int(self.members.liveness[slot])).name

    def card(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.members.cards.read(self.slot(name)))
        return found


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.members.close()


@pytest.fixture
def discovered(ear: Ear) -> Discovered:
    return Discovered(ear, ear, Config())


def arrive(ear: Ear, discovered: Discovered, gaps: list[float], **said: Any) -> None:
    for gap in gaps:
        ear.go(gap)
        assert discovered.seen("shop", "service", **said)


def test_it_is_in_the_picture_at_once(ear: Ear, discovered: Discovered) -> None:
    discovered.seen("shop", "service", host="web-1", group="front", labels={"version": "2"})
    assert ear.liveness("shop") == "alive"
    assert ear.card("shop") == {
        "name": "shop",
        "kind": "service",
        "host": "web-1",
        "group": "front",
        "labels": {"version": "2"},
    }


def test_once_it_was_regular_its_silence_is_noticed(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [10.0] * 8)
    ear.go(9)
    assert ear.liveness("shop") == "alive"
    ear.go(60)
    assert ear.liveness("shop") == "silent"
    arrive(ear, discovered, [1.0])
    assert ear.liveness("shop") == "alive"


def test_one_that_comes_when_it_pleases_is_never_silent(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [3.0, 200.0, 1.0, 700.0, 2.0, 90.0, 5.0])
    ear.go(3600)
    assert ear.liveness("shop") == "alive"


def test_logs_say_nothing_of_a_rhythm(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [10.0] * 20, steady=False)
    ear.go(3600)
    assert ear.liveness("shop") == "alive"


def test_an_interval_that_the_sender_says_needs_no_learning(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [0.0], every=10.0)
    ear.go(300)
    assert ear.liveness("shop") == "silent"


def test_one_lost_export_is_no_silence(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [10.0] * 10)
    arrive(ear, discovered, [20.0])
    assert ear.members.restarts[ear.slot("shop")] == 0
    assert ear.liveness("shop") == "alive"


def test_of_several_instances_one_is_enough(ear: Ear, discovered: Discovered) -> None:
    for _ in range(10):
        arrive(ear, discovered, [4.0], instance="a", host="web-1")
        arrive(ear, discovered, [6.0], instance="b", host="web-2")
    assert ear.card("shop")["host"] == ""
    arrive(ear, discovered, [10.0] * 70, instance="b", host="web-2")
    assert ear.liveness("shop") == "alive"
    assert ear.card("shop")["host"] == "web-2"
    ear.go(60)
    assert ear.liveness("shop") == "silent"


def test_many_exports_are_few_beats(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [0.01] * 500)
    assert discovered.counts()["beats_total"] <= 11


@pytest.mark.parametrize("keys", [False, True])
def test_a_heart_of_its_own_goes_before(ear: Ear, discovered: Discovered, keys: bool) -> None:
    if keys:
        ear.authenticate()
    arrive(ear, discovered, [10.0] * 8)
    assert ear.liveness("shop") == "alive"
    started = int((WALL + ear.now) * 1e9)
    own = Frame(
        Kind.beat, component_id("shop"), incarnation=started, sequence=1, sent=started, interval_ms=1000
    )
    ear.inject(encode(own, ear.key), ("127.0.0.1", 0))
    ear.go(20)
    assert ear.liveness("shop") == "silent"
    told = discovered.counts()["beats_total"]
    arrive(ear, discovered, [1.0] * 3)
    assert discovered.counts()["beats_total"] == told
    assert ear.liveness("shop") == "silent"
    assert ear.members.incarnation[ear.slot("shop")] == started


def test_with_keys_the_beats_are_signed(ear: Ear, discovered: Discovered) -> None:
    ear.authenticate()
    discovered.seen("shop", "service")
    assert ear.liveness("shop") == "alive"
    ear.key = b"another key of 16 bytes"
    discovered.seen("cart", "service")
    assert ear.liveness("cart") == "unknown"


def test_after_a_restart_of_the_node_its_interval_is_known(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [10.0] * 8)
    again = Discovered(ear, ear, Config())
    arrive(ear, again, [10.0])
    ear.go(60)
    assert ear.liveness("shop") == "silent"


def test_one_that_is_idle_leaves(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [1.0])
    ear.now += 86_000
    discovered.look()
    assert ear.liveness("shop") == "alive"
    ear.now += 1000
    ear.go(0)
    discovered.look()
    assert ear.liveness("shop") == "left"
    assert discovered.counts()["components"] == 0
    arrive(ear, discovered, [1.0])
    assert ear.liveness("shop") == "alive"


def test_no_more_than_there_is_room_for(ear: Ear) -> None:
    some = Discovered(ear, ear, msgspec.structs.replace(Config(), discovered=Settings(components=2)))
    assert [some.seen(name, "service") for name in ("a", "b", "c", "a")] == [True, True, False, True]
    assert some.counts()["refused_total"] == 1
    assert "discovered.components" in some.warnings()[0]
    some.reconfigure(msgspec.structs.replace(Config(), discovered=Settings(components=0)))
    assert not some.seen("d", "service")
    assert not some.warnings()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_a_name_that_none_may_have(ear: Ear, discovered: Discovered, name: str) -> None:
    assert not discovered.seen(name, "service")
    assert ear.members.size == 0


def test_words_too_long_or_not_printable(ear: Ear, discovered: Discovered) -> None:
    long = "ü" * 1000
    arrive(ear, discovered, [1], host="a\x00b", group=long, labels={f"{n}{long}": long for n in range(20)})
    assert ear.card("shop")["host"] == "ab"
    assert ear.card("shop")["labels"] == {}


def test_an_ear_that_is_behind_is_tried_again(ear: Ear, discovered: Discovered) -> None:
    ear.full = True
    arrive(ear, discovered, [1.0])
    assert ear.liveness("shop") == "unknown"
    assert discovered.counts()["unheard_total"] == 1
    ear.full = False
    arrive(ear, discovered, [1.0])
    assert ear.liveness("shop") == "alive"


def test_forgotten_it_comes_back(ear: Ear, discovered: Discovered) -> None:

    arrive(ear, discovered, [10.0] * 8)
    ear.members.remove(np.array([ear.slot("shop")]))
    arrive(ear, discovered, [10.0])
    assert ear.liveness("shop") == "alive"
    assert ear.members.incarnation[ear.slot("shop")] == SECONDHAND


def test_more_instances_than_are_told_apart(ear: Ear, discovered: Discovered) -> None:
    for number in range(200):
        arrive(ear, discovered, [0.5], instance=str(number))
    assert ear.liveness("shop") == "alive"


def test_one_that_has_an_interval_is_missed_and_does_not_leave(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [10.0] * 8)
    ear.members.seen_wall[ear.slot("shop")] -= 10**9 * 200_000  # the wall clock was set
    discovered.look()
    assert ear.liveness("shop") == "alive"


async def test_it_looks_once_a_minute(ear: Ear, discovered: Discovered) -> None:
    arrive(ear, discovered, [1.0])
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        ear.now += 90_000
        ear.go(0)
        if len(waited) > 2:
            raise asyncio.CancelledError

    ear.sleep = sleep  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await discovered.run()
    assert waited == [60.0] * 3
    assert ear.liveness("shop") == "left"
