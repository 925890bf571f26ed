"""What comes is kept, matched and told; what has no room is refused; a crash loses nothing taken."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gadfly.alert.reported import Reported
from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.logs import LogRule
from gadfly.config.logs import Logs as Settings
from gadfly.config.node import Node as NodeSettings
from gadfly.errors import LimitError, StoreError
from gadfly.intake import log_writer
from gadfly.intake import logs as module
from gadfly.intake.logs import Logs
from gadfly.store.logs import Line, LogStore, Query


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for others waits shortly here."""
    for where, name in ((log_writer, "GATHER"), (log_writer, "RETRY"), (module, "TELL"), (module, "RETRY")):
        monkeypatch.setattr(where, name, 0.01)


class Told:
    def __init__(self) -> None:
        self.reports: list[Reported] = []
        self.refuses = 0

    async def __call__(self, reports: Sequence[Reported]) -> None:
        if self.refuses:
            self.refuses -= 1
            raise StoreError("the disk is full")
        self.reports += reports


def config(folder: Path, rules: dict[str, LogRule] | None = None, **settings: object) -> Config:
    return Config(
        node=NodeSettings(state=str(folder)),
        logs=Settings(**settings),  # type: ignore[arg-type]
        log_rule=rules or {},
    )


def made(given: Config, told: Told) -> Logs:
    return Logs(given, SystemClock(), series=lambda: None, report=told, generator="http://n/logs")


@contextlib.asynccontextmanager
async def running(given: Config, told: Told | None = None) -> AsyncIterator[Logs]:
    logs = made(given, told or Told())
    work = asyncio.ensure_future(logs.run())
    await logs.marks()
    yield logs
    work.cancel()
    await asyncio.wait([work])


async def until(done: object, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def lines(count: int, text: str = "line", host: str = "h") -> list[Line]:
    return [Line(time.time(), "syslog", host, "u", 6, f"{text} {n}") for n in range(count)]


async def texts(logs: Logs) -> list[str]:
    return [line.text for line in (await logs.read(Query(after=0, limit=1000))).lines]


async def test_what_was_taken_is_read(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as logs:
        assert logs.take(lines(3)) == 3
        assert logs.take([]) == 0
        await until(lambda: logs.counts()["taken_total"] == 3)
        assert await texts(logs) == ["line 0", "line 1", "line 2"]
        assert logs.counts()["kept_lines"] == 3
        assert logs.warnings() == []


async def test_what_was_taken_before_the_end_is_there_after_it(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as logs:
        logs.take(lines(5))
        await logs.feed(lines(1, "fed"), {"file:1": "mark"}, sender="f")
    async with running(config(tmp_path)) as logs:
        assert len(await texts(logs)) == 6
        assert (await logs.marks()) == {"file:1": "mark"}


async def test_marks_are_those_of_all_that_was_handed_over_whatever_the_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(config(tmp_path)) as logs:
        await logs.feed(lines(1), {"file:1": "early", "file:2": "m", "journald": "c"}, sender="f")
        await until(lambda: logs.counts()["taken_total"] == 1)
        before = await logs.marks()

        def refuse(*_: object) -> int:
            raise StoreError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(LogStore, "append", refuse)
            await logs.feed(lines(1), {"file:1": "late", "file:2": ""}, sender="f")
            await until(lambda: logs.trouble)
            assert await logs.marks() == {"file:1": "late", "journald": "c"}
        await until(lambda: logs.counts()["taken_total"] == 2)
        assert await logs.marks() == {"file:1": "late", "journald": "c"}
        assert before == {"file:1": "early", "file:2": "m", "journald": "c"}  # nobody changes what was given


async def test_before_it_is_open_it_says_so(tmp_path: Path) -> None:
    logs = made(config(tmp_path), Told())
    with pytest.raises(StoreError, match="still being opened"):
        await logs.read(Query())


async def test_what_has_no_room_is_refused_and_counted(tmp_path: Path) -> None:
    logs = made(config(tmp_path, waiting=10), Told())
    assert logs.take(lines(8)) == 8
    assert logs.take(lines(8)) == 2
    assert logs.counts()["refused_waiting_total"] == 6
    assert "slower than they came" in logs.warnings()[0]


async def test_whoever_is_answered_is_answered_when_it_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    append = LogStore.append

    def slow(self: LogStore, rows: Sequence[Any], *more: Any) -> int:
        time.sleep(0.05)
        number = append(self, rows, *more)
        written.extend(row[5] for row in rows)
        return number

    monkeypatch.setattr(LogStore, "append", slow)
    async with running(config(tmp_path, waiting=2)) as logs:
        lines = [Line(0.0, "otlp", "h", "u", 6, text, {}) for text in ("a", "b", "c")]
        assert await logs.keep(lines) == 2
        assert written == ["a", "b"]
        assert await logs.keep([]) == 0


async def test_a_disk_that_refuses_is_told_to_whoever_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: LogStore, *more: Any) -> int:
        raise StoreError("the disk is full")

    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with pytest.raises(StoreError, match="opened"):
        await made(config(tmp_path), Told()).keep([Line(0.0, "otlp", "h", "u", 6, "a", {})])
    monkeypatch.setattr(LogStore, "append", full)
    async with running(config(tmp_path)) as logs:
        with pytest.raises(StoreError, match="full"):
            await logs.keep([Line(0.0, "otlp", "h", "u", 6, "a", {})])


async def test_what_is_to_be_sent_again_waits_no_longer_and_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: LogStore, *more: Any) -> int:
        raise StoreError("the disk is full")

    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(log_writer, "RETRY", 0.5)  # so that it is not being written when patience ends
    async with running(config(tmp_path)) as logs:
        with monkeypatch.context() as patched:
            patched.setattr(LogStore, "append", full)
            logs.take(lines(1, "before"))
            await until(lambda: logs.trouble)
            with pytest.raises(StoreError, match="full"):
                await logs.keep(lines(2, "sent again"))
            logs.take(lines(1, "behind"))
            assert logs.counts()["waiting"] == 2
        await until(lambda: logs.counts()["taken_total"] == 2)
        assert await logs.keep(lines(2, "sent again")) == 2
        assert await texts(logs) == ["before 0", "behind 0", "sent again 0", "sent again 1"]


async def test_what_is_being_written_is_not_withdrawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = LogStore.append

    def slow(self: LogStore, *more: Any) -> int:
        time.sleep(0.3)
        return append(self, *more)

    monkeypatch.setattr(LogStore, "append", slow)
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    async with running(config(tmp_path)) as logs:
        with pytest.raises(StoreError, match="try again"):
            await logs.keep(lines(2))
        await until(lambda: logs.counts()["taken_total"] == 2)
        assert logs.counts()["waiting"] == 0
        assert await texts(logs) == ["line 0", "line 1"]


async def test_who_sends_too_fast_is_refused_and_others_are_not(tmp_path: Path) -> None:
    logs = made(config(tmp_path, rate=1, burst=5), Told())
    assert logs.take(lines(20, host="loud")) == 5
    assert logs.take(lines(5, host="quiet")) == 5
    assert logs.counts()["refused_rate_total"] == 15
    assert "logs.rate" in logs.warnings()[0]


async def test_who_can_wait_waits_for_room(tmp_path: Path) -> None:
    given = config(tmp_path, waiting=10)
    logs = made(given, Told())
    await logs.feed(lines(8), {}, sender="f")
    more = asyncio.ensure_future(logs.feed(lines(1, "more"), {}, sender="f"))
    await asyncio.sleep(0.02)
    assert not more.done()
    work = asyncio.ensure_future(logs.run())
    await more
    await until(lambda: logs.counts()["taken_total"] == 9)
    work.cancel()
    await asyncio.wait([work])


async def test_a_disk_that_refuses_holds_lines_up_and_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(config(tmp_path)) as logs:
        real = LogStore.append

        def refuse(*_: object) -> int:
            raise StoreError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(LogStore, "append", refuse)
            logs.take(lines(2))
            await until(lambda: logs.trouble)
            assert "wait for the disk" in logs.warnings()[0]
        assert LogStore.append is real
        await until(lambda: logs.counts()["taken_total"] == 2)
        assert logs.warnings() == []
        assert await texts(logs) == ["line 0", "line 1"]


async def test_a_folder_in_use_is_told_and_tried_again(tmp_path: Path) -> None:
    other = LogStore(tmp_path / "logs", Settings())
    other.open()
    logs = made(config(tmp_path), Told())
    work = asyncio.ensure_future(logs.run())
    await until(logs.warnings)
    assert "in use" in logs.warnings()[0]
    other.close()
    await logs.marks()
    assert logs.warnings() == []
    work.cancel()
    await asyncio.wait([work])


OOM = {"oom": LogRule(match="memory", alert=True, owner="ops", because="users saw it")}


async def test_a_line_that_matters_is_told_with_its_words(tmp_path: Path) -> None:
    told = Told()
    told.refuses = 1  # the first time the disk refuses, and it is told again
    async with running(config(tmp_path, OOM), told) as logs:
        logs.take([*lines(1), *lines(2, "out of\x1b memory")])
        await until(lambda: told.reports)
    report = told.reports[0]
    assert report.labels == {"alertname": "oom", "host": "h", "owner": "ops"}
    assert report.annotations["lines"] == "out of  memory 0\nout of  memory 1"
    assert report.annotations["summary"] == "2 lines matched oom from h"
    assert report.annotations["because"] == "users saw it"
    assert report.source == "log:oom"
    assert report.ends is not None
    assert report.ends - report.starts == pytest.approx(900, abs=1)


async def test_what_a_crash_kept_from_being_told_is_told_after_it(tmp_path: Path) -> None:
    async with running(config(tmp_path)) as logs:
        logs.take(lines(1, "out of memory"))
    told = Told()
    async with running(config(tmp_path, OOM), told):
        await until(lambda: told.reports)
    assert told.reports[0].annotations["lines"] == "out of memory 0"


async def test_new_rules_are_for_what_comes_from_then_on(tmp_path: Path) -> None:
    told = Told()
    async with running(config(tmp_path), told) as logs:
        logs.take(lines(1, "out of memory"))
        await until(lambda: logs.counts()["taken_total"] == 1)
        logs.reconfigure(config(tmp_path, OOM))
        logs.take(lines(1, "memory again"))
        await until(lambda: told.reports)
    assert told.reports[0].annotations["lines"] == "memory again 0"


async def test_a_crowd_that_searches_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READERS", 3)
    async with running(config(tmp_path)) as logs:
        asked = [logs.read(Query()) for _ in range(5)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [isinstance(one, LimitError) for one in found] == [False] * 3 + [True] * 2
        assert (await logs.read(Query())).lines == []


async def test_who_ends_it_at_once_may_begin_again_at_once(tmp_path: Path) -> None:
    for _ in range(5):
        work = asyncio.ensure_future(made(config(tmp_path), Told()).run())
        await asyncio.sleep(0)
        work.cancel()
        await asyncio.wait([work])
    async with running(config(tmp_path)) as logs:
        assert logs.warnings() == []


async def test_lines_that_never_found_a_disk_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = LogStore(tmp_path / "logs", Settings())
    other.open()
    logs = made(config(tmp_path), Told())
    logs.take(lines(3))
    work = asyncio.ensure_future(logs.run())
    await until(logs.warnings)
    work.cancel()
    await asyncio.wait([work])
    assert "3 lines of logs that waited for the disk are lost" in caplog.text
    assert other.read(Query()).lines == []
    other.close()
