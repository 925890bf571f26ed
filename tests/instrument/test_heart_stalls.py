"""A thread can beat while the work is dead: the beats then say `stalled`, and answer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from gadfly import Heart
from gadfly.telemetry.frame import STATUSES, Frame, Kind, card, component_id, encode

STALLED = STATUSES.index("stalled")


def stalled(frame: Frame) -> bool:
    return frame.status == STALLED


def test_without_progress(receiver: Any) -> None:
    with Heart("checkout", 30.0, to=receiver.to, progress=0.1) as heart:
        assert receiver.next().status == 0
        frame = receiver.until(stalled)
        assert card(frame)["reason"] == "no progress within 0.1 s"
        enquiry = encode(Frame(Kind.enquiry, component_id("checkout"), sequence=1))
        receiver.socket.sendto(enquiry, receiver.sender)
        assert stalled(receiver.until_kind(Kind.reply)), "the process answers, its work does not advance"
        heart.progress()
        assert receiver.until(lambda frame: frame.status == 0), "told at once, not with the next beat"


def test_a_loop_that_is_watched_late(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Heart._watch_loop

    def late(heart: Heart) -> None:
        assert receiver.next().status == 0
        time.sleep(0.1)  # its thread waits for the next beat by now
        watch(heart)

    async def program() -> None:
        monkeypatch.setattr(Heart, "_watch_loop", late)
        async with Heart("checkout", 30.0, to=receiver.to, loop=0.3):
            assert card(receiver.until(stalled, 5.0))["reason"] == "the event loop did not turn within 0.3 s"

    asyncio.run(program())


def test_a_loop_that_does_not_turn(receiver: Any) -> None:
    async def program() -> None:
        async with Heart("checkout", 30.0, to=receiver.to, loop=0.3):
            assert (await asyncio.to_thread(receiver.next)).status == 0
            time.sleep(0.6)  # noqa: ASYNC251 - the defect that is watched for
            frame = receiver.until(stalled, 5.0)  # waited for without a turn of the loop
            assert card(frame)["reason"] == "the event loop did not turn within 0.3 s"
            mended = await asyncio.to_thread(receiver.until, lambda frame: frame.status == 0)
            assert mended.kind is Kind.announce

    asyncio.run(program())
    assert receiver.rest()[-1].kind is Kind.goodbye


async def test_run_as_a_task(receiver: Any) -> None:
    heart = Heart("checkout", 0.05, to=receiver.to)
    task = asyncio.create_task(heart.run())
    assert (await asyncio.to_thread(receiver.next)).kind is Kind.announce
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not heart.running
    assert receiver.rest()[-1].kind is Kind.goodbye
