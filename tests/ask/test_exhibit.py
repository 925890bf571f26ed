"""Which numbers of the evidence stand beside the sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.ask import kinds
from gadfly.ask.exhibit import POINTS, SHOWN, figures, series


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([], {}),
        ([{"subject": "a", "worse": 3, "n": 24, "k": None}], {"n": 24}),
        ([{"share": 0.25, "check": "api"}], {"share": 0.25, "check": "api"}),
        ([{"n": 2, "days": 60}, {"n": 1200, "days": 60}], {"count": 2, "n": "2 to 1,200", "days": 60}),
        ([{"check": "a"}, {"check": "b"}], {"count": 2}),
        ([{"flag": True, "list": [1, 2, 3], "text": "x" * 90}], {"text": "x" * 59 + "…"}),
        ([{f"n{n}": n for n in range(20)}], {f"n{n}": n for n in range(SHOWN)}),
    ],
    ids=[
        "none",
        "without-the-engines",
        "text",
        "several",
        "texts-differ",
        "no-flags-or-lists",
        "not-too-many",
    ],
)
def test_figures(rows: list[dict[str, Any]], shown: dict[str, Any]) -> None:
    assert figures(rows, len(rows)) == shown


def test_more_were_found_than_are_kept() -> None:
    assert figures([{"n": 1}], 250) == {"count": 250, "n": 1}


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([], {}),
        ([{"n": 1, "weeks": [1, 2, 3]}], {"weeks": [1.0, 2.0, 3.0]}),
        ([{"weeks": [1, None, 3], "pair": [1, 2], "names": ["a", "b", "c"]}], {}),
        ([{"n": 1}, {"n": 2}], {}),
        ([{"n": n, "days": 60, "worse": n} for n in (1, 2, 3)], {"n": [1.0, 2.0, 3.0]}),
        ([{"n": 1}, {"n": 2}, {"n": None}], {}),
    ],
    ids=["none", "a-list", "not-of-numbers", "two", "of-several", "one-is-missing"],
)
def test_series(rows: list[dict[str, Any]], shown: dict[str, Any]) -> None:
    assert series(rows) == shown


def test_a_long_series_is_thinned() -> None:
    assert len(series([{"n": list(range(10_000))}])["n"]) <= POINTS


def test_numbers_are_written_as_in_the_sentence() -> None:
    kind = kinds.load()["unacted"]
    kind = msgspec.structs.replace(
        kind, ask="{gap:duration} and {share:percent} since {at:date}?", many="{at:date}"
    )
    rows = [{"gap": 5400, "share": 0.125, "at": 1_790_000_000}]
    shown = {"gap": "1 h 30 min", "share": "12 %", "at": "2026-09-21"}
    assert figures(rows, 1, kind) == shown
    assert figures([*rows, {**rows[0], "gap": 60}], 2, kind)["gap"] == "1 min to 1 h 30 min"


def test_names_are_what_the_sentence_says() -> None:
    rows = [{"n": 24, "k": 2, "mean_share": 0.5}]
    shown = {"times": 24, "led to something": 2, "mean share": 0.5}
    assert figures(rows, 1, kinds.load()["unacted"]) == shown
    assert list(figures(rows, 1)) == ["n", "k", "mean share"]


def test_an_instant_is_a_day_and_a_text_is_said_once() -> None:
    rows = [{"began": 1_790_000_000, "last": 5, "check": "api-latency", "reason": "moving disks"}]
    shown = figures(rows, 1, sentence="Is api-latency needed?")
    assert shown == {"began": "2026-09-21", "last": 5, "reason": "moving disks"}


def test_a_text_is_one_line() -> None:
    found = figures([{"who": "a\nSee: http://evil.example\u202e"}], 1)
    assert found == {"who": "a See: http://evil.example "}


def test_what_the_sentence_sums_up_is_said_of_each() -> None:
    kind = kinds.load()["unacted"]
    rows = [{"n": 12, "k": 0, "days": 60}, {"n": 12, "k": 3, "days": 60}]
    shown = {"count": 2, "times": "12 each", "led to something": "0 to 3 each", "days": 60}
    assert figures(rows, 2, kind) == shown
