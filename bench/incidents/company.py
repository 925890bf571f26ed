"""The ordinary company around an incident: some dozens of components that nothing is wrong with."""

from __future__ import annotations

import math

from incidents.state import DAY, HOUR, LOOK, TEAM, State, ago

TEAMS = ("storage", "payments", "search", "edge", "data", TEAM)
COUNT = 36
DAYS = 130


def company() -> State:
    """Its records up to a fortnight after the look."""
    state = State()
    for team in TEAMS:
        _team(state, team)
    for number in range(COUNT):
        _component(state, number)
    for number, team in enumerate(TEAMS[:3]):
        _automation(state, f"{team}-restarts", number, team)
    state.monitor("node-one", owner="data")
    state.monitor("node-two", owner="edge")
    for number, team in enumerate(TEAMS):
        state.grant(f"deploy-{team}", f"deployer-{team}", f"deploy-{team}", owner=team)
        state.add("principal", name=f"deployer-{team}", owner=team, shared=False, since=ago(600))
        state.add("decision", id=f"d{number}", at=ago(90 + number), owner=team, subject=f"{team}-plan", cites=3,
                  carries=2, what="two zones are enough", reason="Measured in the failover test of spring.",
                  reversibility="easy", until=ago(-200))  # fmt: skip
    return state


def _team(state: State, team: str) -> None:
    state.add("owner", name=team, parent="engineering", zone="UTC", members=5, promise=900.0, since=ago(900))
    for week in range(-10, 20):
        for level in (1, 2):
            state.add("rota", owner=team, person=f"{team}-{(week + level) % 5}", level=level,
                      starts=LOOK + week * 7 * DAY, ends=LOOK + (week + 1) * 7 * DAY)  # fmt: skip


def _component(state: State, number: int) -> None:
    tier = 1 + 3 * number // COUNT
    name, team = f"part-{number:02}", TEAMS[number % len(TEAMS)]
    users, job = number % 4 == 0, number % 9 == 5
    state.component(name, tier, owner=team, users=users, kind="job" if job else "service", heard=DAYS,
                    period=DAY if job else None)  # fmt: skip
    for behind in (number - 1, number - 5):
        if behind >= 0:  # what is as important or more
            state.edge(name, f"part-{behind:02}", "hard" if behind % 2 else "soft")
    for kind in ("cause", "symptom", "blackbox") if users else ("cause", "symptom"):
        _check(state, name, kind, number)
    for day in range(DAYS):
        if job:
            due = ago(day + 1) + 2 * HOUR
            state.add("job_run", job=name, due=due, began=due + 5, ended=due + 1_800, period=DAY, lock=True)
        if day % 17 == number % 17:
            state.add(
                "change", at=ago(day) + 9 * HOUR, subject=name, kind="deploy", owner=team, what="release"
            )
    state.add("resource", name=f"{name}-disk", component=name, owner=team, unit="GB", hard_limit=1_000.0,
              remedy=2 * DAY, watched=True, since=ago(700))  # fmt: skip
    for day in range(100):
        state.add("resource_daily", resource=f"{name}-disk", day=int(ago(day + 1) // DAY),
                  value=400.0 + 20 * math.sin(day + number))  # fmt: skip


def _check(state: State, component: str, kind: str, number: int) -> None:
    """Its limit is near enough to be reached; what it says is dealt with within the hour."""
    name, team = f"{component}-{kind}", TEAMS[number % len(TEAMS)]
    state.names.add(name)
    state.add("check", name=name, component=component, owner=team, kind=kind, aggregation="p99", threshold=90.0,
              expr=f"p99({name}) > 90", reads=name, unit="ms", above=True, hold=120.0, span=60.0, interval=15.0,
              severity="critical", pages=True, no_data="unknown", runbook=f"how-to-{name}", budget=3_600.0,
              edited=ago(60 + number), since=ago(700))  # fmt: skip
    for day in range(DAYS):
        wave = 3 * math.sin(day * 0.9 + number)
        state.add("sample_daily", check=name, day=int(ago(day + 1) // DAY), coverage=1.0, min=20.0 + wave,
                  max=74.0 + wave, mean=42.0 + wave, p50=40.0 + wave, p99=62.0 + wave, p999=70.0 + wave,
                  near=0.001, past=0.0005, gap=15.0, gap_state="unknown", worst=1.4)  # fmt: skip
        if (day + 11 * number) % 40 == (7 if kind == "cause" else 19):
            at = ago(day + 1) + 11 * HOUR
            state.add("alert", id=f"{name}-{day}", check=name, component=component, owner=team, started=at,
                      ended=at + 2_400, severity="critical", page=True, person=f"{team}-{day % 5}",
                      acked=at + 150, acked_by=f"{team}-{day % 5}", acted=at + 600, actor="human",
                      action="moved load away", resolver=f"{team}-{day % 5}", end_reason="human",
                      traced=at + 2_000, runbook_opened=True)  # fmt: skip


def _automation(state: State, name: str, number: int, team: str) -> None:
    function = f"restart-{team}"
    state.function(function, owner=team)
    state.automation(name, function, owner=team, can_touch=[f"part-{number:02}"])
    state.runs(name, function, range(2 + number, 120, 5), owner=team)
    state.guard(f"{name}-limit", 3, owner=team)
