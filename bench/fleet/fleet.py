"""The fleet under construction: makes teams, components and checks, and remembers what is planted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fleet import truth
from fleet.calendar import DAYS, START, WATCHED, at
from fleet.estate import Check, Component, Team
from fleet.tables import Tables
from fleet.truth import Defect

ZONES = ("UTC", "Europe/Berlin", "Europe/Lisbon", "Europe/Helsinki", "America/New_York", "Asia/Kolkata")
WORDS = [
    "order",
    "basket",
    "price",
    "stock",
    "search",
    "login",
    "ledger",
    "invoice",
    "parcel",
    "route",
    "ticket",
    "profile",
    "image",
    "video",
    "mail",
    "chat",
    "map",
    "report",
    "tax",
    "coupon",
    "review",
    "catalog",
    "export",
    "import",
    "archive",
    "vault",
    "queue",
    "index",
    "relay",
    "gateway",
    "session",
    "feed",
    "quote",
    "claim",
    "policy",
    "meter",
    "sensor",
    "voice",
    "print",
    "stream",
    "cache",
    "token",
    "audit",
    "batch",
    "match",
]
ROLES = ["api", "worker", "store", "proxy", "sync", "db", "front", "feed", "core", "agent"]
FUNCTIONS = ("restart", "roll-back", "scale-out", "clear-cache", "free-disk", "fail-over")
"""What people run by hand, in every team."""


class Fleet:
    """One fleet. Deterministic by its seed: nothing but `rng` is random."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self.tables = Tables()
        self.add = self.tables.add
        self.teams: list[Team] = []
        self.ordinary: list[Team] = []
        """Teams in which nothing is planted about the team itself."""
        self.components: list[Component] = []
        self.checks: list[Check] = []
        self.defects: list[Defect] = []
        self.published: dict[str, float] = {}
        """Usual value by published rule."""
        self.decisions: dict[str, tuple[float, float]] = {}
        self._names: set[str] = set()
        self._serial = 0

    # what it is made of

    def number(self) -> str:
        """A number not given before, for ids."""
        self._serial += 1
        return f"{self._serial:06d}"

    def name(self, *words: str) -> str:
        """A name not given before; no name tells what was planted."""
        while True:
            role = words or (str(self.rng.choice(WORDS)), str(self.rng.choice(ROLES)))
            name = "-".join(role) + f"-{self.rng.integers(10, 9999)}"
            if name not in self._names:
                self._names.add(name)
                return name

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """A draw that is uniform in the logarithm: for sizes whose order is not known."""
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def day(self, low: float, high: float) -> float:
        """A day of birth."""
        return float(np.floor(self.rng.uniform(low, high)))

    def moments(self, rate: float, low: float = 0.0, high: float = DAYS) -> list[float]:
        """Times of a Poisson process of so many a day."""
        count = int(self.rng.poisson(rate * max(0.0, high - low)))
        return sorted(START + 86_400 * float(day) for day in self.rng.uniform(low, high, count))

    def team(self, people: int | None = None, *, ordinary: bool = False, **row: Any) -> Team:
        """A team with its own habits."""
        rng = self.rng
        name = self.name("team", str(rng.choice(WORDS)))
        size = people or int(rng.integers(4, 10))
        promise = float(rng.choice([600.0, 900.0, 1200.0]))
        made = Team(
            name=name,
            zone=str(rng.choice(ZONES)),
            people=[f"{name}.p{i}" for i in range(size)],
            promise=promise,
            ack=promise * self.between(0.15, 0.4),
            quick=self.between(240, 900),
            acts=float(rng.uniform(0.75, 0.97)),
            reads=float(rng.uniform(0.4, 0.85)),
            row=row,
        )
        self.teams.append(made)
        if ordinary:
            self.ordinary.append(made)
        return made

    def some_team(self) -> Team:
        """One of the ordinary ones."""
        return self.ordinary[int(self.rng.integers(len(self.ordinary)))]

    def component(self, team: Team | None = None, tier: int | None = None, **given: Any) -> Component:
        """A component; what is not given is drawn. `row` holds further cells of its row."""
        rng = self.rng
        kind = given.pop("kind", "service")
        beat = float(rng.choice([5.0, 10.0, 15.0]))
        jitter = float(rng.uniform(0.05, 0.6))
        made = Component(
            name=given.pop("name", None) or self.name(),
            team=team or self.some_team(),
            tier=tier or int(rng.choice([1, 2, 3, 4], p=[0.15, 0.3, 0.35, 0.2])),
            kind=kind,
            trouble=given.pop("trouble", self.between(0.002, 0.02)),
            load=given.pop("load", float(rng.normal(0.05, 0.1))),
            beat=given.pop("beat", beat),
            jitter=given.pop("jitter", jitter),
            dead_after=given.pop("dead_after", max(45.0, beat * (1 + jitter) * float(rng.uniform(2.2, 5.0)))),
            **given,
        )
        self.components.append(made)
        return made

    def check(self, component: Component, kind: str = "cause", **given: Any) -> Check:
        """A check on it; what is not given is drawn. `row` holds further cells of its row."""
        rng = self.rng
        metric, unit, level, spread = METRICS[kind][int(rng.integers(len(METRICS[kind])))]
        made = Check(
            name=f"{component.name}: {metric.replace('_', ' ')} {self.number()}",
            component=component,
            kind=kind,
            level=given.pop("level", level * self.between(0.6, 1.7)),
            spread=given.pop("spread", spread * self.between(0.6, 1.6)),
            margin=given.pop("margin", float(rng.uniform(0.6, 2.0))),
            interval=given.pop("interval", float(rng.choice([10.0, 15.0, 30.0]))),
            hold=given.pop("hold", float(rng.choice([120.0, 180.0, 300.0, 600.0]))),
            pages=given.pop("pages", self.chance(0.55)),
            noise=given.pop("noise", self.between(0.0005, 0.012)),
            row={"reads": f'{metric}{{component="{component.name}"}}', "unit": unit} | given.pop("row", {}),
            **given,
        )
        component.checks.append(made)
        self.checks.append(made)
        return made

    def edge(self, src: str, dst: str, kind: str | None = "hard", **row: Any) -> None:
        """One needs the other, for long already, unless the row says otherwise."""
        usual = {"declared": True, "calls": round(self.between(2, 4000), 1), "paths": 2, "since": at(-600)}
        self.add("edge", **(usual | {"src": src, "dst": dst, "kind": kind} | row))

    def stands_on(self, component: Component, count: int) -> list[Component]:
        """Clean components that call it, of no higher tier."""
        able = [
            one for one in self.components if one.tier >= component.tier and one.row.get("grp") == "clean"
        ]
        if not able or not count:
            return []
        chosen = self.rng.choice(len(able), min(count, len(able)), replace=False)
        for i in chosen:
            self.edge(able[int(i)].name, component.name, None)
        return [able[int(i)] for i in chosen]

    # what is planted

    def plant(
        self,
        kind: str,
        seed: bool,
        subject: str,
        *,
        born: float,
        pace: float = 1.0,
        component: Component | None = None,
        owner: Team | None = None,
        names: Sequence[str] = (),
        touched: Sequence[str] = (),
    ) -> None:
        """Note a seed or a twin. With a component, that one and its checks are its names as well."""
        every = [subject, *names]
        if component is not None:
            every += [component.name, *(check.name for check in component.checks)]
            owner = owner or component.team
            if seed:
                self.stands_on(component, int(self.between(1, 12)) - 1)
        self.defects.append(
            Defect(
                kind=kind,
                sort="seed" if seed else "twin",
                subject=subject,
                names=list(dict.fromkeys(every)),
                owner=owner.name if owner else None,
                born=max(born, -400.0),
                pace=pace,
                tier=component.tier if component else 3,
                component=component.name if component else None,
                touched=list(dict.fromkeys([*every, *touched])),
            )
        )

    def write(self, folder: Path, form: str = "parquet") -> None:
        """The files of facts into the folder, the truth into `FOLDER.truth.json` beside it."""
        self.tables.write(folder, form)
        truth.write(self.defects, folder.with_name(folder.name + ".truth.json"))

    def clean_components(self) -> set[str]:
        """Those that nothing was planted in."""
        touched = {name for one in self.defects for name in one.touched}
        return {one.name for one in self.components if one.name not in touched}

    def watched_weeks(self) -> float:
        """Component-weeks of the clean ones that are watched."""
        clean = self.clean_components()
        return sum(
            max(0.0, min(DAYS, DAYS if one.died is None else one.died) - max(WATCHED, one.born)) / 7
            for one in self.components
            if one.name in clean
        )


METRICS: dict[str, list[tuple[str, str, float, float]]] = {
    "cause": [
        ("cpu_busy_percent", "%", 35, 0.5),
        ("memory_used_percent", "%", 50, 0.2),
        ("queue_length", "", 60, 1.5),
        ("threads_busy", "", 40, 0.8),
        ("gc_pause_ms", "ms", 25, 2.0),
    ],
    "symptom": [("request_latency_ms", "ms", 90, 1.2), ("request_errors_ratio", "", 0.004, 1.5)],
    "blackbox": [("probe_duration_ms", "ms", 140, 1.0)],
    "health": [("health_failing", "", 0.01, 0.8)],
    "capacity": [("disk_used_percent", "%", 48, 0.15), ("pool_in_use", "", 30, 0.5)],
    "heartbeat": [("beat_age_seconds", "s", 6, 0.6)],
    "job": [("job_duration_minutes", "min", 20, 0.4)],
}
"""By kind of check: metric, unit, usual value, spread."""
