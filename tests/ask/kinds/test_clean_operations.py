"""Ordinary work in ordinary half-years raises no questions on maintenance, owners and automation.

Jobs jitter and fail to begin now and then, windows run over at times, a platform team patches what is not its
own, failures spread to what needs the failing component while an automation already mends it, people refuse
some requests and break the glass in an emergency, automations err in one case of twenty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.world import World

DAY = 86_400.0
HOUR = 3600.0
MINUTE = 60.0
START = 20_000
DAYS = 180
TEAMS = 5
COMPONENTS = 20
KINDS = {name: kind for name, kind in kinds.load().items() if 27 <= kind.number <= 51}


class Fleet:
    """The facts of half a year, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.serial = 0
        for i in range(TEAMS):
            self.team(i)
        self.needs = {
            i: [int(one) for one in self.draw.choice(COMPONENTS, 3) if one != i] for i in range(COMPONENTS)
        }
        for i in range(COMPONENTS):
            self.component(i)

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def name(self) -> str:
        self.serial += 1
        return f"n{self.serial}"

    def moments(self, a_month: float) -> list[float]:
        n = self.draw.poisson(a_month * DAYS / 30)
        return [START * DAY + float(one) * DAYS * DAY for one in sorted(self.draw.random(n))]

    def chance(self, share: float) -> bool:
        return bool(self.draw.random() < share)

    def team(self, i: int) -> None:
        draw, name, old = self.draw, f"t{i}", (START - 900) * DAY
        self.add("owner", name=name, members=5, promise=900, since=old)
        for week in range(-8, 30):
            at = (START + 7 * week) * DAY
            for level in (1, 2):
                person = f"{name}p{(week + level) % 5}"
                self.add("rota", owner=name, person=person, level=level, starts=at, ends=at + 7 * DAY)
        for duty in ("restart", "scale"):
            self.add("grant", id=f"{name}-{duty}", principal=name, owner=name, function=duty, since=old)
        self.add("guard", name=f"limit-{name}", owner=name, since=old)
        for at in self.moments(float(draw.uniform(10, 60))):
            no = self.chance(0.05)
            hand = at + 3 * HOUR if no and self.chance(0.2) else None
            self.add("request", guard=f"limit-{name}", at=at, denied=no, by_hand=hand)
        for day in range(-20, DAYS, 28):
            self.add("request", guard=f"limit-{name}", at=(START + day) * DAY, denied=True, synthetic=True)
        for at in self.moments(float(draw.uniform(6, 20))):
            self.add(
                "approval", id=self.name(), requester=f"{name}p{draw.integers(1, 5)}", approver=f"{name}p0",
                owner=name, asked=at, decided=at + float(draw.lognormal(np.log(300), 0.8)),
                granted=self.chance(0.93), edited=self.chance(0.05),
            )  # fmt: skip
        if self.chance(0.5):
            at = float(START + draw.uniform(0, DAYS)) * DAY
            self.act(at, function="fail-over", actor=f"{name}p1", actor_kind="person", owner=name,
                     breakglass=True, target=f"c{i}", reviewed=at + 2 * DAY)  # fmt: skip
        for at in self.moments(3):
            took = float(draw.lognormal(np.log(120), 0.6))
            self.add("question", id=self.name(), owner=name, kind="unacted", subject=f"k{i}", asked=at,
                     took=took, answered=at + 2 * DAY,
                     answer="change" if self.chance(0.5) else "accept")  # fmt: skip

    def act(self, at: float, **cells: Any) -> None:
        usual = {
            "id": self.name(),
            "at": at,
            "finished": at + 90,
            "outcome": "verified",
            "targets": 1,
        }
        self.add("action", **(usual | cells))

    def component(self, i: int) -> None:
        draw, name, team, old = self.draw, f"c{i}", f"t{i % TEAMS}", (START - 400) * DAY
        self.add("component", name=name, owner=team, tier=int(draw.integers(1, 5)), since=old, on_call=True)
        self.add("check", name=f"k{i}", component=name, pages=self.chance(0.5), since=old)
        for other in self.needs[i]:
            self.add("edge", src=name, dst=f"c{other}", kind="hard", since=old)
        for at in self.moments(1.0):
            self.add("change", at=at, subject=name, kind="deploy", owner=team)
        for at in self.moments(1.0):
            self.add("change", at=at, subject=name, kind="configuration", owner="t0")
        self.windows(name, old)
        self.job(f"job{i}", team, old)
        self.failures(i, name, team, old)

    def windows(self, name: str, old: float) -> None:
        length = float(self.draw.uniform(1, 3)) * HOUR
        for week in range(0, DAYS // 7, int(self.draw.integers(1, 4))):
            at = (START + 7 * week) * DAY + 2 * HOUR
            done = at + length * float(self.draw.normal(0.7, 0.15))
            self.add(
                "window", component=name, starts=at, ends=at + length, finished=max(done, at), created=old
            )

    def job(self, name: str, team: str, old: float) -> None:
        draw = self.draw
        period = float(draw.choice([HOUR * 6, DAY]))
        share = float(draw.uniform(0.02, 0.9))
        self.add("component", name=name, owner=team, kind="job", period=period, since=old)
        for i in range(int(DAYS * DAY / period)):
            due = START * DAY + i * period
            began = None if self.chance(0.01) else due + float(draw.exponential(0.01)) * period
            took = share * period * float(draw.lognormal(0, 0.08))
            ended = None if began is None else began + took
            self.add("job_run", job=name, due=due, began=began, ended=ended, period=period)

    def failures(self, i: int, name: str, team: str, old: float) -> None:
        """What an automation mends while it spreads: what needs the component alerts before it and after."""
        draw, bot, level = self.draw, f"bot{i}", 1 + i % 4
        self.add("function", name=f"mend{i}", owner=team, post_condition="green", reversible=True, since=old,
                 destructive=False)  # fmt: skip
        self.add("automation", name=bot, owner=team, function=f"mend{i}", level=level, level_since=old,
                 since=old, target_limit=5, can_touch=[name], stop_needs=["switch"])  # fmt: skip
        for month in range(-3, 6):
            at = (START + 30 * month + float(draw.uniform(0, 6))) * DAY
            self.add("drill", kind="stop", subject=bot, at=at, ok=True, took=20, promised=60)
        taken = float(draw.uniform(0.5, 0.85))
        for at in self.moments(float(draw.uniform(1, 12))):
            ended = at + float(draw.lognormal(np.log(900), 0.7))
            alert = f"a{name}{at}"
            person = f"{team}p{draw.integers(5)}"
            self.add("alert", id=alert, check=f"k{i}", component=name, owner=team, started=at, ended=ended,
                     page=True, acked=at + 200, acked_by=person, acted=at + 300, actor="human",
                     action="restart", resolver=person, end_reason="human")  # fmt: skip
            for src, needs in self.needs.items():
                if i in needs and self.chance(0.4):
                    late = at + float(draw.exponential(3 * MINUTE))
                    self.add("alert", id=f"b{src}{late}", check=f"k{src}", component=f"c{src}", page=False,
                             owner=f"t{src % TEAMS}", started=late, ended=ended)  # fmt: skip
            cells: dict[str, Any] = {
                "automation": bot, "actor": bot, "actor_kind": "automation", "function": f"mend{i}",
                "target": name, "targets": int(draw.integers(1, 5)), "target_limit": 5, "alert": alert,
                "recovered": ended, "stale": float(draw.beta(1, 40)) / 2, "planned": ["x"], "touched": ["x"],
                "planned_at": at, "field": "replicas", "value": str(draw.integers(2, 6)),
                "outcome": "failed" if self.chance(0.05) else "verified",
            }  # fmt: skip
            if self.chance(0.1):
                cells["back"] = at + float(draw.uniform(1, 40)) * HOUR
            if level < 3:
                cells |= {"mode": "suggested", "unchanged": self.chance(taken)}
            self.act(at + float(draw.uniform(60, 240)), **cells)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(threads=1) as made:
        for name, rows in Fleet(1).tables.items():
            made.rows(name, rows)
        yield made


@pytest.mark.parametrize("day", [90, 178])
def test_ordinary_work_is_not_asked_about(world: World, day: int) -> None:
    got = evaluate(world, KINDS, (START + day) * DAY)
    assert got.trouble == {}
    assert [(one.kind, one.subject, one.values) for one in got.findings] == []
