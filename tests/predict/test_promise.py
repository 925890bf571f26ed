"""Which alarms stand, and which predictions are made."""

from __future__ import annotations

import math

from gadfly.predict.prediction import Foreseen, Key
from gadfly.predict.promise import ROOM, Alarm, alarms, due

NOW = 1000.0


def series(name: str) -> Key:
    return (("__name__", "disk"), ("host", name))


def seen(name: str, probability: float, value: float = 5.0) -> Foreseen:
    return Foreseen(key=series(name), probability=probability, value=value, limit=0.0)


def owner(of: Key) -> str:
    return "dba" if of[1][1].startswith("db") else "ops"


def stand(
    *found: Foreseen,
    before: dict[Key, Alarm] | None = None,
    told: int = 0,
    budget: float = 2,
    silent: bool = False,
) -> dict[str, str]:
    after = alarms(
        found,
        before or {},
        NOW,
        chance=0.5,
        budget=budget,
        told={"ops": told},
        owner=owner,
        silent=lambda _: silent,
    )
    return {key[1][1]: alarm.state for key, alarm in after.items()}


def test_the_most_probable_get_what_is_left_of_the_budget() -> None:
    assert stand(seen("a", 0.6), seen("b", 0.9), seen("c", 0.7)) == {
        "b": "told",
        "c": "told",
        "a": "withheld",
    }


def test_each_owner_has_a_budget_of_its_own() -> None:
    assert stand(seen("a", 0.9), seen("b", 0.8), seen("db", 0.6), seen("db2", 0.7), budget=1) == {
        "a": "told",
        "b": "withheld",
        "db": "withheld",
        "db2": "told",
    }
    assert stand(seen("a", 0.9), seen("db", 0.6), told=2) == {"a": "withheld", "db": "told"}


def test_what_is_certain_is_told_whatever_was_spent() -> None:
    assert stand(seen("a", 0.97), seen("b", 0.8), told=2) == {"a": "told", "b": "withheld"}


def test_what_is_full_is_told_whatever_was_spent() -> None:
    assert stand(seen("a", math.nan, value=0.0), told=9) == {"a": "told"}


def test_what_is_full_does_not_spend_what_is_for_the_future() -> None:
    full = [seen(name, math.nan, value=0.0) for name in "xyz"]
    assert stand(*full, seen("a", 0.6), budget=1)["a"] == "told"


def test_of_what_nothing_can_be_said_there_is_no_alarm() -> None:
    assert stand(seen("a", math.nan)) == {}


def test_an_alarm_that_stands_costs_no_budget_again() -> None:
    before = {series("a"): Alarm(since=1.0, state="told")}
    after = alarms(
        [seen("a", 0.6)],
        before,
        NOW,
        chance=0.5,
        budget=1,
        told={"ops": 1},
        owner=owner,
        silent=lambda _: False,
    )
    assert after == before


def test_one_that_is_withheld_is_told_when_it_becomes_certain() -> None:
    before = {series("a"): Alarm(since=1.0, state="withheld")}
    after = alarms(
        [seen("a", 0.97)],
        before,
        NOW,
        chance=0.5,
        budget=1,
        told={"ops": 1},
        owner=owner,
        silent=lambda _: False,
    )
    assert after == {series("a"): Alarm(since=NOW, state="told")}


def test_a_predictor_that_is_silent_tells_nothing() -> None:
    before = {series("a"): Alarm(since=1.0, state="told")}
    assert stand(seen("a", 1.0), seen("b", 1.0), before=before, silent=True) == {
        "a": "silent",
        "b": "silent",
    }


def test_an_alarm_of_a_series_that_ended_is_over() -> None:
    assert stand(before={series("a"): Alarm(since=1.0, state="told")}) == {}


def made(
    *found: Foreseen, before: dict[Key, Alarm], after: dict[Key, Alarm], open: set[Key]
) -> list[tuple[str, bool]]:
    return [(one.key[1][1], told) for one, told in due(found, before, after, open)]


def test_each_series_is_foretold_once_until_that_is_resolved() -> None:
    assert made(seen("a", 0.1), seen("b", 0.2), before={}, after={}, open={series("a")}) == [("b", False)]


def test_an_alarm_that_begins_is_foretold_besides() -> None:
    told = Alarm(since=NOW, state="told")
    assert made(seen("a", 0.9), before={}, after={series("a"): told}, open={series("a")}) == [("a", True)]
    assert (
        made(seen("a", 0.9), before={series("a"): told}, after={series("a"): told}, open={series("a")}) == []
    )


def test_an_alarm_that_is_held_back_is_foretold_as_untold() -> None:
    held = Alarm(since=NOW, state="withheld")
    assert made(seen("a", 0.9), before={}, after={series("a"): held}, open={series("a")}) == [("a", False)]


def test_of_what_is_full_only_the_beginning_of_its_alarm_is_written_down() -> None:
    told = {series("a"): Alarm(since=NOW, state="told")}
    held = {series("a"): Alarm(since=NOW, state="silent")}
    full = seen("a", math.nan, 0.0)
    assert made(full, seen("b", math.nan), before={}, after=told, open=set()) == [("a", True)]
    assert made(full, before=told, after=told, open=set()) == []
    assert made(full, before={}, after=held, open=set()) == []


def test_a_turn_has_room_for_so_many_without_an_alarm() -> None:
    found = [seen(f"{number:03}", number / 1000) for number in range(ROOM + 5)]
    names = [name for name, _ in made(*found, before={}, after={}, open=set())]
    assert len(names) == ROOM
    assert names[0] == f"{ROOM + 4:03}"
