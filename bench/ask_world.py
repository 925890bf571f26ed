"""Facts of a large fleet, drawn by chance: most of it well, some of it not. For the time that questions take, not
for whether they are right: `ask_fleet` measures that."""

from __future__ import annotations

from typing import Any

import numpy as np

from gadfly.ask.world import World

DAY = 86_400.0
TODAY = 20_000
NOW = TODAY * DAY
PARTS = 10
"""A table by days is added in so many parts, so that its arrays are never held whole."""


class Fleet:
    """Sizes for one `scale`; at 1.0 about 100,000 subjects, half of them checks."""

    def __init__(self, scale: float, seed: int = 1) -> None:
        self.scale = scale
        self.rng = np.random.default_rng(seed)
        self.sizes = {
            "owner": self.of(500),
            "component": self.of(16_000),
            "check": self.of(50_000),
            "job": self.of(1_500),
            "silence": self.of(2_000),
            "automation": self.of(1_000),
            "function": self.of(3_000),
            "guard": self.of(1_000),
            "grant": self.of(15_000),
            "principal": self.of(5_000),
            "predictor": self.of(1_000),
            "resource": self.of(3_000),
            "monitor": self.of(200),
            "decision": self.of(2_000),
        }

    def of(self, count: int) -> int:
        """So many at this scale."""
        return max(int(count * self.scale), 5)

    @property
    def subjects(self) -> int:
        """All that a question can be about."""
        return sum(self.sizes.values())

    def names(self, sort: str) -> Any:
        """Every one of a sort."""
        return np.array([f"{sort}-{i}" for i in range(self.sizes[sort])], dtype=object)

    def some(self, sort: str, count: int) -> Any:
        """So many of a sort, some of them much more often than others."""
        skewed = (self.rng.random(count) ** 2 * self.sizes[sort]).astype(int)
        return self.names(sort)[skewed]

    def past(self, count: int, days: float) -> Any:
        """Times in the last days."""
        return NOW - self.rng.random(count) * days * DAY

    def flag(self, count: int, share: float) -> Any:
        """True for a share of them."""
        return self.rng.random(count) < share

    def maybe(self, values: Any, share: float) -> Any:
        """Known for a share of them only."""
        known = self.rng.random(len(values)) < share
        if values.dtype == object:
            return np.where(known, values, None)
        return np.where(known, values, np.nan)

    def one_of(self, count: int, *texts: str | None) -> Any:
        """One of these texts each."""
        return np.array(texts, dtype=object)[self.rng.integers(0, len(texts), count)]

    def ids(self, sort: str, count: int) -> Any:
        """Names of rows."""
        return np.array([f"{sort}{i}" for i in range(count)], dtype=object)


def fill(world: World, fleet: Fleet) -> dict[str, int]:
    """Add all of it: rows by table."""
    counts: dict[str, int] = {}

    def add(table: str, **columns: Any) -> None:
        world.add(table, {name.rstrip("_"): values for name, values in columns.items()})
        counts[table] = counts.get(table, 0) + len(next(iter(columns.values())))

    _things(fleet, add)
    _days(fleet, add)
    _events(fleet, add)
    _acts(fleet, add)
    return counts


def _things(fleet: Fleet, add: Any) -> None:
    rng, n = fleet.rng, fleet.sizes
    add("owner", name=fleet.names("owner"), members=rng.integers(1, 9, n["owner"]), zone=fleet.one_of(n["owner"], "Europe/Berlin", "America/New_York", "Asia/Tokyo"), promise=np.full(n["owner"], 900.0))  # fmt: skip
    add("rota", owner=fleet.names("owner"), person=fleet.ids("p", n["owner"]), level=rng.integers(1, 3, n["owner"]),
        starts=np.full(n["owner"], NOW - 30 * DAY), ends=np.full(n["owner"], NOW + 60 * DAY))  # fmt: skip
    c = n["component"]
    jobs = np.arange(c) < n["job"]
    add("component", name=fleet.names("component"), kind=np.where(jobs, "job", "service").astype(object),
        owner=fleet.maybe(fleet.some("owner", c), 0.99), tier=rng.integers(1, 5, c), declared=fleet.flag(c, 0.98),
        users=fleet.flag(c, 0.2), on_call=fleet.flag(c, 0.7), slo=fleet.maybe(np.full(c, 0.999), 0.3),
        period=np.where(jobs, DAY, np.nan), since=fleet.past(c, 900))  # fmt: skip
    k = n["check"]
    add("check", name=fleet.names("check"), component=fleet.some("component", k),
        kind=fleet.one_of(k, "cause", "cause", "symptom", "blackbox", "capacity"), reads=fleet.ids("metric", k),
        aggregation=fleet.one_of(k, "mean", "max", "p99", None), threshold=10 + 5 * rng.random(k),
        hold=fleet.maybe(np.full(k, 300.0), 0.9), span=np.full(k, 300.0), interval=np.full(k, 60.0),
        severity=fleet.one_of(k, "critical", "warning"), pages=fleet.flag(k, 0.4),
        runbook=fleet.maybe(fleet.ids("r", k), 0.6), edited=fleet.past(k, 700), since=fleet.past(k, 900))  # fmt: skip
    e = fleet.of(40_000)
    # Who needs whom goes downwards: what is needed by many needs few itself. One in a thousand goes upwards.
    src = rng.integers(1, c, e)
    dst = (rng.random(e) ** 2 * src).astype(int)
    upwards = fleet.flag(e, 0.001)
    src, dst = np.where(upwards, dst, src), np.where(upwards, src, dst)
    add("edge", src=fleet.names("component")[src], dst=fleet.names("component")[dst],
        kind=fleet.one_of(e, "hard", "soft", "startup", None), declared=fleet.flag(e, 0.95),
        calls=rng.random(e) * 50, paths=rng.integers(1, 4, e), since=fleet.past(e, 900))  # fmt: skip
    add("monitor", name=fleet.names("monitor"), owner=fleet.some("owner", n["monitor"]), dead_man=fleet.flag(n["monitor"], 0.9))  # fmt: skip


def _days(fleet: Fleet, add: Any) -> None:
    rng, n = fleet.rng, fleet.sizes
    for days in np.array_split(np.arange(TODAY - 90, TODAY), PARTS):
        for day in days:
            k = n["check"]
            mean = 4 + rng.random(k)
            add("sample_daily", check=fleet.names("check"), day=np.full(k, day),
                coverage=np.where(rng.random(k) < 0.01, 0.0, 1.0), min=mean - 1, max=mean + 3 * rng.random(k),
                mean=mean, p50=mean, p99=mean + 1, p999=mean + 1.5,
                near=np.where(rng.random(k) < 0.02, 0.2, 0.0), past=np.zeros(k))  # fmt: skip
            add("resource_daily", resource=fleet.names("resource"), day=np.full(n["resource"], day),
                value=50 + (day - TODAY) * rng.random(n["resource"]) * 0.1)  # fmt: skip
    c = n["component"]
    for day in range(TODAY - 28, TODAY):
        for listener in ("a", "b"):
            add("heartbeat_daily", component=fleet.names("component"), listener=np.full(c, listener, dtype=object),
                day=np.full(c, day), beats=np.full(c, 86_400), lost=rng.poisson(3, c), gap_p50=np.full(c, 1.0),
                gap_p999=1.2 + rng.random(c), gap_max=2 + rng.random(c), dead_after=np.full(c, 10.0),
                worst_hour=rng.random(c) * 0.01, listeners=np.full(c, 2))  # fmt: skip
    r = n["resource"]
    add("resource", name=fleet.names("resource"), component=fleet.some("component", r), unit=fleet.one_of(r, "GB"),
        hard_limit=np.full(r, 100.0), remedy=np.full(r, 14 * DAY), watched=fleet.flag(r, 0.8),
        since=fleet.past(r, 400))  # fmt: skip


def _events(fleet: Fleet, add: Any) -> None:
    rng, n = fleet.rng, fleet.sizes
    a = fleet.of(400_000)
    started = fleet.past(a, 180)
    checks = (rng.random(a) ** 2 * n["check"]).astype(int)
    add("alert", id=fleet.ids("a", a), check=fleet.names("check")[checks], component=fleet.some("component", a),
        owner=fleet.some("owner", a), started=started, ended=started + rng.exponential(3600, a),
        severity=fleet.one_of(a, "critical", "warning"), page=fleet.flag(a, 0.3), person=fleet.ids("p", a),
        acked=fleet.maybe(started + rng.exponential(300, a), 0.7),
        acted=fleet.maybe(started + rng.exponential(1200, a), 0.6), actor=fleet.one_of(a, "human", "machine"),
        action=fleet.one_of(a, "restart", "scale", "look"), resolver=fleet.ids("p", a),
        end_reason=fleet.one_of(a, "human", "machine", "itself"), runbook_opened=fleet.flag(a, 0.5))  # fmt: skip
    s = n["silence"]
    created = fleet.past(s, 90)
    add("silence", id=fleet.names("silence"), owner=fleet.some("owner", s), component=fleet.some("component", s),
        matchers=fleet.ids("m", s), reason=fleet.one_of(s, "being repaired", "noise"), created=created,
        starts=created, ends=created + rng.exponential(5 * DAY, s))  # fmt: skip
    h = fleet.of(20_000)
    add("silenced", silence=fleet.some("silence", h), alert=fleet.ids("a", h), at=fleet.past(h, 90))
    w = fleet.of(10_000)
    starts = fleet.past(w, 90)
    add("window", id=fleet.ids("w", w), component=fleet.some("component", w), starts=starts, ends=starts + 7200,
        finished=starts + 7200 * rng.random(w) * 1.1, created=starts - DAY)  # fmt: skip
    for day in range(TODAY - 60, TODAY):
        j = n["job"]
        due = np.full(j, day * DAY)
        add("job_run", job=fleet.names("component")[:j], due=due, began=due + 60 * rng.random(j),
            ended=due + 7200 * rng.random(j), period=np.full(j, DAY))  # fmt: skip
    i = fleet.of(3_000)
    began = fleet.past(i, 180)
    add("incident", id=fleet.ids("i", i), component=fleet.some("component", i), owner=fleet.some("owner", i),
        began=began, ended=began + 7200, reported=fleet.maybe(began + 900, 0.5), first_alert=began + 600,
        found_by=fleet.some("check", i), cause=fleet.one_of(i, "a deploy", "a disk"))  # fmt: skip
    p = fleet.of(30_000)
    began = fleet.past(p, 90)
    add("spell", component=fleet.some("component", p), kind=fleet.one_of(p, "down", "errors"), began=began,
        ended=began + rng.exponential(1800, p), errors=rng.random(p) * 0.3, normal=np.full(p, 0.01),
        health=fleet.one_of(p, "fail", "fail", "fail", "ok"), after=fleet.maybe(fleet.some("component", p), 0.2),
        within=np.full(p, 30.0))  # fmt: skip
    d = fleet.of(60_000)
    add("change", at=fleet.past(d, 180), subject=fleet.some("component", d), owner=fleet.some("owner", d),
        kind=fleet.one_of(d, "deploy", "edit", "configuration"), what=fleet.ids("c", d))  # fmt: skip
    q = n["decision"]
    add("decision", id=fleet.names("decision"), at=fleet.past(q, 400), owner=fleet.some("owner", q),
        subject=fleet.some("check", q), what=fleet.ids("what", q), reason=fleet.one_of(q, "as the load says", "so"),
        reversibility=fleet.one_of(q, "easy", "hard"), cites=rng.integers(0, 3, q), carries=rng.integers(0, 5, q),
        until=NOW + DAY * rng.integers(-30, 300, q), then=np.ones(q), now=1 + rng.random(q) * 0.3)  # fmt: skip
    asked = fleet.past(q, 180)
    add("question", id=fleet.ids("q", q), kind=fleet.one_of(q, "unacted", "never-near"), subject=fleet.some("check", q),
        owner=fleet.some("owner", q), asked=asked, answered=fleet.maybe(asked + DAY, 0.8), before=np.ones(q),
        answer=fleet.one_of(q, "change", "accept", "wrong", "unknown"), took=rng.exponential(120, q))  # fmt: skip


def _acts(fleet: Fleet, add: Any) -> None:
    rng, n = fleet.rng, fleet.sizes
    m, f = n["automation"], n["function"]
    add("automation", name=fleet.names("automation"), owner=fleet.some("owner", m), function=fleet.some("function", m),
        level=rng.integers(0, 5, m), level_since=fleet.past(m, 300), target_limit=np.full(m, 10), since=fleet.past(m, 600))  # fmt: skip
    add("function", name=fleet.names("function"), owner=fleet.some("owner", f), destructive=fleet.flag(f, 0.2),
        reversible=fleet.flag(f, 0.8), rollback=fleet.maybe(fleet.ids("back", f), 0.8),
        post_condition=fleet.maybe(fleet.ids("post", f), 0.9), role=fleet.ids("role", f),
        permissions=rng.integers(1, 20, f), permissions_used=rng.integers(1, 20, f), since=fleet.past(f, 600))  # fmt: skip
    a = fleet.of(200_000)
    at = fleet.past(a, 120)
    add("action", id=fleet.ids("x", a), at=at, automation=fleet.maybe(fleet.some("automation", a), 0.7),
        function=fleet.some("function", a), actor=fleet.some("principal", a),
        actor_kind=fleet.one_of(a, "automation", "person"), mode=fleet.one_of(a, "real", "real", "real", "dry", "suggested"),
        target=fleet.some("component", a), targets=rng.integers(0, 5, a), fleet=rng.random(a) * 0.1,
        target_limit=np.full(a, 10), alert=fleet.maybe(fleet.ids("a", a), 0.5),
        outcome=fleet.one_of(a, "verified", "verified", "verified", "failed", "unverified"), finished=at + 60,
        back=fleet.maybe(at + rng.exponential(5 * DAY, a), 0.3), recovered=at + rng.exponential(900, a),
        field=fleet.one_of(a, "replicas", None), value=fleet.one_of(a, "3", "5"), stale=rng.random(a) * 0.05,
        owner=fleet.some("owner", a))  # fmt: skip
    p = fleet.of(30_000)
    asked = fleet.past(p, 180)
    add("approval", id=fleet.ids("v", p), requester=fleet.ids("p", p), approver=fleet.one_of(p, *"abcdefghij"),
        owner=fleet.some("owner", p), automation=fleet.some("automation", p), asked=asked,
        decided=asked + rng.exponential(200, p), granted=fleet.flag(p, 0.95))  # fmt: skip
    add(
        "guard",
        name=fleet.names("guard"),
        owner=fleet.some("owner", n["guard"]),
        since=fleet.past(n["guard"], 600),
    )
    r = fleet.of(200_000)
    add("request", guard=fleet.some("guard", r), at=fleet.past(r, 180), denied=fleet.flag(r, 0.05),
        by_hand=fleet.maybe(fleet.past(r, 180), 0.01))  # fmt: skip
    d = fleet.of(10_000)
    add("drill", kind=fleet.one_of(d, "stop", "rollback", "page", "cold-start"), subject=fleet.some("automation", d),
        at=fleet.past(d, 300), ok=fleet.flag(d, 0.95), took=rng.exponential(30, d), promised=np.full(d, 60.0))  # fmt: skip
    g = n["grant"]
    add("grant", id=fleet.names("grant"), principal=fleet.some("principal", g), owner=fleet.some("owner", g),
        function=fleet.some("function", g), scope=fleet.ids("s", g), targets=rng.integers(1, 40, g),
        purpose=fleet.ids("why", g), expires=fleet.maybe(NOW + rng.random(g) * 300 * DAY, 0.95),
        since=fleet.past(g, 500))  # fmt: skip
    u = fleet.of(400_000)
    add("use", grant=fleet.some("grant", u), principal=fleet.some("principal", u), at=fleet.past(u, 120),
        function=fleet.some("function", u), target=fleet.some("component", u), class_=fleet.one_of(u, "disk", "load"),
        host=fleet.one_of(u, "h1", "h2"), owner=fleet.some("owner", u))  # fmt: skip
    add("principal", name=fleet.names("principal"), owner=fleet.some("owner", n["principal"]))
    f = fleet.of(60_000)
    made = fleet.past(f, 120)
    add("prediction", id=fleet.ids("f", f), predictor=fleet.some("predictor", f), owner=fleet.some("owner", f),
        component=fleet.some("component", f), class_=fleet.one_of(f, "disk", "load"), made=made, deadline=made + 2 * DAY,
        probability=rng.random(f), base=np.full(f, 0.3), resolved=made + 2 * DAY,
        outcome=fleet.one_of(f, "true", "false"), happened=fleet.maybe(made + DAY, 0.5), to_act=np.full(f, 3600.0))  # fmt: skip
