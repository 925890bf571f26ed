"""Brier score, skill, reliability, lead time: by hand, and against what must hold."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.predict import demote, scorecard
from gadfly.predict.prediction import naive
from gadfly.rate import WEEK
from gadfly.store.predictions import Row, Tally


def row(probability: float, outcome: str = "", **more: Any) -> Row:
    happened = {"happened": 160.0} if outcome == "came true" else {}
    return Row(
        **{
            "predictor": "disk",
            "series": "s",
            "made": 100.0,
            "deadline": 200.0,
            "probability": probability,
            "base": 0.5,
            "outcome": outcome,
            **happened,
            **more,
        }
    )


def test_scores_are_those_of_the_books() -> None:
    rows = [row(0.9, "came true"), row(0.2, "did not"), row(0.6, "did not"), row(0.7, "void"), row(0.4)]
    found = scorecard.score(rows, "disk", WEEK)
    assert (found.open, found.resolved, found.came_true, found.did_not, found.void) == (1, 4, 1, 2, 1)
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.36) / 3)
    assert found.naive == pytest.approx(0.25)
    assert found.skill == pytest.approx(1 - (0.41 / 3) / 0.25)


def test_who_is_always_right_and_certain_has_skill_1_and_who_is_naive_0() -> None:
    assert scorecard.score([row(1.0, "came true"), row(0.0, "did not")], "", WEEK).skill == 1
    assert scorecard.score([row(0.5, "came true"), row(0.5, "did not")], "", WEEK).skill == 0


def test_without_anything_resolved_there_is_nothing_to_say() -> None:
    found = scorecard.score([row(0.4), row(0.4, "void")], "", WEEK)
    assert (found.brier, found.naive, found.skill, found.precision, found.lead) == (None,) * 5


def test_alarms_are_right_where_it_happened_even_late() -> None:
    rows = [
        row(0.9, "came true", told=True),
        row(0.6, "did not", told=True, happened=240.0),
        row(0.6, "did not", told=True),
        row(0.6, "void", told=True),
        row(0.9, "came true"),
    ]
    found = scorecard.score(rows, "disk", 2 * WEEK)
    assert (found.told, found.told_true) == (4, 2)
    assert found.precision == pytest.approx(2 / 3)
    assert found.lead == 100  # of 60 and 140
    assert found.alarms_a_week == 2
    assert scorecard.score(rows, "disk", 60.0).alarms_a_week == 4  # a minute is no week of minutes


def test_reliability_is_by_tenths_and_certainty_has_a_place() -> None:
    bins = scorecard.reliability([row(1.0, "came true"), row(0.95, "did not"), row(0.0, "did not")])
    assert [one.count for one in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[9].foretold, bins[9].happened) == (0.975, 0.5)
    assert (bins[1].foretold, bins[1].happened) == (None, None)


def test_the_least_skilled_stand_first_and_the_unknown_last() -> None:
    rows = [row(0.4, series="new"), row(0.9, "came true", series="good"), row(0.9, "did not", series="bad")]
    assert [one.name for one in scorecard.by(rows, lambda one: one.series, WEEK)] == ["bad", "good", "new"]


def test_the_naive_guess_is_one_in_twenty_until_more_is_known() -> None:
    assert naive(0, 0) == 0.05
    assert naive(100_000, 0) == 0.01
    assert naive(1000, 200) == pytest.approx(0.2, abs=0.01)


def test_small_doubts_where_nothing_happens_do_not_demote() -> None:
    quiet = [row(0.005, "did not", base=naive(count, 0)) for count in range(5000)]
    found = scorecard.score(quiet, "disk", WEEK)
    assert found.skill is not None
    assert found.skill > 0
    cries = scorecard.score([*quiet[:200], *[row(0.9, "did not", base=0.01)] * 3], "disk", WEEK)
    assert cries.skill is not None
    assert cries.skill < 0


GOOD, BAD = {"brier": 0.1, "naive": 1.0}, {"brier": 2.0, "naive": 1.0}


@pytest.mark.parametrize(
    ("series", "owner", "wanted"),
    [
        (Tally(), Tally(), False),
        (Tally(known=5, **GOOD), Tally(known=99, **BAD), True),
        (Tally(known=5, **BAD), Tally(known=99, **GOOD), False),
        (Tally(known=4, **BAD), Tally(known=20, **GOOD), True),
        (Tally(known=4, **GOOD), Tally(known=19, **GOOD), False),
    ],
    ids=["nothing known", "good of it", "bad of it", "good of its owner's", "too little known"],
)
def test_one_that_is_silent_speaks_where_its_record_is_good(
    series: Tally, owner: Tally, wanted: bool
) -> None:
    assert demote.heard(series, owner) is wanted


@pytest.mark.parametrize(
    ("known", "brier", "naive_", "was", "silent"),
    [
        (19, 9.0, 1.0, False, False),
        (20, 1.1, 1.0, False, True),
        (20, 1.0, 1.0, False, False),
        (20, 0.97, 1.0, True, True),
        (20, 0.94, 1.0, True, False),
        (0, 0.0, 0.0, True, True),
    ],
    ids=["too few", "worse", "equal", "hardly better", "better", "nothing known"],
)
def test_who_is_worse_than_naive_falls_silent_and_earns_its_voice_back(
    known: int, brier: float, naive_: float, was: bool, silent: bool
) -> None:
    assert demote.silent(Tally(known=known, true=1, brier=brier, naive=naive_), was=was) is silent
