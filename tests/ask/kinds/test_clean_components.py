"""Ordinary components in ordinary half-years raise next to no questions on checks, alerts and silences.

They have noise, weekly cycles, nightly peaks, deploys, short gaps, a few alerts that people mostly act on, an
incident now and then (some told by people first), maintenance and silences of hours. No time of it is drawn
from a formula of the kinds.
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
START = 20_000
DAYS = 180
TEAMS = 6
COMPONENTS = 12
KINDS = {name: kind for name, kind in kinds.load().items() if kind.number <= 26}
SORTS = ("cause", "cause", "symptom", "health", "blackbox", "capacity")
Rows = list[dict[str, Any]]


class Fleet:
    """The facts of half a year, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.tables: dict[str, Rows] = {name: [] for name in (
            "owner", "rota", "component", "check", "sample_daily", "heartbeat_daily", "alert", "silence",
            "silenced", "window", "incident", "spell", "change", "edge",
        )}  # fmt: skip
        self.teams()
        for i in range(COMPONENTS):
            self.component(i)

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        self.tables[table].append(row)
        return row

    def moments(self, a_month: float) -> list[float]:
        n = self.draw.poisson(a_month * DAYS / 30)
        return [START * DAY + float(one) * DAYS * DAY for one in sorted(self.draw.random(n))]

    def teams(self) -> None:
        for i in range(TEAMS):
            zone = str(self.draw.choice(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]))
            self.add("owner", name=f"t{i}", zone=zone, members=5, promise=600, since=(START - 900) * DAY)
            for week in range(-20, 32):
                for level in (1, 2):
                    at = (START + 7 * week) * DAY
                    person = f"t{i}p{(week + level) % 5}"
                    self.add("rota", owner=f"t{i}", person=person, level=level, starts=at, ends=at + 7 * DAY)

    def component(self, i: int) -> None:
        draw, name, team = self.draw, f"c{i}", f"t{i % TEAMS}"
        self.add(
            "component", name=name, kind="service", owner=team, tier=int(draw.integers(1, 5)),
            users=bool(draw.random() < 0.4), declared=True, since=(START - draw.uniform(30, 900)) * DAY,
        )  # fmt: skip
        for dst in draw.choice(COMPONENTS, 3, replace=False):
            self.add("edge", src=name, dst=f"c{dst}", kind=str(draw.choice(["hard", "soft"])), declared=True)
        for at in self.moments(draw.uniform(0.5, 20)):
            self.add("change", at=at, subject=name, kind="deploy", owner=team)
        for day in range(START, START + DAYS):
            self.add("heartbeat_daily", component=name, listener="l", day=day, beats=8640, dead_after=120.0)
        for at in self.moments(0.3):
            made = at - 5 * DAY
            self.add("window", id=f"w{at}", component=name, starts=at, ends=at + 3 * HOUR, created=made)
        checks = [self.check(f"{name}-{j}", name, team, sort) for j, sort in enumerate(SORTS)]
        for at in self.moments(0.25):
            self.incident(name, team, checks, at)
        for at in self.moments(0.4):
            self.silence(name, team, at)

    def check(self, name: str, component: str, team: str, sort: str) -> str:
        draw = self.draw
        low = float(np.exp(draw.uniform(0, 6)))
        spread = low * draw.uniform(0.2, 1.5)
        limit = low + spread * draw.uniform(1.8, 3.5)
        published = f"p{draw.integers(4)}" if draw.random() < 0.2 else None
        if published:
            limit, low = 80.0, float(draw.uniform(15, 60))
            spread = (limit - low) / draw.uniform(1.8, 3.5)
        set_at = START - draw.uniform(20, 900)
        self.add(
            "check", name=name, component=component, kind=sort, threshold=limit, unit="ms",
            pages=sort != "cause", aggregation=str(draw.choice(["mean", "p99", "max"])),
            hold=float(draw.choice([0, 60, 300])), span=300, interval=int(draw.choice([15, 60])),
            severity="critical", reads=f"m_{name}", edited=set_at * DAY, since=set_at * DAY, runbook="there",
            published=published, no_data=str(draw.choice(["ok", "unknown"])),
        )  # fmt: skip
        drift = draw.uniform(-0.2, 0.3) / DAYS
        for day in range(DAYS):
            load = (1 + drift * day) * (0.85 if day % 7 > 4 else 1.0) * draw.normal(1, 0.03)
            top = low * load + spread * draw.uniform(0.7, 1.0)
            self.add(
                "sample_daily", check=name, day=START + day, min=0.6 * low * load, p50=low * load,
                mean=1.1 * low * load, p99=0.8 * top, p999=top, max=top * draw.uniform(1, 1.2),
                coverage=float(min(1, draw.normal(0.998, 0.002))), near=float(draw.exponential(0.004)),
                past=float(draw.exponential(0.001)), gap=float(draw.choice([0, 45, 120])), gap_state="ok",
                worst=float(draw.uniform(1, 2.5)),
            )  # fmt: skip
        for at in self.moments(draw.choice([0.1, 0.4, 1.2])):
            self.alert(name, component, team, at)
        return name

    def alert(self, check: str, component: str, team: str, at: float, **more: Any) -> dict[str, Any]:
        draw = self.draw
        acted = at + float(draw.lognormal(7, 0.8)) if draw.random() < 0.8 else None
        who = f"t{team[1:]}p{(int(at // DAY - START) // 7 + 1) % 5}"
        by = "human" if acted and draw.random() < 0.8 else "itself"
        return self.add(
            "alert", id=f"a{len(self.tables['alert'])}", component=component, owner=team, person=who,
            started=at, acked=at + float(draw.lognormal(5, 0.8)), acted=acted,
            ended=(acted or at) + float(draw.lognormal(7, 1)), severity="critical",
            page=bool(draw.random() < 0.7), actor="human" if acted else None, end_reason=by,
            resolver=who if by == "human" else None, runbook_opened=bool(draw.random() < 0.5),
            **{"check": check} | more,
        )  # fmt: skip

    def incident(self, name: str, team: str, checks: list[str], at: float) -> None:
        draw = self.draw
        took = float(draw.lognormal(8, 0.8))
        raised = [self.alert(one, name, team, at + 300 + float(draw.uniform(0, 900)), incident=f"i{at}")
                  for one in draw.permutation(checks)[: int(draw.integers(1, 5))]]  # fmt: skip
        first = min(raised, key=lambda one: one["started"])
        told = at + float(draw.uniform(0, 3000)) if draw.random() < 0.4 else None
        late = bool(told and told < first["started"])
        self.add(
            "incident", id=f"i{at}", component=name, owner=team, began=at, ended=at + took, reported=told,
            first_alert=first["started"], found_by=None if late else first["check"],
        )  # fmt: skip
        bad = bool(draw.random() < 0.8)
        self.add(
            "spell", component=name, kind="errors", began=at, ended=at + took, errors=0.2, normal=0.001,
            health="fail" if bad else "ok", sick=float(draw.uniform(0, 1)),
        )  # fmt: skip

    def silence(self, name: str, team: str, at: float) -> None:
        took = float(self.draw.lognormal(9, 1))
        row = self.add(
            "silence", id=f"s{at}", owner=team, matchers=f'component="{name}"', component=name,
            reason="work on it", created=at, starts=at, ends=at + took,
        )  # fmt: skip
        for one in self.tables["alert"]:
            if one["component"] == name and at <= one["started"] <= at + took:
                self.add("silenced", silence=row["id"], alert=one["id"], at=one["started"])


@pytest.fixture(scope="module")
def fleet() -> Iterator[World]:
    with World(threads=1) as world:
        for table, rows in Fleet(seed=1).tables.items():
            world.rows(table, rows)
        yield world


def test_ordinary_components_raise_next_to_no_questions(fleet: World) -> None:
    asked = set()
    for day in (100, 180):
        got = evaluate(fleet, KINDS, (START + day) * DAY)
        assert got.trouble == {}
        asked |= {(one.kind, one.subject) for one in got.findings}
    assert len(asked) <= 0.2 * (COMPONENTS * DAYS / 7) / 100, sorted(asked)
