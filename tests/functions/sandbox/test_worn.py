"""A cell that has had its calls takes no new ones, and fails none of those that it has."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gadfly.functions.sandbox import supervisor
from gadfly.functions.sandbox.supervisor import Cell, Limits, Template

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import abuses

pytestmark = [pytest.mark.slow]


async def _worn(folder: Path) -> tuple[list[object], bool, bool]:
    os.chmod(folder, 0o755)
    (folder / "f.py").write_text("def handler(e, c): return e\n")
    template = Template()
    await template.start()
    try:
        cell: Cell = await template.cell(str(folder), ("f", "handler"), Limits(seconds=20.0, at_once=1))
        before = cell.worn
        answers = await asyncio.gather(*(cell.call(one, abuses.CONTEXT, abuses.denying) for one in range(8)))
        for _ in range(3000):  # the last process is taken away first
            if cell.closed:
                break
            await asyncio.sleep(0.01)
        ended = cell.worn and cell.closed
        if not cell.closed:
            cell.close()
        return [answer.value for answer in answers], before, ended
    finally:
        template.close()


def test_who_waits_is_answered_and_then_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "WORN", 3)
    values, before, ended = asyncio.run(_worn(tmp_path))
    assert values == list(range(8))
    assert (before, ended) == (False, True)
