"""A backtest for which nobody waits any more ends, before whoever gave up goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from gadfly.predict import backtest
from gadfly.predict_view import PredictView
from gadfly.store.predictions import Row

DECLARED = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "2h"
owner = "ops"
"""


@pytest.mark.parametrize("world", [DECLARED], indirect=True, ids=["one"])
async def test_the_thread_has_ended(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def replay(*given: Any) -> tuple[list[Row], float]:
        over: Callable[[], bool] = given[-1]
        begun.set()
        while not over():
            time.sleep(0.001)
        ended.set()
        return [], 0.0

    monkeypatch.setattr(backtest, "replay", replay)
    monkeypatch.setattr("gadfly.predict_view.LONGEST", 30.0)
    view = PredictView(world.node)
    asked = asyncio.create_task(view.backtest(3600.0))
    assert await asyncio.to_thread(begun.wait, 30.0)
    since = time.monotonic()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert ended.is_set()
    assert time.monotonic() - since < 29.0
