"""What a person's yes lifts, whose yes counts, and for how long: autonomy, consequence and review."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan, Signal
from gadfly.act.proof.sound import sound
from gadfly.act.situation import Approval, Situation, Standing

NOW = 1_800_000_000.0


def approved(made: Plan, situation: Situation, /, **about: Any) -> Situation:
    known = {"plan": made.hash, "who": "person:anna", "at": NOW - 10, "ends": NOW + 10}
    return msgspec.structs.replace(situation, approvals=(Approval(**{**known, **about}),))


def waiting(guard: str) -> tuple[Plan, Situation]:
    """An act that this guard lets through on approval only."""
    plan, situation = sound(NOW)
    if guard == "consequence":
        return msgspec.structs.replace(plan, destructive=True), situation
    if guard == "review":
        assert situation.terms is not None
        overdue = msgspec.structs.replace(situation.terms, review=NOW)
        return plan, msgspec.structs.replace(situation, terms=overdue)
    return plan, msgspec.structs.replace(situation, standing=Standing(level="approve"))


@pytest.mark.parametrize("guard", ["autonomy", "consequence", "review"])
@pytest.mark.parametrize(
    ("about", "counts"),
    [
        ({}, True),
        ({"who": "person:anna"}, True),
        ({"who": "automation:synthetic"}, False),
        ({"who": "automation:other"}, False),
        ({"who": "node"}, False),
        ({"asked_by": "person:anna"}, False),
        ({"asked_by": "person:ben"}, True),
        ({"ends": NOW}, False),
        ({"at": NOW + 1}, False),
        ({"plan": "0" * 64}, False),
    ],
)
def test_whose_yes_counts(guard: str, about: dict[str, Any], counts: bool) -> None:
    plan, situation = waiting(guard)
    assert GUARDS[guard](plan, situation) is not None
    found = GUARDS[guard](plan, approved(plan, situation, **about))
    assert (found is None) is counts


@pytest.mark.parametrize("guard", ["autonomy", "consequence", "review"])
def test_an_approval_holds_for_exactly_this_plan(guard: str) -> None:
    plan, situation = waiting(guard)
    yes = approved(plan, situation)
    more = msgspec.structs.replace(plan.targets[0], name="one-more")
    assert GUARDS[guard](msgspec.structs.replace(plan, targets=(*plan.targets, more)), yes) is not None
    assert GUARDS[guard](msgspec.structs.replace(plan, argument="other@{component}"), yes) is not None
    assert GUARDS[guard](msgspec.structs.replace(plan, made=plan.made + 5), yes) is None


def test_a_person_does_not_approve_their_own_act() -> None:
    plan, situation = sound(NOW)
    own = msgspec.structs.replace(plan, principal="person:anna", automation="", destructive=True)
    assert GUARDS["consequence"](own, approved(own, situation)) is not None
    assert GUARDS["consequence"](own, approved(own, situation, who="person:ben")) is None


SIGNALS = (Signal(source="heartbeat", since=NOW - 300), Signal(source="probe", since=NOW - 300))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, None),
        ({"undo": ""}, "cannot be taken back"),
        ({"undo": "", "disturbs": False}, None),
        ({"undo": "", "signals": SIGNALS}, None),
        ({"undo": "", "signals": SIGNALS[:1]}, "(1 do)"),
        ({"undo": "", "signals": (SIGNALS[0], SIGNALS[0])}, "(1 do)"),
        ({"undo": "", "signals": (SIGNALS[0], Signal(source="probe", since=NOW - 299))}, "(1 do)"),
        ({"crosses": True}, "crosses cells"),
        ({"crosses": True, "signals": SIGNALS}, None),
        ({"crosses": True, "principal": "person:anna"}, "crosses cells"),
        ({"destructive": True, "signals": SIGNALS}, "in production; another person"),
        ({"destructive": True, "environment": "staging"}, "destroys something"),
        ({"destructive": True, "environment": "staging", "signals": SIGNALS}, None),
        ({"undo": "", "principal": "person:anna"}, None),
        ({"undo": "", "principal": "program:deploy"}, "cannot be taken back"),
    ],
)
def test_the_graver_the_more_must_speak_for_it(changed: dict[str, Any], words: str | None) -> None:
    plan, situation = sound(NOW)
    found = GUARDS["consequence"](msgspec.structs.replace(plan, **changed), situation)
    assert found is None if words is None else words in str(found)


@pytest.mark.parametrize(
    ("declared", "earned", "changed", "words"),
    [
        ("act", "act", {}, None),
        ("act", "approve", {}, "acts on approval"),
        ("approve", "act", {}, "acts on approval"),
        ("act-small", "act", {}, None),
        ("act", "act-small", {}, None),
        ("act-small", "act-small", {"undo": ""}, "cannot be taken back"),
        ("act-small", "act-small", {"undo": "", "disturbs": False}, None),
        ("act-small", "act-small", {"destructive": True}, "destroys something"),
        ("act", "act", {"principal": "person:anna"}, None),
        ("act", "act", {"principal": "program:deploy", "automation": ""}, "no automation declares it"),
    ],
)
def test_how_far_it_goes_by_itself(
    declared: str, earned: str, changed: dict[str, Any], words: str | None
) -> None:
    plan, situation = sound(NOW)
    assert situation.terms is not None
    situation = msgspec.structs.replace(
        situation,
        terms=msgspec.structs.replace(situation.terms, level=declared),
        standing=Standing(level=earned),
    )
    found = GUARDS["autonomy"](msgspec.structs.replace(plan, **changed), situation)
    assert found is None if words is None else words in str(found)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"group": "other"}, "several groups or cells"),
        ({"cell": "there"}, "several groups or cells"),
        ({"owner": "other"}, "not all of it is its owner's"),
        ({}, None),
    ],
)
def test_small_is_one_group_in_one_cell_of_its_owner(about: dict[str, Any], words: str | None) -> None:
    plan, situation = sound(NOW)
    situation = msgspec.structs.replace(situation, standing=Standing(level="act-small"))
    targets = (plan.targets[0], msgspec.structs.replace(plan.targets[1], **about))
    found = GUARDS["autonomy"](msgspec.structs.replace(plan, targets=targets), situation)
    assert found is None if words is None else words in str(found)


@pytest.mark.parametrize(("count", "small"), [(3, True), (4, False)])
def test_small_is_few(count: int, small: bool) -> None:
    plan, situation = sound(NOW)
    situation = msgspec.structs.replace(situation, standing=Standing(level="act-small"))
    targets = tuple(msgspec.structs.replace(plan.targets[0], name=f"t{n}") for n in range(count))
    found = GUARDS["autonomy"](msgspec.structs.replace(plan, targets=targets), situation)
    assert (found is None) is small
