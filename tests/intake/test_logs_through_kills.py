"""A process that follows a file is killed again and again: no line is lost, and none is there twice."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gadfly.config.logs import Logs as Settings
from gadfly.store.logs import LogStore, Query

FOLLOW = """
import asyncio, sys
from gadfly.clock import SystemClock
from gadfly.config import Config, Node
from gadfly.config.logs import LogFile
from gadfly.intake import log_files, log_writer, logs
from gadfly.store.logs import store

log_files.EVERY = log_writer.GATHER = 0.005
logs.UPKEEP, store.FULL = 0.05, 20_000  # so that it is killed within roll-ins too
folder = sys.argv[1]

async def tell(reports):
    pass

async def main():
    file = LogFile(path=(folder + "/app.log",), start="beginning")
    config = Config(node=Node(state=folder), log_file={"app": file})
    kept = logs.Logs(config, SystemClock(), series=lambda: None, report=tell)
    async with asyncio.TaskGroup() as group:
        group.create_task(kept.run())
        group.create_task(log_files.LogFiles(kept, SystemClock(), config).run())

asyncio.run(main())
"""


@pytest.mark.slow
def test_every_line_is_kept_once(tmp_path: Path) -> None:
    chance = random.Random(6)
    path = tmp_path / "app.log"
    written = 0
    with path.open("w") as file:
        for _ in range(5):
            child = subprocess.Popen([sys.executable, "-c", FOLLOW, str(tmp_path)])
            ends = time.monotonic() + chance.uniform(0.3, 0.7)
            while time.monotonic() < ends:
                count = chance.randint(1, 200)
                file.write("".join(f"line {n}\n" for n in range(written, written + count)))
                file.flush()
                written += count
                time.sleep(0.005)
            child.send_signal(signal.SIGKILL)
            child.wait()
    child = subprocess.Popen([sys.executable, "-c", FOLLOW, str(tmp_path)])
    try:
        _wait_until_quiet(tmp_path / "logs")
    finally:
        child.kill()
        child.wait()
    found = read(tmp_path)
    assert len(found) == written
    assert found == [f"line {n}" for n in range(written)]
    assert list((tmp_path / "logs").glob("*.parquet"))


def _wait_until_quiet(folder: Path) -> None:
    """Everything is read when nothing changed for a while."""
    before: list[tuple[str, int]] = []
    quiet, deadline = time.monotonic(), time.monotonic() + 20
    while time.monotonic() - quiet < 1.0 and time.monotonic() < deadline:
        time.sleep(0.1)
        with contextlib.suppress(FileNotFoundError):  # it was rolled in between
            now = sorted((one.name, one.stat().st_size) for one in folder.iterdir())
            if now != before or not any(name.startswith(("lines", "journal")) for name, _ in now):
                before, quiet = now, time.monotonic()


def read(folder: Path) -> list[str]:
    store = LogStore(folder / "logs", Settings())
    store.open()
    found: list[str] = []
    cursor = 0
    while True:
        page = store.read(Query(after=cursor, limit=10_000))
        found += [line.text for line in page.lines]
        cursor = page.cursor
        if not page.more:
            break
    store.close()
    return found
