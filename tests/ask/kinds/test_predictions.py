"""Predictors and limits: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

import math
import random
from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY


def forecasts(pairs: list[tuple[float | None, bool]], **cells: Any) -> list[dict[str, Any]]:
    """Of (probability, whether it came true), one every second day."""
    return [
        {
            "predictor": "foreteller",
            "owner": "sre",
            "made": NOW - (i * 2 + 3) * DAY,
            "deadline": NOW - (i * 2 + 1) * DAY,
            "probability": p,
            "resolved": NOW - (i * 2 + 1) * DAY,
            "outcome": "true" if came else "false",
            **cells,
        }
        for i, (p, came) in enumerate(pairs)
    ]


def chance(n: int) -> list[tuple[float | None, bool]]:
    dice = random.Random(1)
    return [(dice.random(), dice.random() < 0.3) for _ in range(n)]


def calibrated(n: int, seed: int) -> list[tuple[float | None, bool]]:
    dice = random.Random(seed)
    said = [dice.uniform(0.3, 0.95) for _ in range(n)]
    return [(p, dice.random() < p) for p in said]


def events(n: int, lead: float, act: float | None, **cells: Any) -> list[dict[str, Any]]:
    """Forecasts that came true so many seconds after they were made."""
    return [
        {
            "predictor": "foreteller",
            "class": "disk-full",
            "made": NOW - (i * 3 + 3) * DAY,
            "deadline": NOW - (i * 3 + 3) * DAY + 2 * lead,
            "resolved": NOW - (i * 3 + 3) * DAY + lead,
            "happened": NOW - (i * 3 + 3) * DAY + lead,
            "outcome": "true",
            "to_act": act,
            **cells,
        }
        for i in range(n)
    ]


HEEDED = {"predictor": "other", "made": NOW - 9 * DAY, "acted": NOW - 8 * DAY}
"""Somebody writes down what was done about forecasts."""
RESOURCE = {"name": "ids", "component": "db", "owner": "dba", "hard_limit": 2**31, "remedy": 60 * DAY}


def days(value: Any, n: int = 120) -> list[dict[str, Any]]:
    return [{"resource": "ids", "day": 20_000 - i, "value": value(-i)} for i in range(1, n + 1)]


def rising(day: float) -> float:
    return 2**31 * (0.7 + 0.004 * day) + 1e6 * math.sin(day * 12.9898)


def noisy(day: float) -> float:
    return 2**31 * (0.7 + 0.004 * day + 0.02 * math.sin(day * 12.9898))


def falling(day: float) -> float:
    return 2**31 * (0.3 - 0.004 * day) + 1e6 * math.sin(day * 12.9898)


def weekly(day: float) -> float:
    return 2**31 * (0.8 + 0.15 * math.sin(day * 2 * math.pi / 7))


def monthly(day: float) -> float:
    return 2**31 * (0.8 + 0.15 * math.sin(day * 2 * math.pi / 45))


def flattening(day: float) -> float:
    return 2**31 * (0.9 - 0.5 * 2 ** (-(day + 120) / 15))


SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "at random": ("wrong-forecasts", {"prediction": forecasts(chance(60))}, "foreteller"),
    "at random, with a naive guess": (
        "wrong-forecasts",
        {"prediction": forecasts(chance(60), base=0.3)},
        "foreteller",
    ),
    "hardly ever right": (
        "wrong-forecasts",
        {"prediction": forecasts([(None, i % 5 == 0) for i in range(25)])},
        "foreteller",
    ),
    "too late": ("useless-lead", {"prediction": events(10, 300, 2400)}, "foreteller"),
    "too late, by what was done": (
        "useless-lead",
        {"prediction": [one | {"acted": one["made"] + 2400} for one in events(10, 300, None)]},
        "foreteller",
    ),
    "unread": ("ignored-forecast", {"prediction": [*events(6, 2 * DAY, 3600), HEEDED]}, "foreteller"),
    "done after the event": (
        "ignored-forecast",
        {"prediction": [one | {"acted": one["happened"] + 60} for one in events(6, 2 * DAY, 3600)]},
        "foreteller",
    ),
    "ids": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(rising)}, "ids"),
    "ids, unsteadily": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(noisy)}, "ids"),
    "free ids, to nothing": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"hard_limit": 0}], "resource_daily": days(falling)},
        "ids",
    ),
    "free ids, to a reserve": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"hard_limit": 1000}], "resource_daily": days(falling)},
        "ids",
    ),
    "ids with a check of something else": (
        "horizon-cliff",
        {
            "resource": [RESOURCE],
            "resource_daily": days(rising),
            "check": [
                {"name": "slow", "component": "db", "kind": "symptom", "reads": "latency", "threshold": 1}
            ],
        },
        "ids",
    ),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: few but right": ("wrong-forecasts", {"prediction": forecasts([(0.9, True)] * 12)}),
    "many and right": ("wrong-forecasts", {"prediction": forecasts([(None, i % 5 > 0) for i in range(60)])}),
    "always the same, rightly": (
        "wrong-forecasts",
        {"prediction": forecasts([(0.8, i % 5 > 0) for i in range(60)])},
    ),
    "random but few": ("wrong-forecasts", {"prediction": forecasts(chance(19))}),
    "void": ("wrong-forecasts", {"prediction": forecasts(chance(60), outcome="void")}),
    "not resolved": ("wrong-forecasts", {"prediction": forecasts(chance(60), resolved=None)}),
    "resolved long ago": (
        "wrong-forecasts",
        {"prediction": forecasts(chance(60), resolved=NOW - 300 * DAY)},
    ),
    "twin: short but automatic": ("useless-lead", {"prediction": events(10, 300, 60)}),
    "few late ones": ("useless-lead", {"prediction": events(7, 300, 2400)}),
    "nobody knows how long acting takes": ("useless-lead", {"prediction": events(10, 300, None)}),
    "about as long": (
        "useless-lead",
        {"prediction": [*events(5, 2000, 2400), *events(5, 2600, 2400)]},
    ),
    "made after the event": ("useless-lead", {"prediction": events(10, -300, 2400)}),
    "twin: harmless by decision": (
        "ignored-forecast",
        {"prediction": [*events(6, 2 * DAY, 3600, harmless="d7"), HEEDED]},
    ),
    "harmless by a decision on the predictor": (
        "ignored-forecast",
        {
            "prediction": [*events(6, 2 * DAY, 3600), HEEDED],
            "decision": [{"subject": "foreteller", "at": NOW - 90 * DAY, "until": NOW + DAY}],
        },
    ),
    "acted upon": (
        "ignored-forecast",
        {"prediction": [one | {"acted": one["made"] + 60} for one in events(6, 2 * DAY, 3600)]},
    ),
    "mostly acted upon": (
        "ignored-forecast",
        {
            "prediction": [
                one | {"acted": one["made"] + 60 if i > 5 else None}
                for i, one in enumerate(events(40, 2 * DAY, 3600))
            ]
        },
    ),
    "too late to act": ("ignored-forecast", {"prediction": [*events(6, 600, 3600), HEEDED]}),
    "nobody writes down what is done": ("ignored-forecast", {"prediction": events(6, 2 * DAY, 3600)}),
    "always right, and no naive guess": (
        "wrong-forecasts",
        {"prediction": forecasts([(0.9, True)] * 30)},
    ),
    "four": ("ignored-forecast", {"prediction": [*events(4, 2 * DAY, 3600), HEEDED]}),
    "twin: weekly band": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(weekly)}),
    "longer band": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(monthly)}),
    "flattening": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(flattening)}),
    "far off": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"remedy": 20 * DAY}], "resource_daily": days(rising)},
    ),
    "watched": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"watched": True}], "resource_daily": days(rising)},
    ),
    "a check names it": (
        "horizon-cliff",
        {
            "resource": [RESOURCE],
            "resource_daily": days(rising),
            "check": [{"name": "ids-full", "reads": "ids"}],
        },
    ),
    "young": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(rising, 40)}),
    "limit not known": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"hard_limit": None}], "resource_daily": days(rising)},
    ),
    "values not known": ("horizon-cliff", {"resource": [RESOURCE], "resource_daily": days(lambda _: None)}),
    "falling away from its limit": (
        "horizon-cliff",
        {"resource": [RESOURCE], "resource_daily": days(falling)},
    ),
    "over it": (
        "horizon-cliff",
        {"resource": [RESOURCE | {"hard_limit": 2**30}], "resource_daily": days(rising)},
    ),
}


def test_how_full_a_gauge_that_falls_is(ask: Any) -> None:
    (found,) = ask("horizon-cliff", resource=[RESOURCE | {"hard_limit": 0}], resource_daily=days(falling))
    assert 0.5 < found.values["filled"] < 0.7  # of the most that was known to be free
    assert found.values["d1"] - DAY <= NOW + 75 * DAY <= found.values["d2"] + DAY


def test_when_the_limit_is_reached(ask: Any) -> None:
    (found,) = ask("horizon-cliff", resource=[RESOURCE], resource_daily=days(rising))
    assert found.values["d1"] - DAY <= NOW + 75 * DAY <= found.values["d2"] + DAY
    assert found.values["d2"] - found.values["d1"] < 10 * DAY


def test_good_predictors_are_left_alone(ask: Any) -> None:
    """Two hundred calibrated ones of 20 to 80 forecasts: at most two are doubted."""
    made = [
        one | {"predictor": f"p{seed}"}
        for seed in range(200)
        for one in forecasts(calibrated(20 + seed % 4 * 20, seed), base=0.3 if seed % 2 else None)
    ]
    assert len(ask("wrong-forecasts", prediction=made)) <= 2
