"""Each owner's load against its budget: what is too much, and what will be, is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from gadfly.act.owner_load.load import (
    State,
    at_night,
    judge,
    slope,
    standing,
)
from gadfly.catalogue import loads
from gadfly.config import Config
from gadfly.config.owner import Load, Owner

CATALOGUE = """
[owner.a]
[owner.b]
load = { components = 1, checks = 2 }
[component.h]
kind = "host"
owner = "b"
beats = "1s"
[component.x]
owner = "a"
beats = "1s"
probe.tcp = { address = "127.0.0.1:1" }
probe.http = [{ name = "one", url = "http://127.0.0.1/" }, { name = "two", url = "http://127.0.0.1/" }]
[component.y]
host = "h"
beats = "1s"
[component.j]
kind = "job"
owner = "b"
schedule = "every 1h"
[component.nobodys]
beats = "1s"
"""


def test_what_stands_is_counted() -> None:
    assert standing(loads(CATALOGUE)) == {
        "a": {"components": 1, "checks": 4, "automations": 0},
        "b": {"components": 3, "checks": 3, "automations": 0},
    }


def test_what_stands_and_is_too_much_is_named_and_comes_first() -> None:
    found = judge(loads(CATALOGUE), {})
    assert [(one.owner, one.state) for one in found] == [("b", State.over), ("a", State.fine)]
    assert found[0].words == "3 components, and 1 can be borne; 3 checks, and 2 can be borne"
    assert found[0].share == 3.0


@pytest.mark.parametrize(
    ("weeks", "state"),
    [
        ((), State.fine),
        ((0, 0, 0, 0), State.fine),
        ((9, 9, 9, 9), State.fine),
        ((9, 9, 9, 10), State.near),  # just what can be borne, and growing
        ((0, 0, 0, 11), State.over),
        ((50, 40, 30, 11), State.over),  # better, and still too much
        ((2, 4, 6, 8), State.near),
        ((5, 6, 7, 8), State.fine),  # in two weeks it is ten, which can be borne
        ((8, 6, 4, 6), State.fine),
        ((0, 1, 2, 4), State.fine),  # it grows fast, but is less than half
        ((0, 0, 3, 5), State.fine),
        ((0, 1, 3, 7), State.near),
    ],
)
def test_what_comes(weeks: Sequence[int], state: State) -> None:
    config = Config(owner={"a": Owner(load=Load(pages="10 a week"))})
    (found,) = judge(config, {"a": {"pages": weeks}})
    line = next(one for one in found.lines if one.what == "pages")
    assert line.state is state
    assert bool(line.words) is (state is not State.fine)
    assert found.state is state


def test_the_words_say_how_much_and_how_soon() -> None:
    config = Config(owner={"a": Owner(load=Load(night="3 a week"))})
    (found,) = judge(config, {"a": {"night": (0, 0, 1, 2), "pages": (0, 0, 1, 2)}})
    assert found.words == (
        "2 pages at night within a week and 0.7 more each week: "
        "within 2 weeks it will be more than the 3 that can be borne"
    )
    (found,) = judge(config, {"a": {"night": (0, 0, 0, 4)}})
    assert found.words == "4 pages at night within a week, and 3 can be borne"


def test_no_budget_at_all_is_over_with_the_first() -> None:
    config = Config(owner={"a": Owner(load=Load(night="0 a week"))})
    assert judge(config, {"a": {"night": (0, 0, 0, 0)}})[0].share == 0.0
    (found,) = judge(config, {"a": {"night": (0, 0, 0, 1)}})
    assert (found.state, found.share) == (State.over, 2.0)


@pytest.mark.parametrize(
    ("weeks", "grows"), [((), 0), ((5,), 0), ((1, 2, 3, 4), 1), ((4, 3, 2, 1), -1), ((0, 0, 0, 10), 3)]
)
def test_the_line_through_the_weeks(weeks: Sequence[int], grows: float) -> None:
    assert slope(weeks) == pytest.approx(grows)


@pytest.mark.parametrize(
    ("hours", "clock", "night"),
    [
        ("", "2026-11-23T03:00", True),
        ("", "2026-11-23T07:00", False),
        ("", "2026-11-23T22:00", True),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T08:00", False),  # a Monday
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T18:00", True),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-22T12:00", True),
    ],
)
def test_when_it_is_night(hours: str, clock: str, night: bool) -> None:
    wall = dt.datetime.fromisoformat(clock).replace(tzinfo=dt.UTC).timestamp()
    assert at_night(Owner(hours=hours), wall) is night
