"""What is sent, what is sent again, and what the operator is told; the other side is a list of answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config.remote import Remote
from gadfly.errors import StoreError
from gadfly.outgrown.client import Answer
from gadfly.outgrown.sender import Sender
from gadfly.outgrown.spool import Spool
from gadfly.promql.source import Metadata
from gadfly.store.series.batch import Batch
from gadfly.store.series.segments import Segments
from gadfly.telemetry import remote_write, snappy

T = 1_790_000_000_000


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads would make the tests wait for real."""

    async def to_thread(work: Any, *given: Any) -> Any:
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)


class Other:
    """Answers one by one, then 204."""

    name = "metrics:8428"

    def __init__(self) -> None:
        self.answers: list[Answer | Exception] = []
        self.took: list[list[float]] = []
        self.described: list[Any] = []

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        written = remote_write.decode(snappy.decompress(body, 10**8), {})
        self.described += written.described
        self.took.append(written.value.tolist())
        answer = self.answers.pop(0) if self.answers else Answer(204, b"", 0.0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        pass


class World:
    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = VirtualClock(T / 1000)
        self.spool = Spool(folder, folder / "spool", settings.pop("bound", 10**9))
        self.segments = Segments(folder, self.spool.collect)
        list(self.segments.read())
        self.spool.open()
        self.other = Other()
        self.names: dict[int, dict[str, str] | None] = {0: {"__name__": "a"}, 1: {"__name__": "b"}}
        self.sender = Sender(
            Remote(write="http://metrics:8428/api/v1/write", **settings),
            self.spool,
            self.clock,
            lambda numbers: [self.names.get(number) for number in numbers],
            lambda: {"a": [Metadata("gauge", "A.", "")]},
        )
        self.sender._client = self.other  # type: ignore[assignment]

    def write(self, *values: float, series: int = 0) -> None:
        """One batch."""
        at = np.array([T + int(value) for value in values])
        self.segments.write(Batch(np.full(len(values), series), at, np.array(values)))
        self.spool.collect()

    async def run(self, seconds: float) -> None:
        """Let it send for so long, by the clock."""
        task = asyncio.create_task(self.sender.run())
        await asyncio.sleep(0)
        for _ in range(int(seconds)):
            await asyncio.sleep(0)
            await self.clock.advance(1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_in_order_in_requests_of_a_bounded_size(tmp_path: Path) -> None:
    world = World(tmp_path, samples=3)
    for values in ([1.0], [2.0], [3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0]):
        world.write(*values)
    await world.run(2)
    assert [value for took in world.other.took for value in took] == [float(n) for n in range(1, 10)]
    assert max(map(len, world.other.took)) == 3
    assert world.sender.counts()["sent_samples_total"] == 9
    assert world.sender.warnings() == []
    # What metrics are goes along, once.
    assert [one.metric for one in world.other.described] == ["a"]


@pytest.mark.parametrize(
    "failure",
    [
        StoreError("nobody there"),
        Answer(503, b"busy", 0.0),
        Answer(429, b"slow down", 0.0),
        Answer(401, b"who?", 0.0),
        Answer(404, b"where?", 0.0),
    ],
)
async def test_what_may_succeed_later_is_sent_again(tmp_path: Path, failure: Any) -> None:
    world = World(tmp_path)
    world.write(1.0)
    world.other.answers = [failure] * 4
    await world.run(4)
    (warning,) = world.sender.warnings()
    assert "wait to be sent" in warning
    await world.run(20)
    assert world.other.took == [[1.0]] * 5
    assert world.sender.warnings() == []
    counts = world.sender.counts()
    assert (counts["sent_samples_total"], counts["requests_failed_total"]) == (1, 4)


async def test_it_waits_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(1.0)
    world.other.answers = [Answer(503, b"", 30.0)]
    await world.run(25)
    assert len(world.other.took) == 1
    await world.run(2)


async def test_one_bad_sample_costs_its_own_batch(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(1.0)
    world.write(2.0)
    world.write(3.0)
    bad, good = Answer(400, b"out of\norder", 0.0), Answer(200, b"", 0.0)
    world.other.answers = [bad, good, bad, good]
    await world.run(2)
    assert world.other.took == [[1.0, 2.0, 3.0], [1.0], [2.0], [3.0]]
    counts = world.sender.counts()
    assert (counts["sent_samples_total"], counts["refused_samples_total"]) == (2, 1)
    (warning,) = world.sender.warnings()
    assert "refused 1 samples for good; the last time: 400 out of order" in warning


async def test_an_outage_within_the_parts_goes_on_where_it_was(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(1.0)
    world.write(2.0)
    world.other.answers = [Answer(400, b"", 0.0), Answer(204, b"", 0.0), StoreError("gone")]
    await world.run(5)
    assert world.other.took == [[1.0, 2.0], [1.0], [2.0], [2.0]]
    assert world.sender.counts()["sent_samples_total"] == 2


async def test_series_that_nobody_knows_any_more(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(1.0, series=0)
    world.write(2.0, series=7)
    await world.run(1)
    assert world.other.took == [[1.0]]
    assert world.sender.counts()["refused_samples_total"] == 1


async def test_what_was_given_up_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, bound=100)
    for number in range(1, 6):
        world.write(float(number))
        world.segments.rotate()
    await world.run(1)
    (warning,) = world.sender.warnings()
    assert "never sent" in warning
    assert world.sender.counts()["lost_bytes_total"] > 0


async def test_what_the_disk_damaged_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(1.0)
    world.write(2.0)
    file = next((tmp_path / "spool").glob("*.log"))
    with file.open("r+b") as damaged:
        damaged.seek(20)
        damaged.write(b"!?")
    world.segments.rotate()
    world.write(3.0)
    await world.run(2)
    assert [value for took in world.other.took for value in took] == [2.0, 3.0]
    (warning,) = world.sender.warnings()
    assert "damaged on disk" in warning
    assert world.sender.counts()["lost_bytes_total"] == world.spool.damaged > 0
