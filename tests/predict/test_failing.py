"""Components whose failures announce themselves, in virtual time: learnt, foretold, resolved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from gadfly.config.predict import Prediction
from gadfly.config.section import Duration
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.predict import failing
from gadfly.predict.backtest import replay_failures
from gadfly.predict.failing import HOUR, HOURS, Failing
from gadfly.predict.prediction import Outcome
from gadfly.promql import instant
from gadfly.promql.held import Held
from gadfly.promql.values import Vector
from gadfly.store.flips import Flip
from gadfly.store.predictions import Row

START = 500_000 * HOUR
NOW = START + HOURS * HOUR
NAMES = [f"worker-{number}" for number in range(4)]
CONFIG = Prediction(fails='group = "workers"', act=Duration(6.0 * HOUR), owner="ops")


def bad(hour: int, name: int) -> bool:
    """A component jitters for four hours before it fails, each sixty hours."""
    return (hour + 13 * name) % 60 >= 56


def world(until: int = HOURS) -> tuple[Held, list[Flip]]:
    """Jitter by the hour, and the failures at the end of each bad time."""
    hours = np.arange(until)
    series = []
    flips: list[Flip] = []
    for number, name in enumerate(NAMES):
        jitter = np.array([0.5 if bad(hour, number) else 0.01 for hour in hours.tolist()])
        noise = 0.001 * np.abs(np.sin(hours * 7919 + number))
        at = START * 1000 + hours * HOUR * 1000 + 1_800_000
        series.append(({"__name__": "heartbeat_jitter_seconds", "component": name}, at, jitter + noise))
        for hour in hours.tolist():
            if bad(hour, number) and not bad(hour + 1, number):
                when = START + (hour + 1) * HOUR + 60.0
                flips += [
                    Flip(when, name, Verdict.healthy, Verdict.down, "silent"),
                    Flip(when + 600, name, Verdict.down, Verdict.healthy, "beats"),
                ]
    return Held(series), sorted(flips, key=lambda one: one.at)


def predictor(names: Sequence[str] = NAMES) -> Failing:
    return Failing("workers", CONFIG, lambda: [Subject(name=name, group="workers") for name in names])


def test_what_announces_itself_is_foretold_and_what_is_calm_is_not() -> None:
    one = predictor()
    source, one.flips = world()
    told: dict[bool, list[float]] = {True: [], False: []}
    for hour in range(HOURS - 60, HOURS):
        look = one.look(source, START + (hour + 1) * HOUR + 1.0)
        for found in look.foreseen:
            name = NAMES.index(dict(found.key)["component"])
            told[bad(hour, name)].append(found.probability)
    assert np.mean(told[True]) > 0.5
    assert np.mean(told[False]) < 0.2


def test_it_is_the_same_whether_read_at_once_or_hour_by_hour() -> None:
    source, flips = world()
    slow, quick = predictor(), predictor()
    slow.flips = quick.flips = flips
    for hour in (HOURS - 30, HOURS - 29, HOURS - 3, HOURS):
        said = slow.look(source, START + hour * HOUR)
    # One that begins later has read less of the past; of what both have read they say the same.
    assert [one.key for one in said.foreseen] == [
        one.key for one in quick.look(source, START + HOURS * HOUR).foreseen
    ]


def test_a_failure_after_it_was_foretold_makes_it_true() -> None:
    one = predictor()
    source, one.flips = world()
    at = one.flips[0].at
    rows = [
        Row(
            predictor="workers",
            series="s",
            component=name,
            made=at - HOUR,
            deadline=at + HOUR,
            probability=0.5,
            base=0.1,
        )
        for name in (one.flips[0].component, "worker-9")
    ]
    found = {row.component: end.outcome for row, end in one.look(source, at + 2 * HOUR, rows).resolved}
    assert found == {one.flips[0].component: Outcome.came_true, "worker-9": Outcome.did_not}


def test_of_what_is_down_nothing_is_foretold() -> None:
    one = predictor()
    source, one.flips = world()
    name = one.flips[0].component
    one.flips = [*one.flips, Flip(NOW - 60, name, Verdict.healthy, Verdict.down, "silent")]
    assert name not in {dict(found.key)["component"] for found in one.look(source, NOW).foreseen}


def test_changes_are_walked_as_often_however_many_components_and_predictions_there_are() -> None:
    class Walked(list[Flip]):
        times = 0

        def __iter__(self) -> Iterator[Flip]:
            Walked.times += 1
            return super().__iter__()

        def __reversed__(self) -> Iterator[Flip]:
            Walked.times += 1
            return super().__reversed__()

    source, flips = world()
    one = predictor([*NAMES, *(f"calm-{number}" for number in range(40))])
    one.look(source, NOW)
    one.flips = Walked(flips)
    rows = [
        Row(
            predictor="workers",
            series="s",
            component=NAMES[number % len(NAMES)],
            made=NOW - HOUR,
            deadline=NOW + HOUR,
            probability=0.5,
            base=0.1,
        )
        for number in range(30)
    ]
    one.look(source, NOW + 1.0, rows)
    assert 0 < Walked.times < 5


def test_without_failures_there_is_too_little_to_say() -> None:
    one = predictor()
    source, _ = world()
    assert all(math.isnan(found.probability) for found in one.look(source, NOW).foreseen)


@pytest.mark.parametrize("name", ["a.b", "a b", 'say "x"', "a|b", "tab\\t", "(x)[y]{z}^$", "ö"], ids=repr)
def test_exactly_these_components_are_asked_for(name: str) -> None:
    at = np.array([START * 1000], np.int64)
    held = Held([({"__name__": "m", "component": one}, at, np.zeros(1)) for one in (name, "other", "axb")])
    found = instant(held, "m{%s}" % failing.matcher([name, "nobody"]), START * 1000)  # noqa: UP031
    assert isinstance(found, Vector)
    assert [one.labels["component"] for one in found.samples] == [name]


def test_without_components_nothing_is_said() -> None:
    assert predictor([]).look(Held([]), NOW).foreseen == []


def test_a_component_that_comes_is_taken_in_after_some_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "HOURS", 24)
    names = NAMES[:2]
    one = Failing("workers", CONFIG, lambda: [Subject(name=name) for name in names])
    source, one.flips = world()
    assert len(one.look(source, NOW).foreseen) == 2
    names.append(NAMES[2])
    assert len(one.look(source, NOW + HOUR).foreseen) == 2
    assert len(one.look(source, NOW + failing.ANEW * HOUR).foreseen) == 3


def test_a_replay_knows_only_what_came_before() -> None:
    source, flips = world()
    since = NOW - 3 * 86_400.0

    def run(changes: list[Flip]) -> list[Row]:
        rows, reached = replay_failures(
            source,
            "workers",
            CONFIG,
            lambda: [Subject(name=name, group="workers") for name in NAMES],
            changes,
            since,
            NOW,
        )
        assert reached == NOW
        return rows

    rows = run(flips)
    assert {row.outcome for row in rows if row.deadline < NOW} == {"came true", "did not"}
    assert {row.kind for row in rows} == {"failure"}
    half = NOW - 86_400.0
    other = run([one for one in flips if one.at < half])
    assert [(row.made, row.probability) for row in rows if row.made < half] == [
        (row.made, row.probability) for row in other if row.made < half
    ]
