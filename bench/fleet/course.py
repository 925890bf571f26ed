"""What the checks read and what the listeners heard, day by day, for the whole fleet at once."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from fleet.calendar import DAYS, START, day_number
from fleet.estate import days_alive
from fleet.fleet import Fleet

LISTENERS = ("ear-a", "ear-b", "ear-c")
SAMPLES = [
    "coverage",
    "min",
    "max",
    "mean",
    "p50",
    "p99",
    "p999",
    "near",
    "past",
    "gap",
    "worst",
]  # gap_state is text and kept apart
WEEKDAY = np.array([datetime.fromtimestamp(START + 86_400 * day, UTC).weekday() for day in range(DAYS)])


def samples(fleet: Fleet) -> None:
    """`sample_daily`, and the thresholds, which somebody once chose by looking at such days."""
    rng, checks = fleet.rng, fleet.checks
    count = len(checks)
    level = np.array([check.level for check in checks])[:, None]
    spread = np.array([check.spread for check in checks])[:, None]
    margin = np.array([check.margin for check in checks])
    interval = np.array([check.interval for check in checks])[:, None]
    percent = np.array([check.row.get("unit") == "%" for check in checks])[:, None]
    follows = np.array([check.kind in ("cause", "symptom", "blackbox", "job") for check in checks])[:, None]
    growth = np.array([max(check.component.load, -0.02) for check in checks])[:, None]
    level = np.where(percent, np.minimum(level, 60.0), level)
    weekend = 1 - follows * rng.uniform(0, 0.35, (count, 1)) * (WEEKDAY >= 5)
    drift = np.exp(np.where(follows & ~percent, growth, 0.1 * growth) * np.arange(DAYS) / DAYS)
    usual = level * drift * weekend
    reach = np.where(percent, np.minimum(spread * usual, 10.0), spread * usual)
    unrest = np.minimum(0.03 * usual, 0.2 * reach)
    p50 = usual + unrest * rng.normal(0, 1, (count, DAYS))
    p99 = p50 + reach * 0.8 * np.exp(rng.normal(0, 0.06, (count, DAYS)))
    p999 = np.maximum(p99, p50 + reach * np.exp(rng.normal(0, 0.07, (count, DAYS))))
    days = {
        "coverage": np.ones((count, DAYS)),
        "min": p50 - 0.5 * np.minimum(reach, p50) * np.exp(rng.normal(-0.2, 0.2, (count, DAYS))),
        "mean": p50 + 0.12 * reach,
        "p50": p50,
        "p99": p99,
        "p999": p999,
        "max": p999 + 0.06 * reach * rng.exponential(1, (count, DAYS)),
        "near": np.where(rng.random((count, DAYS)) < 0.05, rng.uniform(0, 0.004, (count, DAYS)), 0.0),
        "past": np.zeros((count, DAYS)),
        "worst": 1 + np.minimum(rng.gamma(2.0, 0.25, (count, DAYS)), 2.0),
    }
    # a check that says nothing without data has gaps of a few intervals at most; the others may miss hours
    lenient = np.array([check.row.get("no_data") is None for check in checks])[:, None]
    gap = interval * rng.integers(1, 5, (count, DAYS))
    long = ~lenient & (rng.random((count, DAYS)) < 0.01)
    days["gap"] = np.where(long, rng.uniform(900, 3600, (count, DAYS)), gap)
    days["coverage"] = 1 - days["gap"] / 86_400 - rng.uniform(0, 0.004, (count, DAYS))
    state = np.where(long, "unknown", "ok").astype(object)
    middle, high = np.median(p50, axis=1), np.median(p999, axis=1)
    chosen = np.maximum(high + margin * (high - middle), days["max"].max(axis=1) + 0.05 * (high - middle))
    for i, check in enumerate(checks):
        check.row.setdefault("threshold", float(f"{chosen[i]:.3g}") if chosen[i] < 1e6 else float(chosen[i]))
    threshold = np.array([check.row["threshold"] or np.inf for check in checks])[:, None]
    _alerts(fleet, days, threshold)
    present = np.array([days_alive(check.component.born, check.component.died) for check in checks])
    for i, check in enumerate(checks):
        for shape in check.shapes:
            shape(
                {name: values[i] for name, values in days.items()}
                | {"gap_state": state[i], "there": present[i]}
            )
    blind = days["coverage"] <= 0
    for name in SAMPLES:
        if name not in ("coverage", "gap"):
            days[name][blind] = np.nan
    which, day = np.nonzero(present)
    names = np.array([check.name for check in checks], dtype=object)
    fleet.tables.columns["sample_daily"] = {
        "check": names[which],
        "day": (day + day_number(0)).astype(np.int32),
        **{name: days[name][which, day] for name in SAMPLES},
        "gap_state": state[which, day],
    }


def _alerts(fleet: Fleet, days: dict[str, np.ndarray], threshold: np.ndarray) -> None:
    """A day with an alert went beyond the threshold for as long as it lasted."""
    place = {check.name: i for i, check in enumerate(fleet.checks)}
    rows = [row for row in fleet.tables.rows["alert"] if row["check"] in place and row["started"] >= START]
    which = np.array([place[row["check"]] for row in rows], dtype=int)
    day = np.array([(row["started"] - START) // 86_400 for row in rows], dtype=int)
    lasted = np.array([(row.get("ended") or row["started"] + 86_400) - row["started"] for row in rows])
    ok = day < DAYS
    which, day, share = which[ok], day[ok], np.clip(lasted[ok] / 86_400, 0, 0.9)
    np.add.at(days["past"], (which, day), share)
    np.clip(days["past"], 0, 1, out=days["past"])
    np.add.at(days["near"], (which, day), 0.1 * share)
    over = np.broadcast_to(threshold * fleet.rng.uniform(1.02, 1.2, threshold.shape), days["max"].shape)
    past = days["past"]
    for name, share_above in (("max", 0.0), ("p999", 0.001), ("p99", 0.01)):
        mask = (past > share_above) & np.isfinite(over)
        days[name][mask] = np.maximum(days[name], over)[mask]


def heartbeats(fleet: Fleet) -> None:
    """`heartbeat_daily` of three listeners."""
    rng, parts = fleet.rng, fleet.components
    shape = (len(parts), len(LISTENERS), DAYS)
    beat = np.array([one.beat for one in parts])[:, None, None]
    jitter = np.array([one.jitter for one in parts])[:, None, None]
    dead = np.array([one.dead_after for one in parts])[:, None, None]
    beats = np.broadcast_to(np.floor(86_400 / beat), shape).copy()
    loss = np.exp(rng.normal(np.log(4e-4), 0.8, (len(parts), 1, 1)))
    hourly = 3600 / beat
    days = {
        "beats": beats,
        "lost": rng.poisson(loss * beats).astype(float),
        "gap_p50": beat * rng.uniform(0.995, 1.005, shape),
        "gap_p999": beat * (1 + jitter * rng.uniform(0.9, 1.1, shape)),
        "dead_after": np.broadcast_to(dead, shape).copy(),
        "worst_hour": np.maximum(1, rng.poisson(2.2 * loss * hourly + 1.0, shape)) / hourly,
        "restarted": np.zeros(shape),
        "listeners": np.full(shape, float(len(LISTENERS))),
    }
    longest = np.minimum(0.7 * dead, days["gap_p999"] * (1 + rng.exponential(0.15, shape)))
    days["gap_max"] = np.maximum(days["gap_p999"], longest)
    present = np.array([days_alive(one.born, one.died) & (not one.silent) for one in parts])
    present = np.repeat(present[:, None, :], len(LISTENERS), axis=1)
    for i, one in enumerate(parts):
        for form in one.shapes:
            form({name: values[i] for name, values in days.items()} | {"there": present[i]})
    which, ear, day = np.nonzero(present)
    names = np.array([one.name for one in parts], dtype=object)
    whole = {"beats", "lost", "listeners"}
    fleet.tables.columns["heartbeat_daily"] = {
        "component": names[which],
        "listener": np.array(LISTENERS, dtype=object)[ear],
        "day": (day + day_number(0)).astype(np.int32),
        **{
            name: values[which, ear, day].astype(np.int64) if name in whole else values[which, ear, day]
            for name, values in days.items()
            if name != "restarted"
        },
        "restarted": days["restarted"][which, ear, day] > 0,
    }
