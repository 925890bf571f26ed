"""What node and ear say to each other: settings and records survive the way, answers find their question."""

from __future__ import annotations

import asyncio
import socket

import numpy as np
import pytest

from gadfly.errors import LimitError
from gadfly.monitor.control import HEAD, RESTORED, Say, Settings, pack_restored, unpack_restored
from gadfly.monitor.outbound import WAITING, Channel, EarGone


def test_settings_survive() -> None:
    settings = Settings({2: b"new", 1: b"old"}, True, 0.5, 9, [True, False], [["239.1.1.1", 7170, [1]]])
    again = Settings.unpack(settings.pack())
    assert again == settings
    assert list(again.keys) == [2, 1]


def test_records_and_cards_survive() -> None:
    records = np.zeros(2, RESTORED)
    records["id"], records["card"] = [7, 8], [2, 0]
    got, cards = unpack_restored(pack_restored(records, [b"{}", b""]))
    assert got["id"].tolist() == [7, 8]
    assert cards == [b"{}", b""]


def pair() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    return Channel(ours), theirs


async def test_answers_find_their_question_in_any_order() -> None:
    channel, ear = pair()
    first = asyncio.create_task(channel.ask(Say.expect, b"one"))
    second = asyncio.create_task(channel.ask(Say.forget, b"two"))
    await asyncio.sleep(0)
    asked = [ear.recv(100) for _ in range(2)]
    assert [message[HEAD.size :] for message in asked] == [b"one", b"two"]
    ear.send(HEAD.pack(Say.expect, 4711) + b"nobody asked")
    for message in reversed(asked):
        ear.send(message[: HEAD.size] + b"to " + message[HEAD.size :])
    assert (await first, await second) == (b"to one", b"to two")
    channel.close()
    channel.close()
    ear.close()


async def test_an_ear_that_ends_fails_every_question() -> None:
    channel, ear = pair()
    question = asyncio.create_task(channel.ask(Say.expect, b""))
    await asyncio.sleep(0)
    ear.close()
    with pytest.raises(EarGone):
        await question
    assert channel.gone.done()
    with pytest.raises(EarGone):
        await channel.ask(Say.expect, b"")


async def test_an_ear_that_does_not_read_is_waited_for_within_bounds() -> None:
    channel, ear = pair()
    while len(channel._queue) < WAITING:
        channel.tell(Say.inject, bytes(1000))
    with pytest.raises(LimitError, match="messages waiting"):
        channel.tell(Say.inject, bytes(1000))
    read = 0
    deadline = asyncio.get_running_loop().time() + 10
    while channel._queue and asyncio.get_running_loop().time() < deadline:
        while True:
            try:
                ear.recv(2000)
            except BlockingIOError:
                break
            read += 1
        await asyncio.sleep(0)
    assert read >= WAITING
    channel.close()
    ear.close()


async def test_a_broken_pipe_is_the_end() -> None:
    channel, ear = pair()
    ear.close()
    channel.tell(Say.inject, b"x")
    assert channel.gone.done()
