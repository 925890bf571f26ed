"""Decisions, and the questions themselves: questions 73 to 75 and 77."""

from __future__ import annotations

from fleet.calendar import DAY, WATCHED, at
from fleet.defects.place import place
from fleet.fleet import Fleet
from fleet.upkeep import decision


def expired(fleet: Fleet, kind: str, seed: bool) -> None:
    """Accepted half a year ago, and it has doubled since; the twin was accepted anew yesterday."""
    one = place(fleet, "symptom", "cause")
    then, times = fleet.between(3, 50), fleet.between(1.8, 4)
    made = -fleet.between(40, 100)
    cells = {"then": then, "what": "lives with slow answers", "kind": "always-near"}
    ends = fleet.day(60, 150)
    if seed:
        number = decision(
            fleet, one.team.name, one.checks[0].name, made=made, until=at(ends), now=then * times, **cells
        )
        fleet.plant(kind, seed, number, born=made, component=one)
        return
    old = decision(fleet, one.team.name, one.checks[0].name, made=made, until=at(ends), now=then * 1.1,
                   superseded=at(ends - 1, 9), **cells)  # fmt: skip
    new = decision(fleet, one.team.name, one.checks[0].name, made=ends - 1,
                   **(cells | {"then": then * 1.1, "now": then * 1.1, "until": at(ends + 150)}))  # fmt: skip
    fleet.plant(kind, seed, new, born=ends, component=one, names=[old])


def changed_nothing(fleet: Fleet, kind: str, seed: bool) -> None:
    """An edit without effect; of the twin's the data since are not complete."""
    one = place(fleet, "symptom", "cause")
    check = one.checks[1]
    asked = fleet.day(70, 120)
    before = fleet.between(8, 60)
    answered = at(asked + 2, 10)
    number = "asked-" + fleet.number()
    fleet.add("question", id=number, kind="hair-trigger", subject=check.name, owner=one.team.name, asked=at(asked, 9),
              answered=answered, answer="change", took=200.0, change="threshold +5 %", before=before,
              after=before * float(fleet.rng.uniform(0.88, 1.1)), measured=answered + 15 * DAY,
              complete=seed)  # fmt: skip
    fleet.plant(kind, seed, number, born=asked + 17, component=one)


def without_evidence(fleet: Fleet, kind: str, seed: bool) -> None:
    """Much rests on it, and it cites nothing; the twin is for a week."""
    one = place(fleet, "symptom", "cause")
    made = fleet.day(WATCHED, 160)
    carries = int(fleet.rng.integers(4, 15))
    if seed and fleet.chance(0.3):
        cells = {"reason": "as before", "cites": int(fleet.rng.integers(0, 2))}
    else:
        cells = {"reason": "the architecture board wishes it so", "cites": 0}
    if not seed:
        cells |= {"until": at(made + 7, 9), "superseded": at(made + 7, 9)}
    number = decision(fleet, one.team.name, "adr-" + fleet.number(), made=made, reversibility="hard", carries=carries,
                      what="one store for all", **cells)  # fmt: skip
    fleet.plant(kind, seed, number, born=made, component=one)


def kind_useless(fleet: Fleet, kind: str, seed: bool) -> None:
    """Asked and asked, and nothing came of it; the twin was asked too seldom to tell."""
    about = "borrowed-default" if seed else "healthcheck-too-shallow"
    count = int(fleet.rng.integers(18, 30)) if seed else int(fleet.rng.integers(4, 8))
    wrong = float(fleet.rng.uniform(0.4, 0.8)) if seed else 0.5
    for day in sorted(fleet.rng.uniform(-10, 115, count)):
        answer = "wrong" if fleet.chance(wrong) else str(fleet.rng.choice(["accept", "unknown"]))
        fleet.add("question", id="asked-" + fleet.number(), kind=about, subject=fleet.name("former"),
                  owner=fleet.some_team().name, asked=at(float(day)), answered=at(float(day)) + 2 * DAY, answer=answer,
                  new_reason=False, took=fleet.between(30, 300), before=4.0)  # fmt: skip
    fleet.plant(kind, seed, about, born=100)


PAIRS = {
    "expired-acceptance": expired,
    "change-that-changed-nothing": changed_nothing,
    "decision-without-evidence": without_evidence,
    "question-kind-useless": kind_useless,
}
