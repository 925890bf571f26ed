"""The records of companies before their incidents: what they may hold, and what is told of them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from ask_incidents import Seen, judge, named, play
from gadfly.ask import kinds as asking
from gadfly.ask.facts import TABLES
from gadfly.ask.world import World
from incidents.company import company
from incidents.incident import INCIDENTS
from incidents.state import LOOK, State

CATALOGUE = Path(__file__).parents[3] / "shared" / "SCENARIOS.md"
STATES = [pytest.param(name, mended, id=f"{name}-{'mended' if mended else 'was'}")
          for name in sorted(INCIDENTS) for mended in (False, True)]  # fmt: skip


def test_there_are_eighteen() -> None:
    assert len(INCIDENTS) == 18


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue of scenarios is not beside the repository")
def test_they_are_those_of_the_catalogue() -> None:
    rows = [re.split(r"\s*\|\s*", line.strip("| \n")) for line in CATALOGUE.read_text().splitlines()]
    told = {row[0]: tuple(map(int, re.findall(r"\bQ(\d+)", row[-1]))) for row in rows if row[0][:1] == "S"}
    assert {name: one.asked for name, one in INCIDENTS.items()} == told


def test_every_number_is_a_kind() -> None:
    kinds = asking.load()
    for one in INCIDENTS.values():
        assert len(named(one, kinds)) == len(one.asked)


@pytest.mark.parametrize(("name", "mended"), STATES)
def test_the_facts_are_facts_and_none_is_of_later(name: str, mended: bool) -> None:
    state = INCIDENTS[name].state(mended=mended)
    for table, rows in state.rows.items():
        state.columns(table)
        for column in TABLES[table].columns:
            if column.sort in ("time", "day"):
                latest = LOOK if column.sort == "time" else LOOK / 86_400 - 1
                assert all((row.get(column.name) or 0) <= latest for row in rows), column.name


@pytest.mark.parametrize("name", sorted(INCIDENTS))
def test_to_put_right_changes_the_records(name: str) -> None:
    assert INCIDENTS[name].state().rows != INCIDENTS[name].state(mended=True).rows
    assert INCIDENTS[name].state().rows == INCIDENTS[name].state().rows


def test_what_was_asked_is_sorted_by_what_it_is_about() -> None:
    kinds, state = asking.load(), State()
    state.component("web", heard=0)
    keys = {("loop", "web, names"), ("tier-inversion", "web"), ("loop", "webcam"), ("who-watches", "node")}
    judged = judge(Seen(keys, {("loop", "web, names")}, {}), state, INCIDENTS["S08"], kinds)
    assert (judged.found, judged.asked) == (["Q71 loop"], ["Q71 loop"])
    assert judged.others == ["Q70 tier-inversion"]
    assert judged.around == [("loop", "webcam"), ("who-watches", "node")]


@pytest.mark.parametrize(
    ("mended", "asked"), [(False, ["Q67 both-think-dead"]), (True, [])], ids=["was", "mended"]
)
def test_a_question_before_an_incident(mended: bool, asked: list[str]) -> None:
    kinds, incident = asking.load(), INCIDENTS["S11"]
    with World() as world:
        around = company()
        for table in ("owner", "rota", "component", "edge"):
            world.add(table, around.columns(table))
        judged = play(world, incident, named(incident, kinds), 2, mended=mended)
    assert (judged.asked, judged.around, judged.trouble) == (asked, [], {})
