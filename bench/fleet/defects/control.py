"""What holds automations and people back: questions 40 to 46 and 51."""

from __future__ import annotations

from fleet.acting import approval, automation, drills, function, grant, requests, run, use
from fleet.calendar import DAY, DAYS, MINUTE, at
from fleet.defects.behaviour import Actor
from fleet.defects.place import place
from fleet.fleet import Fleet


def empty_means_all(fleet: Fleet, kind: str, seed: bool) -> None:
    """It destroys, and its selection was empty; the twin refuses an empty list, as a test shows."""
    one = place(fleet, "symptom")
    may = function(fleet, one.team, destructive=True, rollback="restore", refuses_empty=not seed)
    principal = f"ops-{one.team.name}"
    number = grant(fleet, one.team, principal, may)
    drills(fleet, "rollback", may, 60)
    begin = fleet.day(60, 140)
    for t in fleet.moments(0.4, -30):
        run(fleet, t, may, actor=principal, actor_kind="person", target=one.name, targets=3, owner=one.team.name,
            mode="real" if fleet.chance(0.5) else "dry")  # fmt: skip
        use(fleet, number, principal, t, may, target=f"{one.name}/{fleet.rng.integers(9)}")
    for day in fleet.rng.uniform(begin, begin + 20, int(fleet.rng.integers(1, 5))):
        run(fleet, at(float(day)), may, actor=principal, actor_kind="person", targets=0, mode="dry", planned=[],
            target=None, owner=one.team.name)  # fmt: skip
    fleet.plant(kind, seed, may, born=begin, component=one, pace=12, touched=[number])


def no_way_back(fleet: Fleet, kind: str, seed: bool) -> None:
    """Acts alone on what cannot be brought back but by an undo that never ran; the twin's was rehearsed."""
    one = place(fleet, "symptom")
    destroys = fleet.chance(0.6)
    undo = "undo-" + fleet.number() if not seed or fleet.chance(0.6) else None
    actor = Actor(fleet, one, destructive=destroys, reversible=destroys and fleet.chance(0.5), rollback=undo)
    if undo:
        function(fleet, one.team, undo)
    for t in fleet.moments(0.5):
        actor.run(t)
    if not seed:
        drills(fleet, "rollback", actor.function, 20)
    fleet.plant(kind, seed, actor.function, born=-30, component=one, pace=15, names=actor.names)


def stop_button_cold(fleet: Fleet, kind: str, seed: bool) -> None:
    """The stop stands behind what it stops; the twin's stands apart and is pulled every month."""
    one, switch = place(fleet, "symptom"), place(fleet, "cause", tier=2)
    other = place(fleet, "cause", tier=2)
    may = function(fleet, one.team)
    if seed:
        touches = [one.name, switch.name]
        if fleet.chance(0.6):
            fleet.edge(switch.name, one.name, "hard")
            touches = [one.name]
        drilled = fleet.chance(0.5)
    else:
        fleet.edge(switch.name, other.name, "hard")
        touches, drilled = [one.name], True
    name = automation(
        fleet, one.team, may, level=3, touches=touches, stop_needs=[switch.name], stop_drills=drilled
    )
    if not drilled:
        drills(fleet, "stop", name, 40, end=0)
    number = grant(fleet, one.team, name, may, targets=6)
    for t in fleet.moments(0.7, -250):
        run(fleet, t, may, automation=name, actor=name, actor_kind="automation", target=one.name, owner=one.team.name,
            group_size=30, fleet=1 / 30, target_limit=5)  # fmt: skip
        use(fleet, number, name, t, may, target=one.name)
    fleet.plant(
        kind,
        seed,
        name,
        born=-30,
        component=one,
        pace=20,
        names=[may, switch.name],
        touched=[other.name, number],
    )


def guard_never_bit(fleet: Fleet, kind: str, seed: bool) -> None:
    """Lets everything pass; the twin is tried with a false request every week and bites."""
    team = fleet.some_team()
    name = fleet.name("limit")
    fleet.add("guard", name=name, owner=team.name, since=at(-500))
    rate = fleet.between(0.7, 5)
    requests(fleet, name, rate, denied=0, by_hand=0)
    if not seed:
        for day in range(-60, DAYS, 7):
            fleet.add("request", guard=name, at=at(day, 8), denied=True, synthetic=True)
    fleet.plant(kind, seed, name, born=0, owner=team, pace=30 * rate)


def guard_always_bites(fleet: Fleet, kind: str, seed: bool) -> None:
    """Refuses what people then do by hand; what the twin refuses nobody does."""
    team = fleet.some_team()
    name = fleet.name("limit")
    fleet.add("guard", name=name, owner=team.name, since=at(-500))
    rate, begin = fleet.between(0.5, 2), fleet.day(50, 130) if seed else -60.0
    requests(fleet, name, 0.4, denied=0.06, by_hand=0.1, begin=-60)
    refused = requests(fleet, name, 3 * rate, denied=float(fleet.rng.uniform(0.6, 0.95)), by_hand=0.85 if seed else 0.0,
             begin=begin)  # fmt: skip
    fleet.plant(kind, seed, name, born=begin, owner=team, pace=30 * refused / (180 - begin))


def break_glass(fleet: Fleet, kind: str, seed: bool) -> None:
    """Every week an emergency; the twin had one, and it was looked at."""
    team = fleet.team()
    one = place(fleet, "symptom", team=team)
    may, begin = function(fleet, team), fleet.day(100, 150)
    days = [begin]
    while seed and days[-1] < DAYS - 9:
        days.append(days[-1] + float(fleet.rng.uniform(5, 8)))
    for day in days:
        t = at(day, 11)
        run(fleet, t, may, actor=team.people[0], actor_kind="person", breakglass=True, target=one.name,
            owner=team.name, reviewed=t + fleet.between(0.5, 3) * DAY)  # fmt: skip
    fleet.plant(kind, seed, team.name, born=begin, component=one, owner=team, pace=4,
                names=[*([may] if seed else []), team.people[0]])  # fmt: skip


def rubber_stamp(fleet: Fleet, kind: str, seed: bool) -> None:
    """Yes within four seconds, always; the twin says yes after minutes, and once changed the plan."""
    team = fleet.some_team()
    approver = fleet.name(team.name + ".p")
    count = int(fleet.rng.integers(90, 150))
    days = sorted(fleet.rng.uniform(0, 178, count))
    for i, day in enumerate(days):
        takes = float(fleet.rng.uniform(2, 7)) if seed else fleet.between(3, 25) * MINUTE
        approval(fleet, at(float(day)), team.people[i % len(team.people)], approver, team, takes=takes, granted=True,
                 edited=not seed and i in (12, count // 2))  # fmt: skip
    fleet.plant(kind, seed, approver, born=0, owner=team, pace=count / 6)


def unearned(fleet: Fleet, kind: str, seed: bool) -> None:
    """Its level was set by hand after a few runs; the twin's is earned."""
    one = place(fleet, "symptom")
    if not seed:
        actor = Actor(fleet, one, past=int(fleet.rng.integers(80, 140)))
        for t in fleet.moments(0.7):
            actor.run(t)
        fleet.plant(kind, seed, actor.name, born=0, component=one, pace=20, names=actor.names)
        return
    may = function(fleet, one.team)
    begin = fleet.day(60, 140)
    usual = {"touches": [one.name], "earned": False}
    name = automation(
        fleet, one.team, may, level=2, since=at(-60), level_since=at(-60), until=at(begin), **usual
    )
    automation(fleet, one.team, may, level=3, name=name, since=at(begin), level_since=at(begin), **usual)
    number = grant(fleet, one.team, name, may, targets=6)
    early = [at(day) for day in fleet.rng.uniform(-50, begin, int(fleet.rng.integers(3, 14)))]
    for t in sorted(early) + fleet.moments(0.1, begin):
        run(fleet, t, may, automation=name, actor=name, actor_kind="automation", target=one.name, owner=one.team.name,
            group_size=30, fleet=1 / 30, target_limit=5)  # fmt: skip
        use(fleet, number, name, t, may, target=one.name)
    fleet.plant(kind, seed, name, born=begin, component=one, pace=3, names=[may], touched=[number])


PAIRS = {
    "empty-means-all": empty_means_all,
    "no-way-back": no_way_back,
    "stop-button-cold": stop_button_cold,
    "guard-never-bit": guard_never_bit,
    "guard-always-bites": guard_always_bites,
    "break-glass-habit": break_glass,
    "rubber-stamp": rubber_stamp,
    "promotion-unearned": unearned,
}
