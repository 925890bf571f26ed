"""What the disk does not take of one prediction takes no turn from the others."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.errors import StoreError
from gadfly.predict.running import Running

HOUR = 3600.0
TWO = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.first]
of = "disk_free_bytes"
full = "0"
act = "2h"
owner = "ops"
[prediction.second]
of = "disk_free_bytes"
full = "0"
act = "2h"
owner = "ops"
"""


@pytest.mark.parametrize("world", [TWO], indirect=True, ids=["two"])
async def test_the_others_are_looked_at(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.listen(24, HOUR, lambda hour: 1e9 - hour, host="a")
    real = world.predicting._promising.keep

    async def keep(source: Any, one: Running, *more: Any) -> None:
        if one.name == "first":
            raise StoreError("the disk is full")
        await real(source, one, *more)

    monkeypatch.setattr(world.predicting._promising, "keep", keep)
    with pytest.raises(StoreError, match="the disk is full"):
        await world.predicting.turn()
    assert world.predicting.running["second"].look is not None
