"""Links: data, ends and deadlines on one epoll."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gadfly.monitor.probe.poller import TICK, Link, Poller


@pytest.fixture
async def poller() -> AsyncIterator[Poller]:
    poller = Poller()
    yield poller
    poller.close()
    assert len(poller) == 0


@pytest.fixture
async def pair(poller: Poller) -> AsyncIterator[tuple[Link, socket.socket]]:
    """A connected link and the other side's (blocking) socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = poller.open(socket.AF_INET, socket.SOCK_STREAM, time.monotonic() + 5)
        await link.connect(listener.getsockname())
        other, _ = listener.accept()
    with other:
        yield link, other


async def test_data_then_end_then_nothing_more(pair: Any) -> None:
    link, other = pair
    waiting = asyncio.create_task(link.receive(100))
    await asyncio.sleep(0.01)
    other.sendall(b"one")
    assert await waiting == b"one"
    other.sendall(b"two")
    other.close()
    assert await link.receive(100) == b"two"
    assert await link.receive(100) == b""
    assert await link.receive(100) == b""


async def test_more_than_is_taken_at_once(pair: Any) -> None:
    link, other = pair
    other.sendall(b"x" * 1000)
    got = b""
    while len(got) < 1000:
        got += await link.receive(64)
    assert got == b"x" * 1000


async def test_more_than_the_kernel_takes(pair: Any) -> None:
    link, other = pair
    size = 8_000_000
    loop = asyncio.get_running_loop()

    def drain() -> int:
        got = 0
        while got < size:
            got += len(other.recv(1 << 20))
        return got

    reading = loop.run_in_executor(None, drain)
    await link.send(b"y" * size)
    assert await reading == size


async def test_several_datagrams_behind_one_edge(poller: Poller) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        link = poller.open(socket.AF_INET, socket.SOCK_DGRAM, time.monotonic() + 2)
        await link.connect(other.getsockname())
        for word in (b"one", b"two"):
            other.sendto(word, link.sock.getsockname())
        await asyncio.sleep(0.02)
        assert [await link.receive(100), await link.receive(100)] == [b"one", b"two"]


async def test_a_refused_connection(poller: Poller) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    link = poller.open(socket.AF_INET, socket.SOCK_STREAM, time.monotonic() + 2)
    with pytest.raises(ConnectionRefusedError):
        await link.connect(address)


async def test_an_error_at_once(poller: Poller) -> None:
    link = poller.open(socket.AF_INET, socket.SOCK_STREAM, time.monotonic() + 2)
    with pytest.raises(OSError) as caught:
        await link.connect(("255.255.255.255", 9))
    assert caught.value.errno in (errno.ENETUNREACH, errno.EACCES, errno.EHOSTUNREACH)


async def test_the_deadline(pair: Any) -> None:
    link, _ = pair
    begin = time.monotonic()
    link.renew(begin + 0.1)
    with pytest.raises(TimeoutError):
        await link.receive(100)
    assert 0.1 <= time.monotonic() - begin < 0.1 + 10 * TICK
    with pytest.raises(TimeoutError):
        await link.receive(100)
    with pytest.raises(TimeoutError):
        await link.send(b"x")


async def test_a_deadline_in_the_past(poller: Poller) -> None:
    link = poller.open(socket.AF_INET, socket.SOCK_DGRAM, time.monotonic() - 1)
    with pytest.raises(TimeoutError):
        await link.receive(100)


async def test_an_endless_stream_meets_its_deadline(pair: Any) -> None:
    """A target that always has more must not outlive the deadline, nor keep the loop."""
    link, other = pair
    other.setblocking(False)
    link.renew(time.monotonic() + 0.15)

    async def endless() -> None:
        while True:
            try:
                other.send(b"x" * 65_536)
            except BlockingIOError:
                await asyncio.sleep(0)

    sending = asyncio.create_task(endless())
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        await _receive_for_ever(link)
    assert time.monotonic() - begin < 1
    sending.cancel()


async def test_a_drip_meets_its_deadline(pair: Any) -> None:
    """A byte is always just arriving when the deadline is looked at."""
    link, other = pair

    async def dripping() -> None:
        while True:
            other.send(b"x")
            await asyncio.sleep(0)

    sending = asyncio.create_task(dripping())
    begin = time.monotonic()
    link.renew(begin + 0.1)
    with pytest.raises(TimeoutError):
        await _receive_for_ever(link)
    assert time.monotonic() - begin < 0.1 + 10 * TICK
    sending.cancel()


async def test_a_byte_at_each_look_spares_a_link_only_once(pair: Any, poller: Poller) -> None:
    link, other = pair
    receiving = asyncio.create_task(_receive_for_ever(link))
    link.renew(time.monotonic() - 1)
    expired = []
    for _ in range(2):
        await asyncio.sleep(0.001)
        other.send(b"x")
        time.sleep(0.15)  # noqa: ASYNC251 - the byte and the deadline are seen in one look
        poller._tick()
        expired.append(link.expired)
    assert expired == [False, True]
    with pytest.raises(TimeoutError):
        await receiving


async def _receive_for_ever(link: Link) -> None:
    while True:
        await link.receive(4096)
        await asyncio.sleep(0)


async def test_no_deadline_while_resting(pair: Any) -> None:
    link, other = pair
    link.renew(time.monotonic() + 0.05)
    link.rest()
    await asyncio.sleep(0.2)
    assert not link.expired
    assert link.idle()
    link.renew(time.monotonic() + 5)
    other.sendall(b"x")
    assert await link.receive(10) == b"x"


@pytest.mark.parametrize("word", [b"x", b""])
async def test_not_idle_when_something_came_or_it_ended(pair: Any, word: bytes) -> None:
    link, other = pair
    assert link.idle()
    if word:
        other.sendall(word)
    else:
        other.close()
    await asyncio.sleep(0.01)
    assert not link.idle()


async def test_an_answer_that_came_while_we_stood_still_wins_over_the_deadline(pair: Any) -> None:
    link, other = pair
    link.renew(time.monotonic() + 0.1)
    waiting = asyncio.create_task(link.receive(100))
    await asyncio.sleep(0.02)
    other.sendall(b"in time")
    time.sleep(0.4)  # noqa: ASYNC251 - the loop is to stand still
    assert await waiting == b"in time"


async def test_closing_the_poller_wakes_who_waits(poller: Poller, pair: Any) -> None:
    link, _ = pair
    waiting = asyncio.create_task(link.receive(100))
    await asyncio.sleep(0.01)
    poller.close()
    with pytest.raises(TimeoutError):
        await waiting
    poller.close()


async def test_closing_twice(pair: Any, poller: Poller) -> None:
    link, _ = pair
    link.close()
    link.close()
    assert len(poller) == 0


async def test_no_timer_without_links(poller: Poller) -> None:
    link = poller.open(socket.AF_INET, socket.SOCK_DGRAM, time.monotonic() + 0.01)
    await asyncio.sleep(0.2)
    assert link.expired
    assert poller._timer is None
