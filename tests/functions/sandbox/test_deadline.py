"""What is not done on time is killed by a thread, whatever the event loop does meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.functions.sandbox.deadline import Deadlines
from gadfly.functions.sandbox.supervisor import Limits, Template


@pytest.fixture
def killed() -> list[int]:
    return []


@pytest.fixture
def at() -> list[float]:
    """The time, to be set."""
    return [100.0]


@pytest.fixture
def deadlines(killed: list[int], at: list[float], monkeypatch: pytest.MonkeyPatch) -> Deadlines:
    monkeypatch.setattr("threading.Thread.start", lambda self: None)
    return Deadlines(killed.append, lambda: at[0])


def test_what_is_due_is_killed_in_turn(deadlines: Deadlines, killed: list[int], at: list[float]) -> None:
    deadlines.put(7, 2.0)
    deadlines.put(8, 1.0)
    deadlines.put(9, 3.0)
    assert deadlines.sweep() == pytest.approx(1.0)
    at[0] += 2.5
    assert deadlines.sweep() == pytest.approx(0.5)
    assert killed == [8, 7]


def test_what_was_taken_is_left_alone(deadlines: Deadlines, killed: list[int], at: list[float]) -> None:
    number = deadlines.put(7, 1.0)
    assert deadlines.take(number)
    at[0] += 2.0
    assert deadlines.sweep() is None
    assert killed == []


def test_what_was_killed_cannot_be_taken(deadlines: Deadlines, killed: list[int], at: list[float]) -> None:
    number = deadlines.put(7, 1.0)
    at[0] += 1.0
    deadlines.sweep()
    assert killed == [7]
    assert not deadlines.take(number)


def test_a_fork_has_no_deadlines(deadlines: Deadlines, killed: list[int], at: list[float]) -> None:
    deadlines.put(7, 1.0)
    deadlines.forget()
    at[0] += 2.0
    assert deadlines.sweep() is None
    assert killed == []


@pytest.mark.slow
def test_a_busy_event_loop_delays_no_kill(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    (tmp_path / "f.py").write_text("import gadfly_fn\ndef handler(e, c):\n    gadfly_fn.metric('x')\n")

    async def run() -> tuple[bool, str]:
        template = Template()
        await template.start()
        try:
            cell = await template.cell(str(tmp_path), ("f", "handler"), Limits(seconds=0.3))
            runs = asyncio.Event()

            async def asked(ask: object) -> dict[str, object]:
                runs.set()
                await asyncio.sleep(60)
                return {}

            call = asyncio.create_task(cell.call(None, _context(), asked))
            children = Path(f"/proc/{cell.pid}/task/{cell.pid}/children")
            await runs.wait()
            # From here on nothing else runs in this loop.
            gone = _soon(lambda: not children.read_text().split())
            answer = await call
            cell.close()
            return gone, answer.ended
        finally:
            template.close()

    assert asyncio.run(run()) == (True, "not done after 0.3 s")


def _soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.005)
    return False


def _context() -> dict[str, object]:
    names = ("function_name", "function_version", "invoked_function_arn", "aws_request_id")
    return dict.fromkeys((*names, "log_group_name", "log_stream_name"), "") | {"memory_limit_in_mb": 1}
