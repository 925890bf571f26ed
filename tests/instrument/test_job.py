"""What is told of a job's run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.instrument.job import Tail, exit_code, finished, running


def test_tail_keeps_the_last_whole_lines() -> None:
    tail = Tail(limit=12)
    for n in range(9):
        tail.add(f"line {n}\n".encode())
    assert tail.text() == "line 8"
    tail.add(b"x" * 50)
    assert tail.text() == "x" * 12


@given(st.lists(st.binary(max_size=50)), st.integers(1, 40))
def test_tail_is_the_end_of_all(chunks: list[bytes], limit: int) -> None:
    tail = Tail(limit)
    for chunk in chunks:
        tail.add(chunk)
    whole = b"".join(chunks)
    assert len(tail._kept) <= limit
    assert whole.endswith(tail._kept)
    if len(whole) <= limit:
        assert tail.text() == whole.decode("utf-8", "replace").rstrip()


def test_what_is_told() -> None:
    plan = {"every": 3600.0, "grace": 0.0, "schedule": "", "runs": 60.0}
    assert running(plan) == {"every": 3600.0, "runs": 60.0, "state": "running"}
    assert finished(plan, 3, 1.23456, "disk full") == {
        "every": 3600.0,
        "runs": 60.0,
        "state": "finished",
        "exit": 3,
        "seconds": 1.235,
        "output": "disk full",
    }
    assert finished({}, 0, 1.0, "") == {"state": "finished", "exit": 0, "seconds": 1.0}


@pytest.mark.parametrize(("returncode", "code"), [(0, 0), (3, 3), (-9, 137), (-15, 143)])
def test_exit_code(returncode: int, code: int) -> None:
    assert exit_code(returncode) == code
