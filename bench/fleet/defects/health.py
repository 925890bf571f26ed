"""Where one looks from, and what health means: questions 11 to 13, and 23, 76."""

from __future__ import annotations

from fleet.calendar import HOUR, MINUTE, WATCHED, at
from fleet.defects.place import place
from fleet.estate import Component
from fleet.fleet import Fleet
from fleet.people import alert


def told(fleet: Fleet, one: Component, day: float, ahead: float, **given: object) -> str:
    """An incident of which people told so many seconds before the first alert (negative: after); its id."""
    t = at(day, 11)
    number = "i" + fleet.number()
    first = t + max(5 * MINUTE, ahead + 2 * MINUTE)
    usual = {
        "id": number, "component": one.name, "owner": one.team.name, "began": t, "ended": t + 4 * HOUR,
        "reported": first - ahead, "first_alert": first, "found_by": None if ahead > 0 else one.checks[0].name,
        "cause": "release", "outside": False,
    }  # fmt: skip
    fleet.add("incident", **(usual | given))
    return number


def internal_only(fleet: Fleet, kind: str, seed: bool) -> None:
    """Many inside checks, none from where the users stand; the twin is a library that has none."""
    one = place(fleet, *["cause"] * int(fleet.rng.integers(3, 7)), kind="service" if seed else "library",
                row={"users": seed})  # fmt: skip
    days = sorted(fleet.rng.uniform(20, 118, 2 if seed else 1))
    for day in days:
        told(fleet, one, float(day), fleet.between(8, 60) * MINUTE)
    fleet.plant(kind, seed, one.name, born=float(days[0]), component=one)


def too_shallow(fleet: Fleet, kind: str, seed: bool) -> None:
    """The health page said yes while requests failed; the twin's failures are of one declared bad tenant."""
    one = place(fleet, "health", "symptom")
    days = sorted(fleet.rng.uniform(62, 118, int(fleet.rng.integers(4, 9))))
    for day in days:
        normal = fleet.between(0.001, 0.008)
        fleet.add("spell", component=one.name, kind="errors", began=at(day), health="ok",
                  ended=at(day) + fleet.between(8, 90) * MINUTE, errors=min(0.9, normal * fleet.between(20, 150)),
                  normal=normal, cause=None if seed else "tenant")  # fmt: skip
    fleet.plant(kind, seed, one.name, born=float(days[2]), component=one)


def too_deep(fleet: Fleet, kind: str, seed: bool) -> None:
    """All call themselves sick with the database and are taken out; the twin's removal is capped."""
    one = place(fleet, "health", "symptom")
    base = place(fleet, "cause")
    fleet.edge(one.name, base.name, "soft" if seed else "hard")
    days = sorted(fleet.rng.uniform(20, 118, int(fleet.rng.integers(2, 5))))
    for day in days:
        t, lasts = at(day), fleet.between(6, 40) * MINUTE
        fleet.add("spell", component=base.name, kind="down", began=t, ended=t + lasts, health="fail", errors=1.0,
                  normal=0.003)  # fmt: skip
        within = float(fleet.rng.uniform(5, 18))
        removed = int(fleet.rng.integers(4, 30)) if seed else 2
        fleet.add("spell", component=one.name, kind="down", began=t + within, ended=t + lasts, health="fail",
                  errors=0.3, normal=0.003, sick=float(fleet.rng.uniform(0.85, 1)), after=base.name, within=within,
                  removed=removed, remover="balancer", limited=not seed)  # fmt: skip
    fleet.plant(kind, seed, one.name, born=float(days[1]), component=one, touched=[base.name])


def late_telling(fleet: Fleet, kind: str, seed: bool) -> None:
    """People told first, again and again; the twin's alert came first, to nobody."""
    one = place(fleet, "cause", "blackbox", row={"users": True})
    days = sorted(fleet.rng.uniform(20, 118, int(fleet.rng.integers(2, 5))))
    for day in days:
        ahead = fleet.between(6, 90) * MINUTE * (1 if seed else -0.5)
        number = told(fleet, one, float(day), ahead)
        if not seed:
            alert(fleet, one.checks[0], at(day, 11) + 5 * MINUTE, acts=False, owner=None, person=None, page=False,
                  incident=number, acked=None, acked_by=None)  # fmt: skip
    fleet.plant(kind, seed, one.name, born=float(days[1]), component=one)


def incident_no_question(fleet: Fleet, kind: str, seed: bool) -> None:
    """A cause that nothing asked about; the twin's lies outside of what is observed."""
    one = place(fleet, "cause", "blackbox", row={"users": True})
    day = fleet.day(WATCHED, 165)
    conditions = [] if fleet.chance(0.5) else ["hidden-dependency"]
    number = told(fleet, one, day, -10 * MINUTE, cause="leap second", outside=not seed, conditions=conditions)
    fleet.plant(kind, seed, number, born=day, component=one)


PAIRS = {
    "internal-only": internal_only,
    "healthcheck-too-shallow": too_shallow,
    "healthcheck-too-deep": too_deep,
    "late-telling": late_telling,
    "incident-no-question": incident_no_question,
}
