"""While an owner has a delegate, the delegate is asked first, and then the owner as ever."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import pytest

from gadfly.alert.escalate import chain, spoken_for, unchanged
from gadfly.config.owner import Delegate, Owner

SINCE, UNTIL = 1_800_000_000.0, 1_800_003_600.0


def at(wall: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(wall, dt.UTC)


def owners(**delegate: object) -> dict[str, Owner]:
    standing_in = Delegate(**{"to": "b", "until": at(UNTIL), "because": "leave", **delegate})
    return {
        "a": Owner(contact=("https://a.example/hook",), owner="top", after=60.0, delegate=(standing_in,)),
        "b": Owner(contact=("https://b.example/hook",), after=30.0),
        "top": Owner(contact=("https://top.example/hook",)),
    }


@pytest.mark.parametrize(
    ("wall", "asked"),
    [
        (SINCE - 1, ["a", "top"]),
        (SINCE, ["b", "a", "top"]),
        (UNTIL - 1, ["b", "a", "top"]),
        (UNTIL, ["a", "top"]),
        (None, ["a", "top"]),
    ],
)
def test_in_its_time_it_comes_first(wall: float | None, asked: list[str]) -> None:
    assert [step.owner for step in chain(owners(since=at(SINCE)), "a", wall)] == asked


def test_without_a_beginning_it_is_from_now_on() -> None:
    assert [step.owner for step in chain(owners(), "a", 0.0)] == ["b", "a", "top"]


def test_one_that_is_not_declared_is_nobody() -> None:
    assert [step.owner for step in chain(owners(to="x"), "a", 0.0)] == ["a", "top"]


@pytest.mark.parametrize(
    ("wall", "span"),
    [
        (0.0, (-math.inf, SINCE)),
        (SINCE, (SINCE, UNTIL)),
        (UNTIL, (UNTIL, math.inf)),
    ],
)
def test_between_its_edges_nothing_changes(wall: float, span: tuple[float, float]) -> None:
    assert unchanged(owners(since=at(SINCE)), wall) == span
    assert unchanged({"a": Owner()}, wall) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("names", "wall", "all_of_them"),
    [
        (["b"], SINCE, {"a", "b"}),
        (["b"], UNTIL, {"b"}),
        (["top"], SINCE, {"top"}),
        ([], SINCE, set()),
    ],
)
def test_who_stands_in_speaks_for_it(names: list[str], wall: float, all_of_them: set[str]) -> None:
    assert spoken_for(owners(since=at(SINCE)), names, wall) == all_of_them


def test_a_contact_of_both_is_asked_once_and_first() -> None:
    shared = "https://shared.example/hook"
    both = {"a": Owner(contact=(shared, "mailto:a@b"), owner="t"), "t": Owner(contact=("mailto:t@b", shared))}
    assert [step.label for step in chain(both, "a")] == [
        "https://shared.example/…",
        "mailto:a@b",
        "mailto:t@b",
    ]


async def test_it_is_told_first_and_the_owner_when_it_does_not_answer(
    fleet_of: Callable[..., object],
) -> None:
    fleet = await fleet_of(owner=owners())
    fleet.add("db", owner="a")
    await fleet.down("db")
    await fleet.after(200)
    assert [to for _, kind, to in fleet.told() if kind in ("firing", "escalation")] == [
        "https://b.example/hook",
        "https://a.example/hook",
        "https://top.example/hook",
    ]
    assert [at_ for at_, kind, _ in fleet.told() if kind in ("firing", "escalation")] == [0.0, 30.0, 90.0]
    lines = fleet.got[0][2].text.splitlines()
    assert "b stands in for a until 09:00:00 UTC on 15 Jan 2027: leave" in lines


async def test_one_whose_time_ends_meanwhile_leaves_nobody_out(fleet_of: Callable[..., object]) -> None:
    fleet = await fleet_of(owner=owners(until=at(SINCE + 10)))
    fleet.add("db", owner="a")
    await fleet.down("db")
    await fleet.after(200)
    asked = [to for _, kind, to in fleet.told() if kind in ("firing", "escalation")]
    assert asked == ["https://b.example/hook", "https://a.example/hook", "https://top.example/hook"]
