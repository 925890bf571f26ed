"""What stands around a cell lives on, whatever comes out of it, and the next call is answered."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import abuses
import cages

pytestmark = [pytest.mark.slow]


@pytest.mark.parametrize("tier", ["A", "B"])
def test_what_must_hold_holds(tier: str) -> None:
    async def trial(cage: cages.Cage) -> list[str]:
        names = [name for name in abuses.ALL if name not in abuses.LONG]
        held = await asyncio.gather(*(abuses.ALL[name](cage.make) for name in names))
        return [name for name, one in zip(names, held, strict=True) if not one]

    assert cages.tried(cages.Setting("", tier, -1), trial) == []
