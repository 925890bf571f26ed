"""Costly expressions run elsewhere, and not for long."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gadfly.monitor.probe import judge as judge_module
from gadfly.monitor.probe.judge import Judge


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    judge = Judge()
    yield judge
    await judge.close()


async def test_cheap_ones_run_here(judge: Judge) -> None:
    assert await judge.matches("b", "abc") is True
    assert await judge.matches("^b", "abc") is False
    assert judge._process is None


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [("^(a+)+$", "aaaa", True), ("(ab)+c", "abab", False), ("(é)+$", "xéé", True)],
)
async def test_costly_ones_run_in_a_process(judge: Judge, pattern: str, text: str, wanted: bool) -> None:
    assert await judge.matches(pattern, text) is wanted
    assert judge._process is not None


async def test_one_that_takes_too_long_is_ended_and_the_next_is_judged(judge: Judge) -> None:
    begin = time.monotonic()
    assert await judge.matches("^(a+)+$", "a" * 60 + "b") is None
    assert time.monotonic() - begin < 5
    assert judge._process is None
    assert await judge.matches("^(a+)+$", "aaa") is True


async def test_a_quadratic_one_on_a_large_text(judge: Judge) -> None:
    text = "status" * 150_000
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    assert await judge.matches("status.*ok", text) is None
    assert ticks > 10
    ticking.cancel()


async def test_the_process_is_reused_and_rests(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "REST", 0.05)
    assert await judge.matches("(a)+", "a") is True
    process = judge._process
    assert process is not None
    assert await judge.matches("(b)+", "a") is False
    assert judge._process is process
    await asyncio.wait_for(process.wait(), 5)
    assert judge._process is None
    assert await judge.matches("(b)+", "b") is True


async def test_the_process_can_do_nothing_else(judge: Judge) -> None:
    assert await judge.matches("(a)+", "a") is True
    assert judge._process is not None
    status = await asyncio.to_thread(Path(f"/proc/{judge._process.pid}/status").read_text)
    held = {name: rest.strip() for name, _, rest in (line.partition(":") for line in status.splitlines())}
    assert (held["Seccomp"], held["NoNewPrivs"], held["CapEff"]) == ("2", "1", "0" * 16)
    assert os.geteuid() != 0 or held["Uid"].split() == ["65534"] * 4


async def test_a_process_that_died_is_replaced(judge: Judge) -> None:
    assert await judge.matches("(a)+", "a") is True
    assert judge._process is not None
    judge._process.kill()
    await judge._process.wait()
    assert await judge.matches("(a)+", "a") is True


async def test_the_queue_is_bounded(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "QUEUE", 0.05)
    await judge._busy.acquire()
    assert await judge.matches("(a)+", "a") is None
    judge._busy.release()


async def test_cancelled_in_the_middle(judge: Judge) -> None:
    task = asyncio.create_task(judge.matches("^(a+)+$", "a" * 60 + "b"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await judge.matches("(a)+", "a") is True


async def test_not_an_expression(judge: Judge) -> None:
    for pattern in ("(", "(a)+("):
        with pytest.raises(re.error):
            await judge.matches(pattern, "a")
