"""The numbers of the catalogue: on this side of each nothing is asked, on the other it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
Facts = dict[str, list[dict[str, Any]]]
GRANT = {"id": "g", "principal": "bot", "function": "f", "since": NOW - 300 * DAY, "expires": NOW + DAY}


def grant(**cells: Any) -> Facts:
    return {"grant": [GRANT | cells]}


def uses(n: int, targets: int = 1, age: float = 0, **cells: Any) -> list[dict[str, Any]]:
    return [
        {"grant": "g", "principal": "bot", "at": NOW - (age + 0.5) * DAY, "target": f"t{i % targets}"} | cells
        for i in range(n)
    ]


def drift(outside: int, age: float = 0) -> Facts:
    told = uses(100 - outside, age=age, **{"class": "a"}) + uses(outside, age=age, **{"class": "b"})
    return {"grant": [GRANT | {"classes": ["a"]}], "use": told}


def predictions(n: int, k: int, age: float = 3, lead: float = 7200, **cells: Any) -> Facts:
    """So many that came true, of which k were too late or not acted upon."""
    return {
        "prediction": [
            {
                "predictor": "p",
                "made": NOW - (age + 1) * DAY - i,
                "resolved": NOW - age * DAY,
                "happened": NOW - (age + 1) * DAY - i + (60 if cells.get("late") and i < k else lead),
                "outcome": "true",
                "to_act": 3600,
                "acted": None if i < k else NOW - (age + 1) * DAY,
            }
            for i in range(n)
        ]
        + [{"predictor": "heeded", "made": NOW - 9 * DAY, "acted": NOW - 8 * DAY}]
    }


def wrong(age: float) -> Facts:
    return {
        "prediction": [
            {"predictor": "p", "made": NOW - 400 * DAY, "resolved": NOW - age * DAY, "outcome": "false"}
            for _ in range(30)
        ]
    }


def heard(rate: float, hour: float = 0.0, others: float = 0.001, age: int = 1) -> Facts:
    return {
        "heartbeat_daily": [
            {
                "component": "c",
                "listener": listener,
                "day": 20_000 - age,
                "beats": round(100_000 * (1 - loss)),
                "lost": round(100_000 * loss),
                "worst_hour": worst,
            }
            for listener, loss, worst in (("a", others, others), ("b", others, others), ("c", rate, hour))
        ]
    }


def beats(n: int, gap: float, dead_after: float) -> Facts:
    return {
        "heartbeat_daily": [
            {
                "component": "c",
                "listener": "l",
                "day": 20_000 - i,
                "beats": n // 28,
                "gap_p999": gap,
                "dead_after": dead_after,
            }
            for i in range(1, 29)
        ]
    }


def spells(kind: str, k: int, n: int, errors: float = 0.6, age: float = 0, calls: float = 5) -> Facts:
    """`a` failed with `b` in k of its n outages."""
    return {
        "edge": [{"src": "a", "dst": "b", "declared": kind == "soft", "kind": kind or None, "calls": calls}],
        "spell": [
            {"component": "b", "kind": "down", "began": NOW - (age + i + 1) * DAY, "ended": NOW}
            for i in range(n)
        ]
        + [
            {
                "component": "a",
                "kind": "errors",
                "began": NOW - (age + i + 1) * DAY,
                "ended": NOW,
                "errors": errors,
                "normal": 0.01,
                "after": "b",
            }
            for i in range(k)
        ],
    }


def ring(n: int, drill: float | None = None) -> Facts:
    names = [f"n{i:02}" for i in range(n)]
    rehearsed = [{"kind": "cold-start", "subject": "n01", "at": NOW - (drill or 0) * DAY, "ok": True}]
    return {
        "edge": [{"src": names[i - 1], "dst": names[i], "kind": "hard"} for i in range(n)],
        "drill": rehearsed if drill is not None else [],
    }


def answers(age: float = 1, **counts: int) -> Facts:
    return {
        "question": [
            {"kind": "k", "answered": NOW - age * DAY, "answer": answer}
            for answer, count in counts.items()
            for _ in range(count)
        ]
    }


def role(permissions: int) -> Facts:
    shared = {"role": "r", "permissions": permissions, "permissions_used": 10}
    return {"function": [{"name": name, **shared} for name in "fg"]}


def decision(**cells: Any) -> Facts:
    return {"decision": [{"id": "d", "at": NOW - 50 * DAY, "carries": 3, "until": NOW + 90 * DAY} | cells]}


def changed(after: float = 10, age: float = 20) -> Facts:
    told = {
        "answered": NOW - age * DAY,
        "answer": "change",
        "before": 10,
        "after": after,
        "measured": NOW - DAY,
    }
    return {"question": [{"id": "q", "kind": "k", "subject": "s"} | told]}


def incident(age: float = 2, since: float = 60) -> Facts:
    told = {"began": NOW - (age + 0.5) * DAY, "ended": NOW - age * DAY, "conditions": []}
    return {
        "incident": [{"id": "i", "component": "c"} | told],
        "question": [{"kind": "k", "asked": NOW - since * DAY}],
    }


def silent(days: int) -> Facts:
    known = {"declared": True, "kind": "service", "since": NOW - 300 * DAY}
    heard = [("a", 1), ("a", 60), ("b", days)]
    return {
        "component": [{"name": "a"} | known, {"name": "b"} | known],
        "heartbeat_daily": [{"component": c, "day": 20_000 - day, "beats": 5} for c, day in heard],
    }


def shadow(hours: float) -> Facts:
    seen = {"name": "s", "declared": False, "since": NOW - hours * 3600}
    return {"component": [seen], "edge": [{"src": "s", "dst": "a"}]}


def unused(days: float) -> Facts:
    return {"grant": [GRANT], "use": uses(1, age=days) + uses(1, age=200, grant="other")}


def hosts(n: int, age: float = 0) -> Facts:
    return {"use": [one | {"host": f"h{i % n}"} for i, one in enumerate(uses(12, age=age))]}


BOUNDS: list[tuple[str, Callable[..., Facts], dict[str, Any], dict[str, Any]]] = [
    ("unused-grant", unused, {"days": 88}, {"days": 91}),
    (
        "wider-than-used",
        lambda **k: grant(targets=40) | {"use": uses(**k)},
        {"n": 19, "targets": 4},
        {"n": 20, "targets": 4},
    ),
    (
        "wider-than-used",
        lambda **k: grant(targets=40) | {"use": uses(**k)},
        {"n": 40, "targets": 5},
        {"n": 40, "targets": 4},
    ),
    ("wider-than-used", lambda **k: grant(targets=40) | {"use": uses(40, **k)}, {"age": 91}, {"age": 88}),
    ("timeless-grant", grant, {"expires": NOW + 364 * DAY}, {"expires": NOW + 366 * DAY}),
    ("timeless-grant", grant, {"review": NOW - 13 * DAY}, {"review": NOW - 15 * DAY}),
    ("timeless-grant", lambda r: grant(expires=None, renewed=NOW - r * DAY), {"r": 80}, {"r": 100}),
    ("purpose-drift", drift, {"outside": 29}, {"outside": 30}),
    ("purpose-drift", drift, {"outside": 50, "age": 91}, {"outside": 50, "age": 88}),
    ("shared-identity", hosts, {"n": 2}, {"n": 3}),
    ("shared-identity", hosts, {"n": 3, "age": 31}, {"n": 3, "age": 28}),
    ("function-over-role", role, {"permissions": 29}, {"permissions": 30}),
    ("wrong-forecasts", wrong, {"age": 181}, {"age": 179}),
    ("useless-lead", predictions, {"n": 7, "k": 7, "late": True}, {"n": 8, "k": 8, "late": True}),
    ("useless-lead", predictions, {"n": 8, "k": 4, "late": True}, {"n": 8, "k": 7, "late": True}),
    (
        "useless-lead",
        predictions,
        {"n": 8, "k": 8, "late": True, "age": 181},
        {"n": 8, "k": 8, "late": True, "age": 170},
    ),
    ("ignored-forecast", predictions, {"n": 4, "k": 4}, {"n": 5, "k": 5}),
    ("ignored-forecast", predictions, {"n": 9, "k": 5}, {"n": 6, "k": 5}),
    ("ignored-forecast", predictions, {"n": 5, "k": 5, "age": 181}, {"n": 5, "k": 5, "age": 170}),
    ("declared-not-seen", silent, {"days": 7}, {"days": 8}),
    ("seen-not-declared", shadow, {"hours": 47}, {"hours": 49}),
    ("deaf-listener", heard, {"rate": 0.15, "others": 0.04}, {"rate": 0.21, "others": 0.04}),
    ("deaf-listener", heard, {"rate": 0.018}, {"rate": 0.022}),
    ("deaf-listener", heard, {"rate": 0.004, "hour": 0.045}, {"rate": 0.004, "hour": 0.11}),
    ("deaf-listener", heard, {"rate": 0.5, "age": 8}, {"rate": 0.5, "age": 7}),
    (
        "dead-time-guess",
        beats,
        {"n": 9_900, "gap": 2.9, "dead_after": 3},
        {"n": 10_080, "gap": 2.9, "dead_after": 3},
    ),
    (
        "dead-time-guess",
        beats,
        {"n": 20_000, "gap": 2.3, "dead_after": 3},
        {"n": 20_000, "gap": 2.5, "dead_after": 3},
    ),
    (
        "dead-time-guess",
        beats,
        {"n": 20_000, "gap": 1, "dead_after": 19},
        {"n": 20_000, "gap": 1, "dead_after": 21},
    ),
    ("hidden-dependency", spells, {"kind": "", "k": 1, "n": 1}, {"kind": "", "k": 2, "n": 2}),
    ("hidden-dependency", spells, {"kind": "", "k": 2, "n": 7}, {"kind": "", "k": 2, "n": 6}),
    (
        "hidden-dependency",
        spells,
        {"kind": "", "k": 2, "n": 2, "errors": 0.04},
        {"kind": "", "k": 2, "n": 2, "errors": 0.06},
    ),
    (
        "hidden-dependency",
        spells,
        {"kind": "", "k": 2, "n": 2, "calls": 0.9},
        {"kind": "", "k": 2, "n": 2, "calls": 1},
    ),
    (
        "hidden-dependency",
        spells,
        {"kind": "", "k": 2, "n": 2, "age": 180},
        {"kind": "", "k": 2, "n": 2, "age": 170},
    ),
    (
        "declared-soft",
        spells,
        {"kind": "soft", "k": 2, "n": 2, "errors": 0.49},
        {"kind": "soft", "k": 2, "n": 2, "errors": 0.51},
    ),
    (
        "declared-soft",
        spells,
        {"kind": "soft", "k": 2, "n": 2, "age": 180},
        {"kind": "soft", "k": 2, "n": 2, "age": 170},
    ),
    ("loop", ring, {"n": 9}, {"n": 8}),
    ("loop", ring, {"n": 3, "drill": 360}, {"n": 3, "drill": 370}),
    ("expired-acceptance", decision, {"then": 10, "now": 12.4}, {"then": 10, "now": 12.5}),
    ("change-that-changed-nothing", changed, {"after": 8}, {"after": 8.1}),
    ("change-that-changed-nothing", changed, {"age": 13}, {"age": 15}),
    ("decision-without-evidence", decision, {"carries": 2}, {"carries": 3}),
    ("decision-without-evidence", decision, {"until": NOW + 6 * DAY}, {"until": NOW + 8 * DAY}),
    ("decision-without-evidence", decision, {"reason": "x" * 12}, {"reason": "x" * 11}),
    ("incident-no-question", incident, {"age": 31}, {"age": 29}),
    ("incident-no-question", incident, {"since": 16}, {"since": 17}),
    ("question-kind-useless", answers, {"accept": 11}, {"accept": 12}),
    ("question-kind-useless", answers, {"accept": 9, "change": 3}, {"accept": 10, "change": 2}),
    ("question-kind-useless", answers, {"change": 31, "wrong": 9}, {"change": 30, "wrong": 10}),
    ("question-kind-useless", answers, {"accept": 12, "age": 366}, {"accept": 12, "age": 360}),
]


@pytest.mark.parametrize(
    ("name", "facts", "quiet", "asked"),
    BOUNDS,
    ids=[f"{name} {' '.join(map(str, quiet))} {i}" for i, (name, _, quiet, _) in enumerate(BOUNDS)],
)
def test_bound(
    ask: Any, name: str, facts: Callable[..., Facts], quiet: dict[str, Any], asked: dict[str, Any]
) -> None:
    assert ask(name, **facts(**quiet)) == []
    assert len(ask(name, **facts(**asked))) == 1
