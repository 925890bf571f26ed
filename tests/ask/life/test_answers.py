"""The four answers: what each must say, in words for whoever gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.question import number

Make = Callable[..., Any]
DAY = 86_400.0
WELL = "it is replaced in spring"
FAR = {"near": 365, "deaf": 90}

REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a change without a name": ("near", "change", {"change": "  x "}, "Name the change"),
    "no reason": ("near", "accept", {"reason": "", "days": 10}, "12 characters"),
    "a short reason": ("near", "accept", {"reason": "  it is fine      ", "days": 10}, "12 characters"),
    "no words": ("near", "accept", {"reason": "." * 20, "days": 10}, "own words"),
    "no date": ("near", "accept", {"reason": WELL}, "until when"),
    "a date that is past": ("near", "accept", {"reason": WELL, "days": -1}, "until when"),
    "a date too far": ("near", "accept", {"reason": WELL, "days": 366.5}, "365 days"),
    "too far for safety": ("deaf", "accept", {"reason": WELL, "days": 91.5}, "90 days"),
    "no date at all": ("near", "accept", {"reason": WELL, "days": float("nan")}, "until when"),
    "wrong, but what": ("near", "wrong", {"reason": "because"}, "data wrong, rule wrong"),
    "who could know": ("near", "unknown", {}, "Name the team"),
    "itself": ("near", "unknown", {"knows": "ops"}, "asked already"),
    "nobody of that name": ("near", "unknown", {"knows": "nobody"}, "no team nobody"),
    "another subject": ("near", "wrong", {"reason": "data wrong", "subjects": ("c9",)}, "does not ask"),
    "who answers": ("near", "change", {"change": "abc1234", "by": ""}, "Say who"),
    "no text": ("near", "change", {"change": "half \ud800 a character"}, "cannot be written"),
    "a book": ("near", "change", {"change": "x" * 1001}, "1,001 characters"),
    "a time that is none": ("near", "change", {"change": "abc", "took": -1.0}, "seconds"),
}


@pytest.mark.parametrize(("kind", "given", "more", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(life: Make, kind: str, given: str, more: dict[str, Any], words: str) -> None:
    one = life()
    one.days(2, (kind, "c1"))
    if "days" in more:
        more = {**more, "until": one.now + more["days"] * DAY}
        del more["days"]
    with pytest.raises(ValueError, match=words):
        one.answer(1, given, **more)
    assert one.q(1).state == "open"


@pytest.mark.parametrize("kind", FAR)
def test_the_last_day_counts_to_its_end(life: Make, kind: str) -> None:
    one = life()
    one.days(2, (kind, "c1"))
    end = one.now // DAY * DAY + (FAR[kind] + 1) * DAY
    one.answer(1, "accept", reason=WELL, until=end)
    assert (one.q(1).answer, one.q(1).until, one.q(1).by) == ("accept", end, "person:anna")


def test_no_reason_is_given_twice(life: Make) -> None:
    one = life()
    one.days(3, ("near", "c1"), ("deaf", "a1"))
    one.answer(1, "accept", reason="It is replaced in spring!", until=one.now + DAY)
    with pytest.raises(ValueError, match="given before"):
        one.answer(2, "accept", reason=" it is  replaced, in Spring", until=one.now + DAY)
    one.answer(2, "accept", reason="it is drained by hand", until=one.now + DAY)


def test_what_is_over_is_not_answered(life: Make) -> None:
    one = life()
    one.days(2, ("near", "c1"))
    one.answer(1, "wrong", reason="data wrong")
    with pytest.raises(ValueError, match="answered already"):
        one.answer(1, "wrong", reason="data wrong")
    with pytest.raises(ValueError, match="no question q7"):
        one.answer(7, "wrong", reason="data wrong")


def test_what_rests_is_answered_late(life: Make) -> None:
    one = life({})
    one.days(17, ("near", "c1"))
    assert one.q(1).state == "resting"
    one.answer(1, "change", change="abc1234")
    assert (one.q(1).state, one.q(1).closed) == ("answered", None)
    assert one.book.matters["near", "c1"].why == "changed"


@pytest.mark.parametrize(("name", "id"), [("q12", 12), (" 12 ", 12)])
def test_names(name: str, id: int) -> None:
    assert number(name) == id


@pytest.mark.parametrize("name", ["", "q", "12a", "qq1", "-1", "²", "9" * 16])
def test_no_names(name: str) -> None:
    with pytest.raises(ValueError, match="no question"):
        number(name)
