"""SQL over a snapshot of the store, answered by a process of its own (`sql_child`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from gadfly.errors import QueryError, StoreError

ROWS = 10_000
"""Rows of an answer at most."""
MOST = 30_000_000
"""Bytes of an answer."""
GLANCE = 0.1
"""Seconds between looks at the clock while the process works."""


def ask(
    snapshot: Callable[[Path], None],
    among: Path,
    sql: str,
    rows: int,
    memory_mb: int,
    ends: Callable[[], bool],
) -> bytes:
    """A table as JSON: `columns`, `types`, `rows`, and `more` where there are more rows than were asked for.

    `snapshot` fills a folder that does not exist yet; it is made in `among`, and removed. `ends` tells when
    the time is over. QueryError: what is asked is wrong or takes too long. StoreError.
    """
    if not 1 <= rows <= ROWS:
        raise QueryError(f"at most {ROWS:,} rows are answered; ask for 1 to as many", "bad_data")
    folder = Path(tempfile.mkdtemp(prefix="sql-", dir=among))
    try:
        snapshot(folder / "now")
        question = {"sql": sql, "rows": rows, "memory_mb": memory_mb, "most": MOST}
        return _answer(folder / "now", msgspec.json.encode(question), ends)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answer(folder: Path, question: bytes, ends: Callable[[], bool]) -> bytes:
    command = [sys.executable, "-I", "-m", "gadfly.store.series.sql_child", str(folder)]
    with (folder.parent / "question").open("w+b") as asked, (folder.parent / "answer").open("w+b") as answer:
        asked.write(question)
        asked.seek(0)
        try:
            child = subprocess.Popen(  # noqa: S603 — our own module; the question comes by its input
                command, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"TZ": "UTC"}
            )
        except OSError as error:
            raise StoreError(f"SQL was not answered: {error}. Look at the limits of processes.") from error
        assert child.stdout is not None
        reading = threading.Thread(target=shutil.copyfileobj, args=(child.stdout, answer), daemon=True)
        reading.start()
        try:
            while reading.is_alive():
                if ends():
                    raise QueryError("the query took longer than it may: ask for less", "timeout")
                reading.join(GLANCE)
        finally:
            child.kill()
            child.wait()
            reading.join()
            child.stdout.close()
        answer.seek(0)
        data = answer.read()
    try:
        told = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        raise QueryError(
            "the query was ended: it took more memory or time than it may", "execution"
        ) from None
    if "error" in told:
        raise QueryError(msgspec.json.decode(told["error"], type=str), "bad_data")
    return data
