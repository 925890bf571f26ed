"""Synthetic requests: for each guard, plans that it must deny and that no other guard has anything against.

A sound act (:mod:`gadfly.act.proof.sound`) is one that everybody allows; each case changes what one guard
looks at, and no more. What a guard lets through here it would let through in earnest; what another guard
denies as well proves nothing of the one that is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gadfly import hours
from gadfly.act.automation import Window
from gadfly.act.grants.grant import Rule, Rules
from gadfly.act.halt.stop import Stop
from gadfly.act.plan import Data, Input, Plan
from gadfly.act.proof.sound import (
    DAY,
    NAME,
    Case,
    policy,
    sound,
    target,
)
from gadfly.act.situation import (
    Approval,
    Consent,
    Fleet,
    Freeze,
    Held,
    Part,
    Proof,
    Sight,
    Situation,
    Standing,
    Used,
)

OTHER = "another-owner"


Change = Callable[[Plan, Situation], Case]


def cases(now: float) -> dict[str, tuple[Case, ...]]:
    """By guard: the requests that it alone must deny."""
    plan, situation = sound(now)
    return {guard: tuple(change(plan, situation) for change in changes) for guard, changes in CASES.items()}


def _plan(**changed: Any) -> Change:
    return lambda plan, situation: Case(msgspec.structs.replace(plan, **changed), situation)


def _situation(**changed: Any) -> Change:
    return lambda plan, situation: Case(plan, msgspec.structs.replace(situation, **changed))


def _terms(**changed: Any) -> Change:
    def change(plan: Plan, situation: Situation) -> Case:
        assert situation.terms is not None
        terms = msgspec.structs.replace(situation.terms, **changed)
        return Case(plan, msgspec.structs.replace(situation, terms=terms))

    return change


def _then(*changes: Change) -> Change:
    def change(plan: Plan, situation: Situation) -> Case:
        for one in changes:
            plan, situation = one(plan, situation)
        return Case(plan, situation)

    return change


def _all_targets(**changed: Any) -> Change:
    def change(plan: Plan, situation: Situation) -> Case:
        targets = tuple(msgspec.structs.replace(target, **changed) for target in plan.targets)
        return Case(msgspec.structs.replace(plan, targets=targets), situation)

    return change


def _more_targets(count: int, **about: Any) -> Change:
    def change(plan: Plan, situation: Situation) -> Case:
        more = tuple(target(f"{NAME}-more-{number}", plan.made, **about) for number in range(count))
        return Case(msgspec.structs.replace(plan, targets=plan.targets + more), situation)

    return change


def _age(seconds: float) -> Change:
    """The input was read so long ago; less than nothing: it will be."""
    return lambda plan, situation: _plan(inputs=(Input(name="picture", at=plan.made - seconds),))(
        plan, situation
    )


def _ago(seconds: float, *fields: str) -> Change:
    """These terms ended so long ago."""
    return lambda plan, situation: _terms(**dict.fromkeys(fields, situation.now - seconds))(plan, situation)


def _approved(asked_by: str = "") -> Change:
    """Somebody approved exactly this plan; last of all changes, for its hash is of the plan as it is then."""

    def change(plan: Plan, situation: Situation) -> Case:
        yes = Approval(
            plan=plan.hash,
            who=f"person:{OTHER}",
            owner=NAME,
            at=situation.now - 60.0,
            ends=situation.now + 600.0,
            asked_by=asked_by,
        )
        return Case(plan, msgspec.structs.replace(situation, approvals=(yes,)))

    return change


def _consented(plan: Plan, situation: Situation) -> Case:
    yes = Consent(
        owner=OTHER,
        principal=plan.principal,
        action=plan.action,
        at=situation.now - 60.0,
        ends=situation.now + 600.0,
    )
    return Case(plan, msgspec.structs.replace(situation, consents=(yes,)))


def _by_hand_for_too_long(plan: Plan, situation: Situation) -> Case:
    """A person acts, on a permission that was given for a day."""
    who = f"person:{NAME}"
    given = Rule(
        name=NAME, action="systemd:restart", since=situation.now - DAY / 2, until=situation.now + DAY / 2
    )
    return Case(
        msgspec.structs.replace(plan, principal=who, automation=""),
        msgspec.structs.replace(situation, policy=Rules([(who, given)]), terms=None),
    )


def _clock_set_back(plan: Plan, situation: Situation) -> Case:
    """A witness has vouched for a time two minutes later than this node's own."""
    later = situation.now + 120.0
    return Case(
        msgspec.structs.replace(plan, inputs=(Input(name="picture", at=later),)),
        msgspec.structs.replace(situation, witness=later),
    )


def _overdue_end(plan: Plan, situation: Situation) -> Case:
    """A deletion that fell due, of which nobody was told."""
    plan = msgspec.structs.replace(plan, destructive=True, due=situation.now - 60.0)
    return _approved()(plan, situation)


def _stopped(plan: Plan, situation: Situation) -> Case:
    stop = Stop(
        id=1,
        scope="everything",
        who=f"person:{OTHER}",
        because="a proof",
        at=situation.now,
        entry=0,
    )
    return Case(plan, msgspec.structs.replace(situation, stops=(stop,)))


def _proof(ago: float, denied: bool) -> Change:
    return lambda plan, situation: _situation(proofs={NAME: Proof(at=situation.now - ago, denied=denied)})(
        plan, situation
    )


_ELSEWHERE = Held(automation=OTHER, action="systemd:restart", group=OTHER, cell="there")
_QUIET_ELSEWHERE = msgspec.structs.replace(_ELSEWHERE, disturbs=False)
_FORBIDDEN = Rule(name=OTHER, forbids=True, action="systemd:restart", until=float("inf"), because="a proof")
_BROKEN = Rule(name=OTHER, forbids=True, action="systemd:restart", until=float("inf"), on="group =")
_NEVER = Window(hours.parse("Mon-Sun 00:00-24:00"), outside=True)
_DATA = Data(size=10_000, before=10_000, limit=20_000)


def _data(**changed: Any) -> Change:
    return _plan(data=msgspec.structs.replace(_DATA, **changed))


CASES: Mapping[str, tuple[Change, ...]] = {
    "targets": (
        _plan(targets=(), cells=()),
        lambda plan, situation: _plan(targets=plan.targets[:1] * 2)(plan, situation),
        _plan(environment="staging"),
        _situation(used=Used(targets=frozenset({f"{NAME}-1"}))),
        _plan(cells=("here", "there")),
    ),
    "inputs": (
        _plan(inputs=()),
        _age(600.0),
        _age(-600.0),
        lambda plan, situation: _plan(inputs=(Input(name="registry", at=plan.made, complete=False),))(
            plan, situation
        ),
        lambda plan, situation: _plan(inputs=(Input(name="registry", at=plan.made, quorum=False),))(
            plan, situation
        ),
    ),
    "grant": (
        _situation(policy=None),
        _situation(policy=Rules()),
        _situation(policy=policy(("automation:*", _FORBIDDEN))),
        _situation(policy=policy(("*", _BROKEN))),
        _plan(action="systemd:stop"),
    ),
    "expiry": (_ago(1.0, "expires"), _clock_set_back),
    "standing": (_by_hand_for_too_long,),
    "consent": (
        _all_targets(owner=OTHER),
        _all_targets(owner=""),
        _then(_all_targets(owner=OTHER), _plan(disturbs=False)),
        _then(_plan(destructive=True), _all_targets(owner=OTHER), _consented, _approved()),
    ),
    "radius": (
        _terms(at_once=1),
        _situation(used=Used(held=(Held(automation=NAME, cell="here", targets=3),))),
        _terms(group=0.05),
        _terms(fleet=0.001),
    ),
    "rate": (_situation(used=Used(runs=6)), _situation(used=Used(removed={OTHER: 49}))),
    "capacity": (
        _situation(fleet=Fleet(whole=Part(1000, 1000), groups={NAME: Part(16, 9)})),
        _situation(fleet=Fleet(whole=Part(1000, 1000), groups={NAME: Part(16, 0)})),
    ),
    "domain": (
        _situation(used=Used(held=(_ELSEWHERE,))),
        _situation(used=Used(soaking=(_ELSEWHERE,))),
    ),
    "stages": (
        _then(_plan(disturbs=False, cells=()), _more_targets(2, cell="there", region="there")),
        _more_targets(1, region="there"),
        _then(_plan(disturbs=False, data=_DATA), _situation(used=Used(held=(_QUIET_ELSEWHERE,)))),
    ),
    "attempts": (
        _situation(used=Used(tries={f"{NAME}-1": 2})),
        _situation(used=Used(braked=frozenset({f"{NAME}-2"}))),
        _situation(used=Used(touched={f"{NAME}-2": 6})),
    ),
    "cost": (
        _plan(cost=11.0),
        _plan(cost=-1.0),
        _plan(cost=float("nan")),
        _then(_plan(cost=1.0), _situation(used=Used(spent=9.5))),
    ),
    "versions": (_situation(versions={"one": "1", "two": "2"}), _plan(version="2")),
    "freeze": (
        _situation(freezes=(Freeze(name="a proof", because="a proof"),)),
        _situation(freezes=(Freeze(name="a proof", automation=NAME, because="a proof"),)),
        _then(_plan(disturbs=False), _situation(freezes=(Freeze(name="a proof", because="a proof"),))),
    ),
    "stop": (_stopped,),
    "storm": (_situation(lost=20),),
    "sight": (
        _situation(sight=Sight(ear=False)),
        _situation(sight=Sight(probes=False)),
        _situation(sight=Sight(lag=60.0)),
    ),
    "consequence": (
        _plan(destructive=True),
        _plan(crosses=True),
        _plan(undo=""),
    ),
    "announced": (_overdue_end,),
    "shape": (
        _plan(parameters={"term": " "}),
        _data(blank=("policy",)),
        _data(invalid="a proof"),
        _data(size=0),
        _data(size=20_001, before=20_001),
        _data(size=4_000),
        _data(size=16_000),
    ),
    "belief": (_situation(doubt="a proof"),),
    "window": (_terms(window=_NEVER, windows="never"),),
    "level": (
        _then(_situation(standing=Standing(level="suggest")), _approved()),
        _then(_terms(level="observe"), _approved()),
        _situation(standing=Standing(level="act", frozen="a proof")),
    ),
    "autonomy": (
        _situation(standing=Standing(level="approve")),
        _then(_terms(level="approve"), _approved(asked_by=f"person:{OTHER}")),
        _then(_terms(level="act-small"), _situation(standing=Standing(level="act-small")), _more_targets(2)),
    ),
    "review": (_ago(1.0, "review"),),
    "proof": (_situation(proofs={}), _proof(0.0, denied=False), _proof(30 * DAY, denied=True)),
}
"""By guard: how each of its requests differs from the sound one."""
