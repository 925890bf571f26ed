"""A family of facts that cannot be read for a day: nothing follows from what is not known."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from gadfly.ask import kinds
from gadfly.ask.facts import TABLES
from gadfly.ask_facts import FAMILIES, gather, lacking
from gadfly.ask_facts.gather import TELLS
from gadfly.ask_facts.lacking import blind, silent
from gadfly.store import facts

DAY = 86_400.0
CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[component.db]
owner = "ops"
beats = "1s"
[rule.hot]
when = "temperature > 200"
owner = "ops"
because = "The room burns."
[ask.kind.never-near]
threshold = { days = 15 }
because = "a quarter takes long in a test"
"""
pytestmark = pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["hot"])


def fails(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def raises(_: Any) -> Any:
        raise RuntimeError("a defect")

    families = {name: raises if name in names else family for name, family in FAMILIES.items()}
    monkeypatch.setattr(sys.modules["gadfly.ask_facts.gather"], "FAMILIES", families)


async def declared(place: Any) -> list[tuple[str, str, float, float | None]]:
    def work(connection: sqlite3.Connection) -> list[Any]:
        return [
            (table, one.name, one.since, one.until)
            for table in ("owner", "component", "check")
            for one in facts.declared(connection, table)
        ]

    found: list[tuple[str, str, float, float | None]] = await place.db.read(work)
    return found


async def lived(place: Any) -> None:
    """A question is open: the rule never fired."""
    place.sample(25, 240.0, lambda day: 22 + day % 1, __name__="temperature")
    place.up(25)
    await place.asking.look()
    await place.clock.advance(16 * DAY + 9 * 3600)
    await place.asking.look()
    await place.clock.advance(DAY)
    await place.asking.look()
    assert (await place.asking.book()).questions[1].state == "open"
    await place.clock.advance(DAY)


async def test_what_was_declared_since_when_stays(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.asking.look()
    before = await declared(place)
    assert {name for _, name, _, _ in before} >= {"ops", "db heartbeat", "hot"}
    await place.clock.advance(DAY)
    with monkeypatch.context() as broken:
        fails(broken, "checks", "catalogue")
        looked = await place.asking.look()
    assert set(looked.trouble) >= {"checks", "catalogue"}
    await place.clock.advance(DAY)
    await place.asking.look()
    assert await declared(place) == before


@pytest.mark.parametrize("family", ["samples", "catalogue"])
async def test_an_open_question_stays_and_is_withdrawn_when_it_is_known_that_it_is_over(
    place: Any, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    await lived(place)
    with monkeypatch.context() as broken:
        fails(broken, family)
        looked = await place.asking.look()
    assert "never-near" in looked.trouble
    assert (await place.asking.book()).questions[1].state == "open"
    await place.clock.advance(DAY)
    place.take(
        CATALOGUE.replace("[rule.hot]", "[rule.cold]").replace("temperature > 200", "temperature < 20")
    )
    await place.asking.look()
    assert (await place.asking.book()).questions[1].state == "withdrawn"


async def test_without_the_series_nothing_is_withdrawn(place: Any) -> None:
    await lived(place)
    place.node.series.source = None
    looked = await place.asking.look()
    assert "series" in looked.trouble
    assert (await place.asking.book()).questions[1].state == "open"


async def test_who_lacks_what_nobody_told_is_not_asked_and_its_silence_ends_nothing(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(place)
    monkeypatch.setitem(lacking.NEEDS, "never-near", ("check.published",))
    place.take(CATALOGUE.replace("temperature > 200", "temperature < 20"))
    looked = await place.asking.look()
    assert "never-near" not in place.asking.evaluation.seconds
    assert "never-near" not in looked.trouble
    assert (await place.asking.book()).questions[1].state == "open"


class Taken:
    """What a world would get."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def add(self, table: str, columns: Mapping[str, list[Any]]) -> None:
        self.tables.add(table)


async def test_what_failed_is_not_shown_as_over(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.asking.look()
    fails(monkeypatch, "checks")
    taken = Taken()
    with place.stores() as stores:
        found = gather(stores, taken)
    assert found.missing == {"check"}
    assert "check" not in taken.tables
    assert "check" not in found.declared


async def test_of_each_family_it_is_known_which_tables_it_fills(place: Any) -> None:
    assert set(TELLS) == set(FAMILIES)
    filled = [table for tables in TELLS.values() for table in tables]
    assert sorted(filled) == sorted(set(TABLES) - {"rota", "question", "decision"})
    for name, tables in TELLS.items():
        assert set(place.facts(name)) <= set(tables)


async def test_what_is_lacking_is_not_asked_and_what_is_empty_is_an_answer(place: Any) -> None:
    every = kinds.load()
    known = {"alert": {"*": 3, "check": 3}}
    assert silent(every["unacted"], known)  # nobody knows whether anybody was told
    assert not silent(every["unacted"], {})  # there was no alert
    assert silent(every["one-hero"], {})  # who is on call is told by somebody else
    assert silent(every["shared-identity"], {"use": {"*": 2, "owner": 2}})
    assert not silent(every["shared-identity"], {"use": {"*": 2, "owner": 2, "host": 1}})
    other = msgspec.structs.replace(every["shared-identity"], query="SELECT 1 FROM alert")
    assert not silent(other, {"use": {"*": 2}})  # one of a folder, that bears the name of ours


async def test_who_would_ask_the_wrong_team_does_not_ask(place: Any) -> None:
    every = kinds.load()
    assert blind(every["unacted"], {"alert"})
    assert not blind(every["unacted"], {"grant"})
    assert all(blind(one, {"component"}) for one in every.values())
