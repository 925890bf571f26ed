"""A node that starts, and takes samples and answers for the last minutes, does not load DuckDB."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import asyncio, sys
from pathlib import Path
import numpy as np
from gadfly.clock import SystemClock
from gadfly.config.series import Series as Settings
from gadfly.promql.limits import Limits
from gadfly.promql.source import Matcher
from gadfly.store.series import Batch, Series

async def main():
    clock = SystemClock()
    store = Series(Path(sys.argv[1]), Settings(), clock)
    await store.open()
    ids, _ = store.intern([{"__name__": "up"}])
    now = int(clock.wall() * 1000)
    await store.append(Batch(ids, np.array([now]), np.ones(1)))
    await store.upkeep()
    chunk = store.select([Matcher("__name__", "=", "up")], now - 1, now, Limits())
    await store.close()
    print(len(chunk.at), "duckdb" in sys.modules)

asyncio.run(main())
"""


def test_not_loaded(tmp_path: Path) -> None:
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert out.stdout.split() == ["1", "False"]
