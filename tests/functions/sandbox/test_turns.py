"""A call that asks without a pause, or with much at once, leaves the node its time."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.functions.sandbox import instance
from gadfly.functions.sandbox.supervisor import Limits, Template

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import abuses

pytestmark = [pytest.mark.slow]
ASKS = """
    import os, struct, time
    def handler(event, context):
        ask = b'{"ask":"' + b"x" * event["size"] + b'"}'
        ask = struct.pack("!I", len(ask)) + ask
        left = memoryview(ask * event["times"])
        while left:
            left = left[os.write(3, left):]
        for _ in range(event["times"]):
            os.read(3, struct.unpack("!I", os.read(3, 4))[0])
        return "done"
    """


async def _asked(folder: Path, event: dict[str, int]) -> tuple[Any, list[int]]:
    """What it gave, and at which turn of the loop each ask was answered."""
    os.chmod(folder, 0o755)
    (folder / "f.py").write_text(textwrap.dedent(ASKS))
    turns = 0
    seen: list[int] = []

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def asked(ask: Any) -> dict[str, Any]:
        seen.append(turns)
        return {"ok": 1}

    template = Template()
    await template.start()
    others = asyncio.create_task(turning())
    try:
        cell = await template.cell(str(folder), ("f", "handler"), Limits(seconds=30.0))
        answer = await cell.call(event, abuses.CONTEXT, asked)
        cell.close()
    finally:
        others.cancel()
        template.close()
    return answer.value, seen


def test_others_have_their_turn_between_asks(tmp_path: Path) -> None:
    value, seen = asyncio.run(_asked(tmp_path, {"size": 10, "times": 200}))
    assert value == "done"
    assert len(set(seen)) == 200


@pytest.mark.parametrize(("size", "waits"), [(1000, False), (100_000, True)], ids=["small", "large"])
def test_who_takes_the_nodes_time_waits(
    size: int, waits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = itertools.count(step=0.02)  # each ask takes 20 ms to read
    slept: list[float] = []
    sleep = asyncio.sleep

    async def sleeping(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(instance, "time", SimpleNamespace(thread_time=lambda: next(spent)))
    monkeypatch.setattr(instance, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": sleeping}))
    value, _ = asyncio.run(_asked(tmp_path, {"size": size, "times": 3}))
    assert value == "done"
    assert slept == pytest.approx([20 * 0.02] * 3 if waits else [0.0] * 3)
