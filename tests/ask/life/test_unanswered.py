"""Nobody answers: the owner's owner once, then an open assumption; on safety an automation goes down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.ask.life import Team, advance

Make = Callable[..., Any]
SEEN = ("near", "c1")


def test_the_owners_owner_then_it_rests(life: Make) -> None:
    one = life()
    one.days(15, SEEN)
    assert one.q(1).holder == "ops"
    told = one.day(SEEN).told
    assert [(one.team, one.why) for one in told] == [("boss", "escalated")]
    assert (one.q(1).holder, one.book.open) == ("boss", {"boss": 1})
    one.days(13, SEEN)
    assert one.q(1).state == "open"
    one.day(SEEN)
    assert one.q(1).state == "resting"
    assert one.said == ["asked q1", "moved q1", "rested q1"]


def test_after_its_time_it_is_asked_anew(life: Make) -> None:
    one = life()
    one.days(30, SEEN)
    one.days(59, SEEN)
    assert one.q(1).state == "resting"
    one.days(1, SEEN)
    assert one.said[3:] == ["replaced q1", "asked q2"]
    assert (one.q(1).state, one.q(2).since) == ("replaced", one.q(1).asked)
    assert one.q(2).priority == one.q(1).priority / 2, "the second time it is half as new"


def test_earlier_where_it_grows_worse(life: Make) -> None:
    one = life()
    one.days(30, SEEN)
    one.days(2, ("near", "c1", 5.0))
    assert one.said[3:] == ["replaced q1", "asked q2"]


def test_of_several_that_rested_only_some_are_asked_anew(life: Make) -> None:
    one = life({})
    one.days(17, SEEN, ("near", "c2"))
    assert one.q(1).state == "resting"
    one.days(2, SEEN, ("near", "c2", 5.0))
    assert (one.q(1).state, one.q(1).subjects) == ("resting", ("c1",))
    assert (one.q(2).subjects, one.q(2).since) == (("c2",), one.q(2).asked)


@pytest.mark.parametrize(
    ("parent", "goes"),
    [({"busy": True}, False), ({"week": 0.0}, False), ({"members": 0}, False), ({}, True)],
    ids=["in an incident", "without room", "without people", "ready"],
)
def test_it_waits_for_the_one_above_but_not_for_ever(life: Make, parent: dict[str, Any], goes: bool) -> None:
    boss = Team(**{"name": "boss", **parent})
    one = life({"ops": Team(name="ops", parent="boss"), "boss": boss})
    one.days(16, SEEN)
    if parent == {"members": 0}:
        assert one.q(1).holder == "boss", "there is nobody above who has people"
        return
    assert (one.q(1).holder == "boss") is goes
    assert one.book.open.get("ops", 0) == 0
    if not goes:
        assert one.q(1).heading == "boss"
        one.days(14, SEEN)
        assert (one.q(1).state, one.q(1).heading) == ("resting", "")


def test_a_kind_that_is_asked_soon_again_goes_up_each_time(life: Make, a_kind: Make) -> None:
    one = life(None, a_kind("near", again=7))
    holders = []
    for _ in range(30):
        one.day(SEEN)
        holders.append(one.q(1).holder if 1 in one.book.questions else "")
    assert [holders[day] for day in (1, 7, 8, 14, 15)] == ["ops", "ops", "boss", "boss", "chief"]
    assert one.said[:4] == ["asked q1", "moved q1", "moved q1", "rested q1"]


LOWERED = {
    "an automation": ("automation", True, True),
    "a check": ("check", True, False),
    "not on safety": ("automation", False, False),
}


@pytest.mark.parametrize(("subject", "safety", "lowered"), LOWERED.values(), ids=LOWERED.keys())
def test_an_automation_is_lowered_after_thirty_days(
    life: Make, a_kind: Make, subject: str, safety: bool, lowered: bool
) -> None:
    one = life(None, a_kind("deaf", subject=subject, safety=safety, again=90))
    steps = [one.day(("deaf", "a1")) for _ in range(70)]
    days = [day for day, step in enumerate(steps) if step.lowered]
    assert days == ([32] if lowered else []), "asked on day 1, more than 30 days open on day 32; once"
    warned = one.q(1).text.startswith("Unanswered for 30 days, this lowers a1 one level. a1 has 4")
    assert warned is lowered
    if lowered:
        (lowering,) = steps[32].lowered
        assert (lowering.automation, lowering.question) == ("a1", 1)
        assert "lowered q1" in one.said


def test_answered_in_time_it_is_not(life: Make) -> None:
    one = life()
    one.days(28, ("deaf", "a1"))
    one.answer(1, "wrong", reason="data wrong")
    assert not any(one.day(("deaf", "a1")).lowered for _ in range(10))


def test_asked_anew_it_is_still_the_same_silence(life: Make, a_kind: Make) -> None:
    one = life({}, a_kind("deaf", subject="automation", safety=True, again=10))
    lowered = [day for day in range(70) if one.day(("deaf", "a1")).lowered]
    assert lowered == [32]


def test_what_waits_is_looked_at_without_an_evaluation_too(life: Make) -> None:
    one = life({})
    one.days(2, SEEN)
    one.now += 14 * 86_400
    one._take(advance(one.book, None, one.teams, one.now, one.rules))
    assert one.q(1).state == "resting"


def test_what_cannot_go_down_is_neither_threatened_with_it_nor_lowered(life: Make) -> None:
    one = life(None, lowers=frozenset({"b"}))
    one.days(2, ("deaf", "a"))
    assert (one.q(1).warning, "lowers" in one.q(1).text) == ("", False)
    one.days(40, ("deaf", "a"))
    assert "lowered q1" not in one.said
    assert one.q(1).lowered is None


def test_of_several_those_go_down_that_can(life: Make) -> None:
    one = life(None, lowers=frozenset({"b"}))
    one.days(2, ("deaf", "a"), ("deaf", "b"))
    assert one.q(1).warning == "Unanswered for 30 days, this lowers b one level."
    for _ in range(40):
        steps = one.day(("deaf", "a"), ("deaf", "b"))
        if steps.lowered:
            break
    assert [lowering.automation for lowering in steps.lowered] == ["b"]


def test_nobody_is_lowered_by_a_question_that_did_not_say_so(life: Make) -> None:
    one = life(None, lowers=frozenset())
    one.days(2, ("deaf", "a"))
    one._rules["lowers"] = frozenset({"a"})
    one.days(40, ("deaf", "a"))
    assert "lowered q1" not in one.said
