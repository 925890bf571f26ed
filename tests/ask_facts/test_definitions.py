"""Since when something is declared as it is: kept from one look to the next."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ask_facts.columns import Columns, together
from gadfly.ask_facts.definitions import dated, declared, first
from gadfly.store.facts import Held

NOW = 20_000 * 86_400.0


def check(**cells: Any) -> dict[str, dict[str, list[Any]]]:
    table = Columns("check")
    table.add(**{"name": "hot", "threshold": 5.0, **cells})
    return together(table)


def rows(tables: dict[str, dict[str, list[Any]]], table: str = "check") -> list[dict[str, Any]]:
    columns = tables[table]
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def held(since: float, until: float | None = None, **cells: Any) -> Held:
    return Held("hot", {"name": "hot", "threshold": 5.0, **cells}, since, until)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([], [(NOW, None, None)]),
        ([held(NOW - 900)], [(NOW - 900, None, None)]),
        ([held(NOW - 900, threshold=9.0)], [(NOW, NOW, None), (NOW - 900, None, NOW)]),
        (
            [held(NOW - 900, NOW - 400, threshold=9.0), held(NOW - 400)],
            [(NOW - 400, NOW - 400, None), (NOW - 900, None, NOW - 400)],
        ),
        ([held(NOW - 900, NOW - 400)], [(NOW, NOW, None), (NOW - 900, None, NOW - 400)]),
        ([Held("cold", {"name": "cold"}, NOW - 900, None)], [(NOW, None, None), (NOW - 900, None, NOW)]),
    ],
    ids=["new", "the same", "edited", "edited before", "back again", "another is gone"],
)
def test_each_definition_has_its_time(kept: list[Held], expected: list[tuple[float | None, ...]]) -> None:
    tables = check()
    dated(tables, {"check": kept}, NOW)
    assert [(one["since"], one["edited"], one.get("until")) for one in rows(tables)] == expected


def test_the_first_look_ever_takes_over_what_a_store_remembers() -> None:
    alerts = Columns("alert")
    alerts.add(id="a1", check="hot", started=NOW - 500)
    alerts.add(id="a2", check="hot", started=NOW - 200)
    tables = check() | together(alerts)
    assert first(tables)["check"] == {"hot": NOW - 500}
    dated(tables, {}, NOW)
    assert rows(tables)[0]["since"] == NOW - 500


def test_what_moves_by_itself_is_no_change_of_a_definition() -> None:
    table = Columns("grant")
    table.add(id="deploys", function="notify", targets=3, since=NOW - 100)
    assert declared(together(table))["grant"] == {"deploys": {"id": "deploys", "function": "notify"}}


HOT = """
[owner.ops]
contact = ["exec:/bin/true"]
[rule.hot]
when = "a > 5"
owner = "ops"
because = "The room burns."
"""


@pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])
async def test_an_edit_between_two_looks_is_seen_at_the_second(place: Any) -> None:
    begin = place.clock.wall()
    await place.asking.look()
    await place.clock.advance(86_400)
    place.take(HOT.replace("> 5", "> 7"))
    await place.asking.look()
    found = await place.db.read(
        lambda connection: connection.execute(
            "SELECT json_extract(body, '$.threshold'), since, until FROM fact_declared WHERE tbl = 'check'"
            " ORDER BY id"
        ).fetchall()
    )
    assert found == [(5.0, begin, begin + 86_400), (7.0, begin + 86_400, None)]
