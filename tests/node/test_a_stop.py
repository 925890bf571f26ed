"""Stopped, a node first takes nothing more, then keeps what came in last, then closes where that is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gadfly.intake.intake import Intake

pytestmark = pytest.mark.slow


async def test_who_hands_on_ends_before_who_takes(
    place: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    node = place.node()
    tasks = Intake.tasks

    async def part() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)
            try:
                _, writer = await asyncio.open_connection(*node.server.addresses[0])
                writer.close()
                served = True
            except OSError:
                served = False
            seen.append((served, node.series.source is not None))

    monkeypatch.setattr(Intake, "tasks", lambda self: [*tasks(self), ("part", part())])
    async with node:
        await until(lambda: node.series.source)
    assert seen == [(False, True)]
    assert node.series.source is None
