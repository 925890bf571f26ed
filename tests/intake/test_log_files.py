"""Files become lines with host, unit and path, go on after a reload, and say what is wrong with them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.logs import LogFile
from gadfly.intake.log_files import LogFiles
from gadfly.intake.logs import Logs
from gadfly.intake.tail import Lines, Tail
from gadfly.intake.tails import Tails
from gadfly.store.logs import Line


class Taker(Logs):
    """Takes lines as the node's own does, and keeps them in a list."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.kept: dict[str, str] = {}

    async def marks(self) -> Mapping[str, str]:
        return dict(self.kept)

    async def feed(self, lines: Sequence[Line], marks: Mapping[str, str], sender: str) -> None:
        self.lines += lines
        self.kept.update(marks)


async def until(done: object, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def config(**files: LogFile) -> Config:
    return Config(log_file=files)


async def test_files_are_lines_and_a_reload_goes_on_where_they_were(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_text("one\n\n  \ntwo\n")
    taker = Taker()
    given = config(shop=LogFile(path=(str(path),), start="beginning"))
    part = LogFiles(taker, SystemClock(), given)
    running = asyncio.ensure_future(part.run())
    await until(lambda: len(taker.lines) == 2)
    line = taker.lines[1]
    assert (line.source, line.host, line.unit, line.severity) == (
        "file:shop",
        socket.gethostname(),
        "shop",
        6,
    )
    assert (line.text, line.fields) == ("two", {"path": str(path)})
    assert part.counts()["files"] == 1

    part.reconfigure(given)  # nothing changed: nothing is opened anew
    part.reconfigure(config(shop=LogFile(path=(str(path),), unit="orders", host="h7")))
    with path.open("a") as file:
        file.write("three\n")
    await until(lambda: len(taker.lines) == 3)
    assert [(one.text, one.unit, one.host) for one in taker.lines[2:]] == [("three", "orders", "h7")]

    part.reconfigure(config())
    await asyncio.sleep(0.05)
    with path.open("a") as file:
        file.write("nobody reads it\n")
    running.cancel()
    await asyncio.wait([running])
    assert len(taker.lines) == 3
    assert part.warnings() == []


async def test_a_reload_closes_no_file_that_is_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.log"
    path.write_text("one\n")
    reading, go_on, closed = threading.Event(), threading.Event(), threading.Event()
    seen: list[bool] = []
    read, close = Tail.read, Tails.close

    def slow(self: Tail, longest: int) -> Lines:
        reading.set()
        go_on.wait(10)
        seen.append(closed.is_set())
        return read(self, longest)

    def closing(self: Tails) -> None:
        closed.set()
        close(self)

    monkeypatch.setattr(Tail, "read", slow)
    monkeypatch.setattr(Tails, "close", closing)
    taker = Taker()
    part = LogFiles(taker, SystemClock(), config(shop=LogFile(path=(str(path),), start="beginning")))
    running = asyncio.ensure_future(part.run())
    await until(reading.is_set)
    part.reconfigure(config(shop=LogFile(path=(str(path),), start="beginning", unit="orders")))
    for _ in range(5):
        await asyncio.sleep(0)
    go_on.set()
    await until(lambda: taker.lines)
    assert seen[0] is False
    assert [(line.text, line.unit) for line in taker.lines] == [("one", "orders")]
    running.cancel()
    await asyncio.wait([running])


async def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    part = LogFiles(Taker(), SystemClock(), config(all=LogFile(path=(f"{tmp_path}/*",))))
    assert part.warnings() == []
    running = asyncio.ensure_future(part.run())
    await until(lambda: part._tails is not None and not part._tails._first)
    assert part._tails is not None
    part._tails.trouble.update({f"/f{n}": f"/f{n} is not followed" for n in range(8)})
    assert part.warnings()[-1] == "and 3 more files of logs are not followed"
    running.cancel()
    await asyncio.wait([running])
