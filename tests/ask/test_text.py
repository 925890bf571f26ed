"""A sentence is filled from its evidence, and one that blames, rambles or shows no numbers is found out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.ask import figure
from gadfly.ask.text import fill, fill_many, lint, numbers
from gadfly.errors import FormatError

VALUES: dict[str, Any] = {
    "check": "disk-full", "n": 1234, "k": 2, "rate": 0.123456, "wait": 7800, "day": 19_783,
    "at": 1_709_280_000.5, "of_day": 31_200, "share": 0.125, "nobody": None,
    "names": ["a", "b", "c", "d", "e"], "two": ["a", "b"], "none": [], "sure": True,
    "when": dt.date(2024, 3, 1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{check} {n} {k} {rate}", "disk-full 1,234 2 0.123"),
        ("{wait:duration} {share:percent} %", "2 h 10 min 12 %"),
        ("{day:date} {at:date} {of_day:clock} {when}", "2024-03-01 2024-03-01 08:40 2024-03-01"),
        (
            "{names} | {two} | {none} | {sure} | {nobody}",
            "a, b, c and 2 more | a and b | none | yes | unknown",
        ),
        ("nothing to fill", "nothing to fill"),
    ],
)
def test_fill(template: str, text: str) -> None:
    assert fill(template, VALUES) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{count} {n.sum} {n.max} {n.min}", "3 60 30 10"),
        ("{days} days", "7 days"),
        ("{n}", "10 to 30"),
        ("{check}", "a, b and c"),
        ("{wait.max:duration} {wait:duration}", "1 h 1 h"),
        ("{nobody.sum} {nobody}", "unknown unknown"),
    ],
)
def test_fill_many(template: str, text: str) -> None:
    rows = [
        {"n": 10, "days": 7, "check": "a", "wait": 3600, "nobody": None},
        {"n": 20, "days": 7, "check": "b", "wait": None, "nobody": None},
        {"n": 30, "days": 7, "check": "c", "wait": 3601, "nobody": None},
    ]
    assert fill_many(template, rows) == text


@pytest.mark.parametrize(
    "template", ["{absent}", "{n.sum}", "{n:money}", "{n n}", "{}", "{n", "n}", "{n.most}", "{{n}}"]
)
def test_a_place_that_says_nothing_we_know(template: str) -> None:
    with pytest.raises(FormatError):
        fill(template, VALUES)


def test_texts_from_outside_are_cut_and_cleaned() -> None:
    assert fill("{a}?", {"a": "x" * 200}) == "x" * 79 + "…?"
    assert fill("{a}?", {"a": "one\n\ttwo\x1b[31m"}) == "one two[31m?"
    long = "word " * 60
    text = fill("{a} and {b} were {n} of {m}. " + "so " * 25 + "?", {"a": long, "b": long, "n": 1, "m": 2})
    assert len(text.split()) <= 45


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [
        ("A paged 8 times in 60 days. What now?", 2, []),
        ("“8 of 60?”", 2, []),
        ("No question.", 2, ["it must end with a question mark"]),
        ("word " * 45 + "?", 2, ["it has 46 words; 45 are allowed"]),
        ("How many?", 1, ["it shows 1 numbers of its evidence; 2 are needed"]),
        ("Is it unknown or not?", 2, ["a value that it shows is not known"]),
    ],
)
def test_lint(text: str, count: int, words: list[str]) -> None:
    assert lint(text, count) == words


@pytest.mark.parametrize(
    "text",
    ["You changed 3 of 4?", "What if you’ve never looked at 3?", "Why did you do it?", "Is it your fault?",
     "Why you forgot it?", "You should have known?", "Were you lazy?", "You only acked 2?"],
)  # fmt: skip
def test_blame_is_found(text: str) -> None:
    assert [one for one in lint(text, 2) if "blames" in one]


@pytest.mark.parametrize(
    "text",
    ["What do you need of 3?", "Which of those did you mean?", "How would you learn of it?",
     "Would you choose 80 today?", "What would make you believe the next one?", "Do you exceed 3?"],
)  # fmt: skip
def test_asking_is_not_blame(text: str) -> None:
    assert lint(text, 2) == []


def test_numbers_are_counted_once_each() -> None:
    assert numbers("{n} {n} {k} {check} {nobody} {sure} {names}", VALUES) == 2
    assert numbers("{count} {n.sum} {n.max} {check}", VALUES) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12.0, "12"), (1234.5, "1,230"), (12_345.67, "12,300"), (999.6, "1,000"), (0.00123, "0.00123"),
     (99.95, "100"), (-3.14159, "-3.14"), (1e16, "1e+16"), (3e-8, "3e-08"), (1_000_000, "1,000,000")],
)  # fmt: skip
def test_number(value: float, text: str) -> None:
    assert figure.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.25, "250 ms"), (5.5, "5.5 s"), (59.7, "1 min"), (90, "1 min 30 s"), (3599, "1 h"),
     (7800, "2 h 10 min"), (86_399, "1 d"), (100_000, "1 d 4 h"), (180 * 86_400, "180 d"),
     (-90, "−1 min 30 s")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert figure.duration(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (0.005, "0.5"), (0.126, "13"), (0.9995, "99.95"), (1, "100"), (3.5, "350")]
)
def test_percent(share: float, text: str) -> None:
    assert figure.percent(share) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_every_figure_can_be_written(value: float) -> None:
    for form in ("", ":duration", ":date", ":clock", ":percent"):
        assert fill("{x" + form + "}", {"x": value})


@given(st.floats(0.001, 1e12))
@settings(deadline=None)
def test_a_number_is_at_most_half_a_percent_off(value: float) -> None:
    assert float(figure.number(value).replace(",", "")) == pytest.approx(value, rel=0.005)
