"""Streams of lines: each at least once, in their order, many in one event, no faster than they are taken."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from pathlib import Path

import pytest

from gadfly.clock import VirtualClock
from gadfly.config.logs import Logs as Settings
from gadfly.errors import LimitError
from gadfly.functions.function import Function
from gadfly.functions.queue import Outcome, Queue
from gadfly.functions.trigger import logs
from gadfly.functions.trigger.logs import Gather, Streams
from gadfly.store.logs import Gone, Kept, Line, LogStore, Page, Query
from gadfly.store.logs.frame import rows_of
from gadfly.store.logs.query import Sieve
from gadfly.store.sqlite import Database


def line(number: int, text: str = "error") -> Kept:
    return Kept(number, number / 1e6, "file:x", "h", "nginx", 6, text, "")


class Store:
    """Lines as a store has them."""

    def __init__(self) -> None:
        self.lines: list[Kept] = []
        self.asked = 0
        self.opened = asyncio.Event()
        self.opened.set()
        self.error: Exception | None = None
        self.gone = Gone(0, 0)

    @property
    def last(self) -> int:
        return self.lines[-1].number if self.lines else 0

    async def marks(self) -> dict[str, str]:
        await self.opened.wait()
        return {}

    async def read(self, query: Query) -> Page:
        self.asked += 1
        if self.error is not None:
            raise self.error
        sieve = Sieve(query)
        assert query.after is not None
        found = [one for one in self.lines if one.number > query.after and sieve.passes(one)]
        if len(found) > query.limit:
            found = found[: query.limit]
            page = Page(found, found[-1].number, True)
        else:
            page = Page(found, self.last, False)
        return page._replace(gone=self.gone) if query.after < self.gone.last else page

    def add(self, count: int, text: str = "error") -> None:
        self.lines += [line(self.last + 1 + n, text) for n in range(count)]


class Node:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.lines = Store()

    async def start(self, **more: object) -> None:
        self.store = Database(self.folder / "gadfly.db")
        self.queue = Queue(self.store, self.clock)
        await self.queue.open()
        self.streams = Streams(self.store, self.queue, self.lines)
        settings = {"batch": 3, "gather": 5.0, "on": ("logs: unit=nginx match=error",), **more}
        function = Function(
            name="f", path="/f.py", module="f", handler="handler", owner="o", purpose="p", **settings
        )  # type: ignore[arg-type]
        await self.streams.declare([function])

    async def seen(self) -> list[list[int]]:
        """Numbers of the lines of each call that can be made, which is then over."""
        found = []
        while works := await self.queue.claim({"f": 100}):
            for work in works:
                data = json.loads(work.event)["awslogs"]["data"]
                events = json.loads(gzip.decompress(base64.b64decode(data)))["logEvents"]
                found.append([int(one["id"]) for one in events])
                await self.queue.end(work, Outcome(ended="ok"))
        return found


@pytest.fixture
async def node(tmp_path: Path):
    node = Node(tmp_path)
    yield node
    node.store.close()


async def test_lines_that_match_come_in_events_of_a_size_and_the_rest_in_time(node: Node) -> None:
    node.lines.add(4)
    await node.start()
    node.lines.add(4)
    node.lines.add(1, "fine")
    node.lines.add(3)
    await node.streams.advance(0.0)
    assert await node.seen() == [[5, 6, 7], [8, 10, 11]]
    await node.streams.advance(4.9)
    assert await node.seen() == []
    await node.streams.advance(5.1)
    assert await node.seen() == [[12]]


async def test_a_store_that_is_opened_later_does_not_make_all_its_lines_new(node: Node) -> None:
    node.lines.opened.clear()
    starting = asyncio.create_task(node.start())
    for _ in range(10):
        await asyncio.sleep(0.001)
    node.lines.add(6)
    node.lines.opened.set()
    await starting
    node.lines.add(3)
    await node.streams.advance(0.0)
    assert await node.seen() == [[7, 8, 9]]


async def test_where_nothing_is_new_nothing_is_read(node: Node) -> None:
    await node.start()
    node.lines.add(3, "fine")
    await node.streams.advance(0.0)
    for second in range(5):
        await node.streams.advance(float(second))
    assert node.lines.asked == 1


async def test_lines_that_were_not_written_down_are_read_again_after_a_restart(node: Node) -> None:
    await node.start()
    node.lines.add(5)
    await node.streams.advance(0.0)
    node.store.close()
    await node.start()
    await node.streams.advance(0.0)
    await node.streams.advance(6.0)
    assert await node.seen() == [[1, 2, 3], [4, 5]]


async def test_a_function_that_does_not_keep_up_holds_its_lines_up_and_loses_none(node: Node) -> None:
    await node.start()
    node.lines.add(60)
    for second in range(20):
        await node.streams.advance(float(second))
    assert node.queue.waiting["f"] <= 2 * logs.AHEAD
    found: list[list[int]] = []
    for second in range(20, 40):
        found += await node.seen()
        await node.streams.advance(float(second))
    assert [number for one in found for number in one] == list(range(1, 61))


async def test_lines_that_are_dropped_before_they_were_handed_over_are_told(node: Node) -> None:
    await node.start(batch=2)
    node.lines.add(1)
    await node.streams.advance(0.0)
    node.lines.add(9)
    del node.lines.lines[1:7]
    node.lines.gone = Gone(6, 7)
    await node.streams.advance(0.1)
    (told,) = await node.queue.recent(state="skipped")
    assert told.reason.startswith("6 lines of logs at most were gone before they were handed over")
    assert (told.key, told.size) == ("gone 2-7", 0)
    assert await node.seen() == [[1], [8, 9]]
    await node.streams.advance(6.0)
    node.store.close()
    await node.start(batch=2)
    await node.streams.advance(10.0)
    assert len(await node.queue.recent(state="skipped")) == 1
    assert await node.seen() == [[10]]


async def test_what_has_no_match_for_long_is_not_looked_through_again(node: Node) -> None:
    await node.start()
    node.lines.add(1)
    node.lines.lines[-1] = line(logs.REST + 10, "fine")
    await node.streams.advance(0.0)
    node.store.close()
    await node.start()
    await node.streams.advance(0.0)
    assert node.lines.asked == 1


async def test_a_store_that_cannot_be_read_now_is_read_later(node: Node) -> None:
    await node.start()
    node.lines.add(4)
    node.lines.error = LimitError("too many search")
    await node.streams.advance(0.0)
    assert node.streams.trouble == {"f": "too many search"}
    node.lines.error = None
    await node.streams.advance(1.0)
    await node.streams.advance(7.0)
    assert node.streams.trouble == {}
    assert await node.seen() == [[1, 2, 3], [4]]


async def test_another_pattern_is_another_stream_that_begins_now(node: Node) -> None:
    await node.start()
    node.lines.add(3)
    node.store.close()
    await node.start(on=("logs: unit=nginx match=err",))
    node.lines.add(3)
    await node.streams.advance(0.0)
    assert await node.seen() == [[4, 5, 6]]


def test_an_event_stays_below_the_size_of_an_event() -> None:
    gather = Gather(1_000, 5.0)
    big = "x" * (logs.BYTES // 2)
    assert gather.add(line(1, big), 0.0) is None
    assert gather.add(line(2, big), 0.0) is None
    full = gather.add(line(3), 0.0)
    assert full is not None
    assert [one.number for one in full.lines] == [1, 2]
    assert full.cursor == 2
    assert gather.held == 1


async def test_the_store_of_a_node_is_read_to_its_end_and_on(node: Node, tmp_path: Path) -> None:
    store = LogStore(tmp_path / "logs", Settings())
    store.open()
    try:

        class Real:
            last = property(lambda _: store.last)

            async def marks(self) -> dict[str, str]:
                return {}

            async def read(self, query: Query) -> Page:
                return store.read(query)

        def write(*texts: str) -> None:
            found = [Line(1_800_000_000.0, "syslog", "h", "nginx", 6, text) for text in texts]
            store.append(rows_of(found, 1_000)[0], {}, 1_800_000_000.0)

        write("error before")
        node.lines = Real()  # type: ignore[assignment]
        await node.start()
        write("error 1", "fine", "error 2", "error 3", "error 4")
        await node.streams.advance(0.0)
        write("fine", "error 5")
        await node.streams.advance(1.0)
        await node.streams.advance(6.0)
        assert [len(one) for one in await node.seen()] == [3, 2]
    finally:
        store.close()
