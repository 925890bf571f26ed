"""What fills, in words, and what it would take."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gadfly.predict import planning, wording
from gadfly.predict.gauge import Look
from gadfly.predict.outlook import Outlook
from gadfly.predict.prediction import Foreseen, key

DAY = 86_400.0
NOW = 1_800_000_000.0
DISK = key({"__name__": "disk_free_bytes", "host": "a"})


def seen(**more: Any) -> Foreseen:
    return Foreseen(
        **{
            "key": DISK,
            "probability": 0.7,
            "value": 100.0,
            "limit": 0.0,
            "within": (DAY, 2 * DAY, 5 * DAY),
            "month": 0.99,
            "why": "it falls",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("one", "a_day", "said"),
    [
        (seen(value=2.0**30), -(2.0**30), "29 GiB more room for the next 30 days, at 1 GiB a day"),
        (
            seen(key=key({"host": "a"}), value=10.0),
            -1.0,
            "20 more room for the next 30 days, at 1 a day",
        ),
        (
            seen(key=key({"__name__": "used"}), value=100.0, limit=5000.0, rising=True),
            10.0,
            "on most days it is 10 a day only; what would fill it are changes like some of its past",
        ),
        (
            seen(key=key({"__name__": "used"}), value=100.0, limit=500.0, rising=True),
            10.0,
            "room for 40 days at 10 a day",
        ),
        (seen(), 5.0, "it does not grow day by day; see what makes it jump"),
        (seen(value=0.0), -5.0, "it is full now"),
        (seen(kind="ends"), 0.0, "renew it"),
        (seen(kind="ends", value=-1.0), 0.0, "it has ended; renew it"),
    ],
    ids=["bytes", "plain", "by changes", "rising", "jumps", "full", "ends", "ended"],
)
def test_what_it_would_take(one: Foreseen, a_day: float, said: str) -> None:
    assert planning.takes(one, a_day) == said


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            seen(),
            "70 %, most likely in about 2 days: "
            'disk_free_bytes{host="a"} will be full before 2027-01-16 08:00 UTC',
        ),
        (seen(within=(None, None, None), probability=1.0), "99 %: disk_free_bytes"),
        (seen(value=0.0), 'disk_free_bytes{host="a"} is full: 0, where 0 is full'),
        (seen(kind="ends", value=DAY), 'disk_free_bytes{host="a"} ends at 2027-01-16 08:00 UTC'),
        (seen(kind="ends", value=0.0), 'disk_free_bytes{host="a"} has ended'),
        (
            seen(kind="fails", key=key({"component": "shop"}), value=math.nan, limit=math.nan),
            "shop will fail before 2027-01-16 08:00 UTC with a probability of 70 %",
        ),
        (
            seen(probability=math.nan, limit=math.nan),
            "was foreseen to be full; there is too little to say now",
        ),
        (
            seen(kind="fails", key=key({"component": "shop"}), probability=math.nan, limit=math.nan),
            "shop was foreseen to fail; there is too little to say now",
        ),
        (seen(kind="ends", value=1e15), "ends at a time that no calendar has"),
        (seen(value=1e308, limit=0.0, rising=True), "is full: 1e+308, where 0 is full"),
    ],
    ids=["fills", "certain", "full", "ends", "ended", "fails", "unknown", "unknown failure", "ms", "huge"],
)
def test_what_is_told(one: Foreseen, said: str) -> None:
    assert said in wording.summary(one, DAY, NOW)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (seen(), "full at 0. With a chance of 80 % that is in 24 hours to 5 days. Why: it falls."),
        (seen(within=(DAY, None, None), why=""), "With a chance of 10 % it is sooner than in 24 hours."),
        (seen(kind="ends", value=DAY), "That is in 24 hours, and known."),
        (seen(kind="ends", value=0.0), "That is now, and known."),
        (seen(kind="fails", why="it jitters"), "Why: it jitters."),
        (seen(limit=math.nan, within=(None, None, None)), "Why: it falls."),
    ],
    ids=["fills", "perhaps", "ends", "ended", "fails", "no limit"],
)
def test_what_it_rests_on(one: Foreseen, said: str) -> None:
    assert wording.description(one).endswith(said)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (119, "119 seconds"),
        (7200, "2 hours"),
        (5e6, "58 days"),
        (math.nan, "an unknown time"),
        (math.inf, "more than a thousand years"),
    ],
    ids=str,
)
def test_a_time_is_said_roughly(seconds: float, said: str) -> None:
    assert wording.span(seconds) == said


def look(*found: Foreseen, outlook: Outlook | None = None) -> Look:
    return Look(NOW, list(found), [], outlook)


def test_the_report_tells_each_owner_its_own_soonest_first() -> None:
    late = seen(key=key({"host": "b"}), within=(9 * DAY, 20 * DAY, None))
    never = seen(key=key({"host": "c"}), within=(None, None, None), month=0.01)
    maybe = seen(key=key({"host": "d"}), within=(None, None, None), month=0.2)
    others = seen(key=key({"host": "e"}))
    items = planning.items(
        [("disk", "ops", look(late, never, maybe, seen(), others))],
        lambda labels: ("", "web" if labels["host"] == "e" else ""),
    )
    own = planning.by_owner(items)
    assert [one.series for one in own["ops"]] == ['disk_free_bytes{host="a"}', '{host="b"}', '{host="d"}']
    assert [one.series for one in own["web"]] == ['{host="e"}']
    text = planning.text(own["ops"], NOW)
    assert text.startswith("3 gauges fill in the weeks to come\n")
    assert (
        "about 2027-01-17 08:00 UTC (between 24 hours and 5 days from now), within 30 days with 99 %" in text
    )
    assert "no day foreseen, within 30 days with 20 %" in text
    assert planning.text([], NOW).startswith("Nothing is foreseen")
    assert planning.text(own["web"] * 60, NOW).endswith("… and 10 more\n")


def test_a_day_is_the_usual_day_whatever_was_cleaned_up() -> None:
    at = NOW + 3600.0 * np.arange(240)
    values = 1000.0 - np.arange(240.0)
    values[120:] += 500  # somebody cleaned up
    one = Outlook(at, values[None, :], np.empty(0), (0.5,), np.empty((1, 0, 1)))
    assert planning.a_day(one, 0) == pytest.approx(-24)
    assert planning.a_day(None, 0) == 0
    assert planning.a_day(one._replace(past=at[:4], values=values[None, :4]), 0) == 0
    assert planning.a_day(one._replace(values=np.full((1, 240), np.nan)), 0) == 0


def test_what_ends_is_known_and_not_between_two_times() -> None:
    ends = seen(kind="ends", value=10 * DAY, within=(10 * DAY,) * 3)
    (one,) = planning.items([("licence", "ops", look(ends))], lambda _: ("", ""))
    assert (one.kind, one.value) == ("ends", 10 * DAY)
    text = planning.text([one], NOW)
    assert "ends about 2027-01-25 08:00 UTC, which is known\n  renew it" in text
    assert "between" not in text
    assert "%" not in text
