"""Who answers: questions 30 to 34."""

from __future__ import annotations

from fleet.acting import function, grant, run, use
from fleet.calendar import DAY, WEEK, at
from fleet.defects.place import place, quiet
from fleet.fleet import Fleet
from fleet.people import alert
from fleet.upkeep import decision


def nobody_home(fleet: Fleet, kind: str, seed: bool) -> None:
    """A service that was found and belongs to nobody; the twin is a job that lives for hours."""
    begin = fleet.day(121, 160)
    if seed:
        one = place(fleet, born=begin, tier=int(fleet.rng.integers(2, 4)),
                    row={"owner": None, "declared": False, "tier": None, "slo": None})  # fmt: skip
        for caller in fleet.stands_on(one, int(fleet.rng.integers(2, 7))):
            fleet.edge(caller.name, one.name, None, since=at(begin), declared=False)
    else:
        one = place(fleet, kind="job", born=begin, died=begin + float(fleet.rng.uniform(0.2, 0.9)),
                    row={"owner": None, "ephemeral": True, "declared": False})  # fmt: skip
    fleet.plant(kind, seed, one.name, born=begin, component=one)


def owner_gone(fleet: Fleet, kind: str, seed: bool) -> None:
    """Others do all the work since the teams were cut anew; with the twin there was no work."""
    one = place(fleet, "cause", "symptom")
    if seed:
        others = [team for team in fleet.ordinary if team is not one.team]
        other = others[int(fleet.rng.integers(len(others)))]
        for t in [*fleet.moments(fleet.between(0.08, 0.3)), at(100), at(110)]:
            fleet.add("change", at=t, subject=one.name, kind="deploy", owner=other.name, what="release")
        for t in fleet.moments(fleet.between(0.04, 0.1)):
            who = other.on_call(t)
            alert(fleet, one.checks[0], t, acts=True, acked_by=who, resolver=who, action="mended by hand",
                  person=who)  # fmt: skip
    fleet.plant(kind, seed, one.name, born=0, component=one)


def without_power(fleet: Fleet, kind: str, seed: bool) -> None:
    """The fix needs what only another team may run; with the twin the two teams agreed on it."""
    one = place(fleet, "symptom", tier=2)
    check = quiet(fleet, one, "cause", pages=True)
    others = [team for team in fleet.ordinary if team is not one.team]
    other = others[int(fleet.rng.integers(len(others)))]
    may = function(fleet, other)
    principal = fleet.name("dba")
    fleet.add("principal", name=principal, owner=other.name, shared=False, since=at(-400))
    number = grant(fleet, other, principal, may, targets=10)
    share = float(fleet.rng.uniform(0.65, 1.0))
    count = int(fleet.rng.integers(16, 30))
    for t in [at(day, 9) for day in sorted(fleet.rng.uniform(65, 175, count))]:
        needed = fleet.chance(share)
        row = alert(fleet, check, t, acts=True)
        if needed:
            row["action"], row["resolver"] = may, other.on_call(t)
            run(fleet, row["acted"], may, actor=principal, actor_kind="person", alert=row["id"], target=one.name,
                recovered=row["ended"], owner=other.name, finished=row["ended"], trigger="alert")  # fmt: skip
            for target in (one.name, f"{one.name}/{fleet.rng.integers(4)}"):
                use(fleet, number, principal, row["acted"], may, target=target)
    if not seed:
        decision(
            fleet,
            one.team.name,
            check.name,
            made=30,
            kind=kind,
            what="the data people mend this by agreement",
        )
    fleet.plant(
        kind,
        seed,
        check.name,
        born=80,
        component=one,
        pace=30 * share * count / 110,
        touched=[may, principal, number],
    )


def single_person(fleet: Fleet, kind: str, seed: bool) -> None:
    """A rota of one; the twin has two people, and its gap is covered by the second level."""
    team = fleet.team(1 if seed else 2)
    one = place(fleet, "symptom", team=team)
    quiet(fleet, one, "cause", pages=True)
    team.rota = []
    for week in range(-4, 36):
        begin = at(7 * week)
        for level in (1,) if seed else (1, 2):
            gap = 2 * DAY if level == 1 and week % 3 == 0 and not seed else 0.0
            team.rota.append({"person": team.on_call(begin, level), "level": level, "starts": begin,
                              "ends": begin + WEEK - gap})  # fmt: skip
    team.row["members"] = 1 if seed else 2
    fleet.plant(kind, seed, one.name, born=0, component=one, names=[team.name])


def unanswered(fleet: Fleet, kind: str, seed: bool) -> None:
    """A heap of questions that nobody answers; the twin's team is declared to be away."""
    team = fleet.team(away=None if seed else True)
    one = place(fleet, "symptom", "cause", team=team)
    begin = fleet.day(95, 140)
    for i in range(int(fleet.rng.integers(6, 12))):
        check = quiet(fleet, one, "cause", pages=False)
        fleet.add("question", id="asked-" + fleet.number(), kind=("never-near", "stale-threshold")[i % 2],
                  subject=check.name, owner=team.name, asked=at(begin + i * 0.5, 10), before=3.0)  # fmt: skip
    fleet.plant(kind, seed, team.name, born=begin, component=one, owner=team)


PAIRS = {
    "nobody-home": nobody_home,
    "owner-gone": owner_gone,
    "page-without-power": without_power,
    "single-point-person": single_person,
    "unanswered-questions": unanswered,
}
