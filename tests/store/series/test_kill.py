"""A process that is killed at any moment: every batch that it said was taken is there afterwards, whole."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gadfly.clock import SystemClock
from gadfly.config.series import Series as Settings
from gadfly.promql.limits import Limits
from gadfly.promql.source import Chunk, Matcher
from gadfly.store.series import Series

WRITER = """
import asyncio, sys
from pathlib import Path
import numpy as np
from gadfly.clock import SystemClock
from gadfly.config.series import Series as Settings
from gadfly.store.series import Batch, Series, segments

segments.FULL = 20_000

async def main():
    store = Series(Path(sys.argv[1]), Settings(), SystemClock())
    await store.open()
    start = int(sys.argv[2])
    async def one(number):
        # Ten minutes of samples a batch, so that hours go into blocks while it writes.
        for step in range(100_000):
            ids, _ = store.intern([{"__name__": f"w{number}", "part": str(step // 100)}], "s")
            at = start + step * 600_000 + np.arange(10) * 60_000
            taken = await store.append(Batch(np.repeat(ids, 10), at, np.full(10, float(step))), "s")
            sys.stdout.write(f"{number} {step} {taken.samples}\\n")
            sys.stdout.flush()
    async def roll():
        while True:
            await store.upkeep()
            await asyncio.sleep(0.01)
    await asyncio.gather(roll(), *map(one, range(4)))

asyncio.run(main())
"""
START = int(time.time() - 14 * 86400) // 3600 * 3_600_000
"""Two weeks ago: room for many hours, none of them old enough to be thinned."""


async def read(folder: Path) -> Chunk:
    store = Series(folder, Settings(), SystemClock())
    await store.open()
    try:
        return await asyncio.to_thread(store.select, [Matcher("__name__", "=~", "w.")], 0, 2**60, Limits())
    finally:
        await store.close()


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 50, 300, 1500])
def test_killed(tmp_path: Path, lines: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "series"), str(START)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    os.kill(process.pid, signal.SIGKILL)
    told += [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    taken = {}
    for line in told:
        number, step, samples = map(int, line.split())
        taken[number, step] = samples
    assert len(taken) >= lines
    assert 10 in taken.values()

    chunk = asyncio.run(read(tmp_path / "series"))
    found: Counter[tuple[int, int]] = Counter()
    for number, labels in enumerate(chunk.labels):
        part = slice(chunk.offsets[number], chunk.offsets[number + 1])
        at, value = chunk.at[part], chunk.value[part]
        assert (np.diff(at) > 0).all()
        assert (value == (at - START) // 600_000).all()
        found.update((int(labels["__name__"][1:]), int(step)) for step in value)
    assert {batch: found[batch] for batch in taken} == taken
    assert len(found.keys() - taken.keys()) <= 4 * 2  # at most what was on its way
