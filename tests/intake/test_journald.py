"""systemd's journal: entries become lines, a real journal is followed, and its cursor survives a restart."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gadfly.clock import SystemClock, VirtualClock
from gadfly.config import Config
from gadfly.config.logs import Logs as Settings
from gadfly.intake.journald import Journald, command, line_of
from gadfly.intake.logs import Logs
from gadfly.store.logs import Line

REMOTE = "/lib/systemd/systemd-journal-remote"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {
                "__CURSOR": "c", "__REALTIME_TIMESTAMP": "1795380000000001", "MESSAGE": "hello",
                "PRIORITY": "3", "_HOSTNAME": "box", "_SYSTEMD_UNIT": "nginx.service", "_PID": "42",
            },
            (Line(1795380000.000001, "journald", "box", "nginx", 3, "hello", {"pid": "42"}), "c"),
        ),
        (
            {"MESSAGE": [104, 105, 255], "SYSLOG_IDENTIFIER": ["su", "x"], "PRIORITY": "9"},
            (Line(0.0, "journald", "me", "su", 6, "hi�", {"identifier": "su"}), ""),
        ),
        (
            {"MESSAGE": None, "_SOURCE_REALTIME_TIMESTAMP": "1000000", "__REALTIME_TIMESTAMP": "5", "X": 7},
            (Line(1.0, "journald", "me", "", 6, "", {}), ""),
        ),
        ({"MESSAGE": [], "__REALTIME_TIMESTAMP": "9" * 40}, (Line(0.0, "journald", "me", "", 6, "", {}), "")),
    ],
)  # fmt: skip
def test_an_entry_is_a_line(entry: Mapping[str, object], expected: tuple[Line, str]) -> None:
    assert line_of(entry, "me") == expected


def test_journalctl_is_called_behind_the_cursor_or_with_the_newest() -> None:
    config = Config(logs=Settings(journal_folder="/j", journal_units=("a.service", "b.service")))
    called = command(config, "s=1;i=2")
    assert called[:2] == ["journalctl", "--follow"]
    assert called[-5:] == [
        "--directory=/j", "--unit=a.service", "--unit=b.service", "--no-tail", "--after-cursor=s=1;i=2",
    ]  # fmt: skip
    assert command(config, "")[-1] == "--lines=1"


class Taker(Logs):
    """Takes lines as the node's own does, and keeps them in a list."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.kept: dict[str, str] = {}

    async def marks(self) -> Mapping[str, str]:
        return self.kept

    async def feed(self, lines: Sequence[Line], marks: Mapping[str, str], sender: str) -> None:
        self.lines += lines
        self.kept.update(marks)


async def test_a_machine_without_journalctl_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    clock = VirtualClock()
    part = Journald(Taker(), clock, Config(logs=Settings(journald=True)))
    running = asyncio.ensure_future(part.run())
    await clock.advance(1.0)
    assert "install systemd" in part.warnings()[0]
    part.reconfigure(Config())
    await clock.advance(1.0)
    assert part.warnings() == []
    running.cancel()


async def test_a_journalctl_that_ends_is_started_again_ever_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "journalctl"
    program.write_text(
        '#!/bin/sh\necho \'{"MESSAGE":"m","__CURSOR":"c"}\'\necho no good >&2\necho broken\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    clock, taker = VirtualClock(), Taker()
    part = Journald(taker, clock, Config(logs=Settings(journald=True)))
    running = asyncio.ensure_future(part.run())
    for starts in (1, 2, 3):
        await until(lambda: part.counts()["starts_total"] == starts and clock._sleepers)  # noqa: B023
        assert "no good" in part.warnings()[0]
        assert taker.kept == {"journald": "c"}
        await clock.advance(2.0**starts - 0.5)
        assert part.counts()["starts_total"] == starts
        await clock.advance(0.5)
    assert part.counts()["too_long_total"] >= 3
    running.cancel()
    await asyncio.wait([running])


async def until(done: object, seconds: float = 10.0) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not done():  # type: ignore[operator]  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def write(folder: Path, *texts: str, at: int) -> None:
    """Entries into a real journal file."""
    entries = "".join(
        f"__REALTIME_TIMESTAMP={(at + n) * 1_000_000}\n__MONOTONIC_TIMESTAMP={at + n}\n"
        f"_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE={text}\nPRIORITY=4\n_HOSTNAME=box\n"
        "_SYSTEMD_UNIT=web.service\n\n"
        for n, text in enumerate(texts)
    )
    subprocess.run(
        [REMOTE, "-o", str(folder / f"j{at}.journal"), "-"],
        input=entries,
        text=True,
        check=True,
        capture_output=True,
    )


@pytest.mark.slow
async def test_a_real_journal_is_followed_and_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "long ago", "the newest", at=1_795_000_000)
    taker = Taker()
    config = Config(logs=Settings(journald=True, journal_folder=str(tmp_path)))

    async def follow(count: int) -> None:
        running = asyncio.ensure_future(Journald(taker, SystemClock(), config).run())
        try:
            await until(lambda: len(taker.lines) >= count)
        finally:
            running.cancel()
            await asyncio.wait([running])

    await follow(1)
    assert [(line.text, line.unit, line.severity, line.host) for line in taker.lines] == [
        ("the newest", "web", 4, "box")
    ]
    write(tmp_path, "while it was down", "and another", at=1_795_000_100)
    await follow(3)
    assert [line.text for line in taker.lines] == ["the newest", "while it was down", "and another"]
