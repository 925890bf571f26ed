"""Facts that came over the API: how long a look takes to read them all, and in how much memory.

A process of its own, as memory at its highest is that of a process. Prints one JSON object for `ask_scale`.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ask_world import NOW
from gadfly.ask.world import World
from gadfly.ask_facts.gather import FAMILIES, gather
from gadfly.config import Ask
from gadfly.store import facts
from gadfly.store.facts import Given
from gadfly.store.schema import migrate

COMPONENTS = 3_000


def main(rows: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "state.db", isolation_level=None)
        migrate(connection)
        connection.execute("BEGIN")
        facts.put(connection, "change", told(rows), at=NOW, who="ci", most=rows)
        connection.execute("COMMIT")
        before, began = megabytes(), time.perf_counter()
        stores: Any = SimpleNamespace(
            connection=connection, now=NOW, series=object(), stopping=lambda: False, days=[]
        )
        memory = f"{Ask().memory_mb}MB"
        # The node's own facts are measured by themselves: here there are none.
        with patch.dict(FAMILIES, clear=True), World(memory=memory, threads=1, spill=Path(folder)) as world:
            gather(stores, world)
            world.at(NOW)
            (row,) = world.ask("SELECT count(*) AS n FROM change")
        took = time.perf_counter() - began
        connection.close()
    return {"rows": row["n"], "seconds": took, "before": before, "megabytes": megabytes()}


def told(rows: int) -> Iterator[Given]:
    for number in range(rows):
        cells = {
            "subject": f"component-{number % COMPONENTS}",
            "at": NOW - 3600 - number * 10,
            "kind": "deploy",
            "what": f"commit {number:x}",
        }
        yield Given(json.dumps(list(cells.values())), cells)


def megabytes() -> float:
    """Of memory at the highest. Not by getrusage, which goes on from the process that began this one."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
