"""Grants given and used: questions 52 to 58."""

from __future__ import annotations

from fleet.acting import function, grant, run, use
from fleet.calendar import DAY, DAYS, at
from fleet.fleet import Fleet


def principal(fleet: Fleet, team: str, **given: object) -> str:
    """A name under which somebody acts."""
    name = fleet.name("as")
    fleet.add("principal", **({"name": name, "owner": team, "shared": False, "since": at(-600)} | given))
    return name


def unused(fleet: Fleet, kind: str, seed: bool) -> None:
    """May delete, and has not for long; the twin is a right to recover, kept for a drill with a date."""
    team = fleet.some_team()
    may = function(fleet, team)
    who = principal(fleet, team.name)
    number = grant(fleet, team, who, may, since=at(-170), drilled=None if seed else at(DAYS + 60),
                   purpose="deletes old files" if seed else "yearly recovery")  # fmt: skip
    if seed and fleet.chance(0.5):
        for t in fleet.moments(0.1, -60, 10):
            use(fleet, number, who, t, may, target="a")
    fleet.plant(kind, seed, number, born=0, owner=team, names=[who, may])


def wider(fleet: Fleet, kind: str, seed: bool) -> None:
    """Uses a few of the hundreds that it may touch; the twin's targets live shortly and bear labels."""
    team = fleet.some_team()
    may = function(fleet, team)
    who = principal(fleet, team.name)
    star = seed and fleet.chance(0.4)
    count = int(fleet.between(150, 900))
    number = grant(fleet, team, who, "*" if star else may, targets=count, wildcard=star, by_labels=not seed)
    few = int(fleet.rng.integers(2, 8))
    for t in fleet.moments(fleet.between(0.6, 2), -30):
        use(fleet, number, who, t, may, target=f"{who}/{fleet.rng.integers(few)}")
    fleet.plant(kind, seed, number, born=0, owner=team, pace=1, names=[who, may])


def timeless(fleet: Fleet, kind: str, seed: bool) -> None:
    """Has no end; the twin is looked at and given anew every other week."""
    team = fleet.some_team()
    may = function(fleet, team)
    who = principal(fleet, team.name)
    begin = -fleet.between(200, 900)
    if seed:
        number = grant(fleet, team, who, may, since=at(begin), expires=None, review=None)
    else:
        number, day = "g" + fleet.number(), -fleet.between(5, 12)
        while day < DAYS:
            ends = day + fleet.between(7, 13)
            grant(fleet, team, who, may, id=number, since=at(day), renewed=at(day), until=at(ends), expires=None,
                  review=at(day + 30))  # fmt: skip
            day = ends
    for t in fleet.moments(0.4, -30):
        use(fleet, number, who, t, may, target=f"{who}/{fleet.rng.integers(12)}")
    fleet.plant(kind, seed, number, born=0, owner=team, names=[who, may])


def purpose_drift(fleet: Fleet, kind: str, seed: bool) -> None:
    """Given for certificates, used for volumes; the twin's purpose names both."""
    team = fleet.some_team()
    may = function(fleet, team)
    who = principal(fleet, team.name)
    both = ["certificates", "volumes"]
    number = grant(fleet, team, who, may, purpose="renews certificates" if seed else "certificates and volumes",
                   classes=both[:1] if seed else both)  # fmt: skip
    begin, rate = fleet.day(30, 110), fleet.between(0.5, 3)
    drift = float(fleet.rng.uniform(0.6, 0.95))
    for t in fleet.moments(rate, -20):
        other = t > at(begin) and fleet.chance(drift)
        use(fleet, number, who, t, may, target=f"{who}/{fleet.rng.integers(12)}", **{"class": both[other]})
    fleet.plant(kind, seed, number, born=begin, owner=team, pace=30 * rate, names=[who, may])


def shared_identity(fleet: Fleet, kind: str, seed: bool) -> None:
    """Many hosts speak under one name; the twin is declared as a pair and its spare."""
    team = fleet.some_team()
    may = function(fleet, team)
    who = principal(fleet, team.name, shared=not seed)
    number = grant(fleet, team, who, may)
    hosts = [fleet.name("host") for _ in range(int(fleet.rng.integers(4, 12)) if seed else 3)]
    owners = [fleet.some_team().name for _ in hosts] if seed else [team.name] * 3
    begin, rate = fleet.day(60, 140) if seed else -30, fleet.between(0.6, 3)
    for t in fleet.moments(rate, -30):
        i = int(fleet.rng.integers(len(hosts))) if t > at(begin) else 0
        use(
            fleet,
            number,
            who,
            t,
            may,
            target=f"{who}/{fleet.rng.integers(12)}",
            host=hosts[i],
            owner=owners[i],
        )
    fleet.plant(kind, seed, who, born=begin, owner=team, pace=30 * rate, names=[number, may])


def function_over_role(fleet: Fleet, kind: str, seed: bool) -> None:
    """A dozen functions under one mighty role; the twins use nearly all that theirs holds."""
    team = fleet.some_team()
    role = fleet.name("role")
    used = int(fleet.rng.integers(4, 15))
    holds = int(used * fleet.between(5, 30)) if seed else round(used * 1.15)
    made = [
        function(fleet, team, role=role, permissions=holds,
                 permissions_used=max(1, used + int(fleet.rng.integers(-1, 2)) if seed else used))
        for _ in range(int(fleet.rng.integers(6, 15)))
    ]  # fmt: skip
    fleet.plant(kind, seed, role, born=0, owner=team, names=made)


def toxic_pair(fleet: Fleet, kind: str, seed: bool) -> None:
    """May act and silence its own check; the twin may only by breaking the glass."""
    team = fleet.some_team()
    pair = [
        ("propose", "approve"),
        ("act", "silence"),
        ("act", "edit-check"),
        ("write-ledger", "prune-ledger"),
    ]
    first, second = pair[int(fleet.rng.integers(4))] if seed else pair[1]
    who = principal(fleet, team.name)
    also = principal(fleet, team.name) if seed and fleet.chance(0.3) else who
    person = f"{team.name}.p1x{fleet.number()}"
    one = grant(fleet, team, who, first, targets=None, person=person)
    two = grant(fleet, team, also, second, targets=None, person=person, breakglass=not seed)
    for number, name, duty in ((one, who, first), (two, also, second)):
        for t in fleet.moments(0.2, -30):
            use(fleet, number, name, t, duty)
    if not seed:
        run(fleet, at(130, 11), "silence", actor=who, actor_kind="person", breakglass=True, owner=team.name,
            reviewed=at(130, 11) + 2 * DAY)  # fmt: skip
    fleet.plant(kind, seed, who, born=-100, owner=team, names=[also, person, one, two])


PAIRS = {
    "unused-grant": unused,
    "wider-than-used": wider,
    "timeless-grant": timeless,
    "purpose-drift": purpose_drift,
    "shared-identity": shared_identity,
    "function-over-role": function_over_role,
    "toxic-pair": toxic_pair,
}
