"""Fire drills as facts: a page that travelled, and a stop that was pulled."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from gadfly.ask.drill.record import HOLDS, Drill, Letter, Step
from gadfly.ask_facts.acts import facts
from gadfly.store import drills

NOW = 1_790_000_000.0
TAKEN = Letter(owner="ops", to="x", what="firing", due=60.0, state="taken", after=0.5)


def written(connection: sqlite3.Connection, **cells: Any) -> None:
    number = drills.add(connection, NOW)
    one = Drill(id=number, owner="ops", who="person:anna", at=NOW, **cells)
    drills.save(connection, number, one.state, msgspec.json.encode(one))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(
            {"kind": "check", "target": "shop", "state": "told", "letters": (TAKEN,)},
            [("page", "north", True, 60.5), ("page", "shop", True, 60.5)],
            id="told",
        ),
        pytest.param(
            {"kind": "rule", "target": "slow", "state": "not told"},
            [("page", "north", False, None), ("page", "slow", False, None)],
            id="not told",
        ),
        pytest.param({"kind": "rule", "target": "slow", "state": "not run"}, [], id="not run"),
        pytest.param({"kind": "rule", "target": "slow"}, [], id="still running"),
        pytest.param(
            {
                "kind": "automation",
                "target": "revive",
                "state": "told",
                "promised": 1.0,
                "steps": (Step(what=HOLDS, seconds=0.02),),
            },
            [("stop", "revive", True, 0.02)],
            id="a stop",
        ),
    ],
)
async def test_a_drill_is_a_fact(place: Any, cells: dict[str, Any], expected: list[Any]) -> None:
    await place.db.write(lambda connection: written(connection, **cells))
    with place.stores() as stores:
        table = facts(stores).get("drill", {})
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    assert [(row["kind"], row["subject"], row["ok"], row.get("took")) for row in rows] == expected
