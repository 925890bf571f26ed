"""What a number is called, as the sentence has it."""

from __future__ import annotations

import msgspec
import pytest

from gadfly.ask import kinds
from gadfly.ask.caption import captions

KIND = kinds.load()["unacted"]


@pytest.mark.parametrize(
    ("ask", "called"),
    [
        (
            "{check} paged {n} times in {days} days; {k} led to something being done?",
            {"n": "times", "k": "led to something"},
        ),
        ("{k} of {n} alerts from {check} ended?", {"k": "of them", "n": "alerts"}),
        ("Of {n} forecasts by {who}, {k} were right (by {b})?", {"n": "forecasts", "k": "right", "b": "b"}),
        ("It was renewed {k} times and covers {days:duration}?", {"k": "times"}),
        ("{p:percent} % of it, {q} times?", {"p": "of them", "q": "times"}),
        ("Hushed (alerts: {n}, critical for the first time: {k})?", {"n": "alerts", "k": "first time"}),
        ("Such gaps in {days} days: {n}?", {"n": "n"}),
        ("{n} runs, {k} runs, {n} times?", {"n": "runs", "k": "k"}),
        ("{days} days and {mean:duration} on average?", {}),
        ("{n} in {k}?", {"n": "n", "k": "k"}),
    ],
    ids=range(10),
)
def test_it_is_called(ask: str, called: dict[str, str]) -> None:
    assert captions(msgspec.structs.replace(KIND, ask=ask)) == called


def test_every_kind_has_names_for_its_numbers() -> None:
    for kind in kinds.load().values():
        found = captions(kind)
        assert len(set(found.values())) == len(found), kind.name
        assert all(0 < len(words) <= 40 for words in found.values()), kind.name


def test_a_kind_may_say_it_itself() -> None:
    kind = msgspec.structs.replace(
        KIND, ask="Guessing would have got {b} of {n}?", caption={"b": "by guessing"}
    )
    assert captions(kind) == {"b": "by guessing", "n": "n"}


def test_no_number_is_called_by_a_letter() -> None:
    for kind in kinds.load().values():
        for name, words in captions(kind).items():
            # A text is not shown among the numbers.
            assert len(words) > 2 or name in {"a", "b"}, (kind.name, name)
