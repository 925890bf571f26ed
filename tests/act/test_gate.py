"""The decision: every guard is asked, one that errs denies, and without guards nothing is allowed."""

from __future__ import annotations

import msgspec

from gadfly.act.gate import decide
from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Situation, Used

NOW = 1_800_000_000.0


def test_it_lists_every_refusal_in_order() -> None:
    plan, situation = sound(NOW)
    wrong = msgspec.structs.replace(plan, inputs=(), cost=99.0)
    found = decide(wrong, msgspec.structs.replace(situation, lost=500))
    assert [one.guard for one in found.refusals] == ["inputs", "cost", "storm"]
    assert not found.allowed
    assert found.words.startswith("inputs: the plan does not say")


def test_a_guard_that_errs_denies() -> None:
    def broken(plan: Plan, situation: Situation) -> str | None:
        raise KeyError("x")

    found = decide(*sound(NOW), {**GUARDS, "broken": broken})
    assert [one.guard for one in found.refusals] == ["broken"]
    assert "could not judge this (KeyError: 'x')" in found.words


def test_without_guards_nothing_is_allowed() -> None:
    assert not decide(*sound(NOW), {}).allowed


def test_the_same_plan_is_decided_the_same() -> None:
    assert decide(*sound(NOW)) == decide(*sound(NOW))


def test_it_waits_only_where_a_persons_word_is_all_that_lacks() -> None:
    plan, situation = sound(NOW)
    grave = msgspec.structs.replace(plan, crosses=True)
    assert decide(grave, situation).waits
    assert not decide(grave, msgspec.structs.replace(situation, used=Used(runs=99))).waits
    assert not decide(plan, situation).waits


def test_ends_are_judged_by_the_latest_time() -> None:
    _, situation = sound(NOW)
    for changed in ({"now": NOW + 9}, {"witness": NOW + 9}, {"trusted": NOW + 9}):
        assert msgspec.structs.replace(situation, **changed).time == NOW + 9
