"""Nobody is asked at night, in an incident, or about what has just come into being (G5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import Team
from gadfly.ask.life.team import asked, quiet

Make = Callable[..., Any]
FRIDAY_NOON = 20_000 * 86_400.0 + 12 * 3600
TABLE = {
    "by day": (Team(name="a"), 0, ""),
    "at night": (Team(name="a"), 11, "hours"),
    "early": (Team(name="a"), 18.9, "hours"),
    "from seven": (Team(name="a"), 19, ""),
    "its own night": (Team(name="a", zone="America/Los_Angeles"), 0, "hours"),
    "its own day": (Team(name="a", zone="America/Los_Angeles"), 4, ""),
    "a zone that nobody knows": (Team(name="a", zone="Mars/Olympus"), 0, ""),
    "its hours": (Team(name="a", hours="Mon-Fri 08:00-18:00 Europe/Berlin"), 3, ""),
    "after them": (Team(name="a", hours="Mon-Fri 08:00-18:00 Europe/Berlin"), 4.5, "hours"),
    "on Saturday": (Team(name="a", hours="Mon-Fri 08:00-18:00 Europe/Berlin"), 24, "hours"),
    "an incident": (Team(name="a", busy=True), 0, "incident"),
    "away": (Team(name="a", away=True), 0, "away"),
}


@pytest.mark.parametrize(("team", "later", "why"), TABLE.values(), ids=TABLE.keys())
def test_when_it_is_quiet(team: Team, later: float, why: str) -> None:
    said = quiet(team, FRIDAY_NOON + later * 3600)
    assert (why in said) if why else (said == "")


@pytest.mark.parametrize(
    "quiet", [Team(name="ops", busy=True), Team(name="ops", away=True)], ids=["busy", "away"]
)
@pytest.mark.parametrize("name", ["near", "deaf"])
def test_what_is_due_waits(life: Make, quiet: Team, name: str) -> None:
    one = life({"ops": quiet})
    one.days(3, (name, "c1"))
    assert one.said == []
    one.teams = {"ops": Team(name="ops")}
    one.day((name, "c1"))
    assert one.said == ["asked q1"]


def test_a_team_elsewhere_is_asked_when_it_wakes(life: Make) -> None:
    one = life({"ops": Team(name="ops", zone="America/Los_Angeles")})
    one.day(("near", "c1"))
    one.day(("near", "c1"), hours=4)
    assert one.said == [], "noon in London is five in the morning there"
    one.day(("near", "c1"))
    assert one.said == ["asked q1"]


YOUNG = {
    "13 days old": ("near", 13, False, False),
    "14 days old": ("near", 14, False, True),
    "on safety": ("deaf", 1, False, True),
    "a kind that may": ("near", 1, True, True),
    "nobody knows": ("near", None, False, True),
}


@pytest.mark.parametrize(("name", "age", "young", "said"), YOUNG.values(), ids=YOUNG.keys())
def test_what_has_just_come_into_being(
    life: Make, a_kind: Make, name: str, age: float | None, young: bool, said: bool
) -> None:
    one = life(None, a_kind("near", young=young), a_kind("deaf", safety=True))
    since = None if age is None else one.now + 86_400 - age * 86_400
    one.days(2, one.found(name, "c1", since=since))
    assert one.said == (["asked q1"] if said else [])


def test_of_a_team_without_people_the_one_above_is_asked() -> None:
    teams = {
        "a": Team(name="a", parent="b", members=0),
        "b": Team(name="b", parent="c", members=0),
        "c": Team(name="c", members=2),
        "round": Team(name="round", parent="back", members=0),
        "back": Team(name="back", parent="round", members=0),
    }
    assert [asked(teams, name) for name in ("a", "c", "unknown", "round")] == ["c", "c", "unknown", "back"]
