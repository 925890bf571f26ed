"""SQL over a snapshot: what it sees, and what it cannot do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gadfly.errors import QueryError
from gadfly.store.series.sql import MOST
from gadfly.store.series.sql_child import BESIDE

pytestmark = pytest.mark.slow

NOW_MS = 1_800_000_000_000
HOUR = 3_600_000


@pytest.fixture
async def filled(store: Any) -> Any:
    await store.put({"__name__": "m", "job": "a"}, [(NOW_MS - 5 * HOUR, 1.0)])
    await store.put({"__name__": "m", "job": "b"}, [(NOW_MS - 5 * HOUR, float("nan")), (NOW_MS, 3.0)])
    await store.series.upkeep()
    return store


def asked(store: Any, text: str, rows: int = 100) -> Any:
    return json.loads(store.series.sql(text, rows, lambda: False))


def test_what_it_sees(filled: Any) -> None:
    found = asked(filled, "SELECT metric, labels['job'] AS job, time, value FROM samples ORDER BY time, job")
    assert found == {
        "columns": ["metric", "job", "time", "value"],
        "types": ["VARCHAR", "VARCHAR", "TIMESTAMP", "DOUBLE"],
        "rows": [
            ["m", "a", "2027-01-15T03:00:00", 1.0],
            ["m", "b", "2027-01-15T03:00:00", None],
            ["m", "b", "2027-01-15T08:00:00", 3.0],
        ],
        "more": False,
    }
    assert asked(filled, "SELECT count(*) FROM series")["rows"] == [[2]]
    assert asked(filled, "SELECT * FROM minutes UNION ALL SELECT * FROM hours")["rows"] == []
    assert asked(filled, "SELECT * FROM range(5)", rows=2) == {
        "columns": ["range"],
        "types": ["BIGINT"],
        "rows": [[0], [1]],
        "more": True,
    }


def test_moments_are_text_in_utc(filled: Any) -> None:
    found = asked(filled, "SELECT to_timestamp(0) AS at, 1 AS at ORDER BY 2 -- the beginning")
    assert found["columns"] == ["at", "at"]
    assert found["rows"] == [["1970-01-01 00:00:00+00", 1]]
    assert asked(filled, "SELECT now() > to_timestamp(0);")["rows"] == [[True]]
    assert len(asked(filled, "SELECT now();")["rows"]) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELEC 1", "syntax error"),
        ("", "one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("CREATE TABLE t (a INT)", "one SELECT"),
        ("COPY (SELECT 1) TO 'x.parquet'", "one SELECT"),
        ("ATTACH '/tmp/x.db'", "one SELECT"),
        ("SET memory_limit='10GB'", "one SELECT"),
        ("INSTALL httpfs", "one SELECT"),
        ("SELECT * FROM read_text('/etc/passwd')", "disabled"),
        ("SELECT * FROM '/etc/passwd.csv'", "disabled"),
        ("SELECT * FROM read_csv('https://127.0.0.1:9/x')", "disabled|httpfs"),
        ("SELECT * FROM glob('/etc/*')", "disabled"),
        ("SELECT a FROM samples", "column"),
    ],
)
def test_what_it_cannot_do(filled: Any, text: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        asked(filled, text)


def test_it_ends_when_its_time_is_over_and_leaves_nothing(filled: Any) -> None:
    with pytest.raises(QueryError, match="longer than it may"):
        filled.series.sql(
            "SELECT count(*) FROM range(10000000000) a, range(1000) b", 10, iter([False, True]).__next__
        )
    with pytest.raises(QueryError, match="rows"):
        filled.series.sql("SELECT 1", 0, lambda: False)
    assert not list(filled.folder.glob("sql-*"))


def peak(folder: Path, text: str, memory_mb: int) -> tuple[bytes, int]:
    """What the process answers, and the bytes of memory that it had at most."""
    question = {"sql": text, "rows": 10_000, "memory_mb": memory_mb, "most": MOST}
    command = [sys.executable, "-I", "-m", "gadfly.store.series.sql_child", str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(question).encode())
        child.stdin.close()
        answer = child.stdout.read()
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0
    return answer, used.ru_maxrss * 1024


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SELECT repeat('x', 1000000) FROM range(250)", b"emory"),
        ("SELECT repeat('x', 10000) FROM range(20000)", b"too large"),
    ],
)
def test_it_takes_no_more_memory_than_it_may(filled: Any, text: str, why: bytes) -> None:
    folder = filled.folder.parent / "now"
    filled.series.snapshot(folder)
    _, little = peak(folder, "SELECT 1", 64)
    answer, much = peak(folder, text, 64)
    assert why in answer
    assert much - little < 64 * 1_000_000 + BESIDE
