"""Heartbeats and those who listen: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY


def beats(component: str, days: range, ears: Sequence[str] = "abc", **cells: Any) -> list[dict[str, Any]]:
    """Rows of so many days ago."""
    return [
        {
            "component": component,
            "listener": listener,
            "day": 20_000 - day,
            "beats": 8640,
            "lost": 4,
            "worst_hour": 0.005,
            "gap_p50": 10.0,
            "gap_p999": 12.0,
            "gap_max": 14.0,
            "dead_after": 45.0,
            "listeners": len(ears),
            **cells,
        }
        for day in days
        for listener in ears
    ]


WEB = {"name": "web", "owner": "shop", "kind": "service", "declared": True, "since": NOW - 300 * DAY}
OTHER = WEB | {"name": "other"}
SHADOW = {"name": "shadow", "declared": False, "since": NOW - 9 * DAY, "hosts": 2}
EDGE = {"src": "shadow", "dst": "web", "declared": False, "calls": 4}
HEARD = beats("other", range(1, 60))


def third(days: range, **cells: Any) -> dict[str, Any]:
    """A third listener beside two that are well."""
    return {"heartbeat_daily": [*beats("web", range(1, 8), "ab"), *beats("web", days, "c", **cells)]}


def slow_beats(**cells: Any) -> list[dict[str, Any]]:
    """One in five minutes."""
    return beats("web", range(1, 30), beats=288, lost=0, worst_hour=0.0, **cells)


SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "decommissioned": (
        "declared-not-seen",
        {"component": [WEB, OTHER], "heartbeat_daily": [*HEARD, *beats("web", range(20, 60))]},
        "web",
    ),
    "never heard": ("declared-not-seen", {"component": [WEB, OTHER], "heartbeat_daily": HEARD}, "web"),
    "job that missed its months": (
        "declared-not-seen",
        {
            "component": [WEB | {"period": 30 * DAY}, OTHER],
            "heartbeat_daily": [*HEARD, *beats("web", range(50, 60))],
        },
        "web",
    ),
    "shadow": ("seen-not-declared", {"component": [SHADOW, WEB], "edge": [EDGE]}, "shadow"),
    "shadow that is called, heard": (
        "seen-not-declared",
        {
            "component": [SHADOW | {"hosts": None}, WEB],
            "edge": [{"src": "web", "dst": "shadow"}],
            "heartbeat_daily": beats("shadow", range(1, 9)),
        },
        "shadow",
    ),
    "one listener deaf all day": (
        "deaf-listener",
        third(range(1, 8), lost=4000, beats=4640, worst_hour=0.5),
        "web",
    ),
    "deaf for two hours": (
        "deaf-listener",
        third(range(4, 5), lost=400, beats=8240, worst_hour=0.8),
        "web",
    ),
    "deaf for an hour, losses not counted": (
        "deaf-listener",
        third(range(4, 5), lost=0, worst_hour=0.8),
        "web",
    ),
    "one of two deaf": (
        "deaf-listener",
        {
            "heartbeat_daily": [
                *beats("web", range(1, 8), "a"),
                *beats("web", range(1, 8), "b", lost=900, beats=7740, worst_hour=None),
            ]
        },
        "web",
    ),
    "only one hears": (
        "deaf-listener",
        {"heartbeat_daily": beats("web", range(1, 8), "a", listeners=3)},
        "web",
    ),
    "shorter than a pause": (
        "dead-time-guess",
        {"heartbeat_daily": beats("web", range(1, 30), gap_p999=2.9, dead_after=3.0)},
        "web",
    ),
    "far longer than any gap": (
        "dead-time-guess",
        {"heartbeat_daily": beats("web", range(1, 30), gap_p999=1.1, dead_after=60.0)},
        "web",
    ),
    "a decision that has ended": (
        "dead-time-guess",
        {
            "heartbeat_daily": beats("web", range(1, 30), gap_p999=2.9, dead_after=3.0),
            "decision": [{"subject": "web", "until": NOW - DAY}, {"subject": "web", "kind": "loop"}],
        },
        "web",
    ),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: monthly job": (
        "declared-not-seen",
        {
            "component": [WEB | {"period": 30 * DAY}, OTHER],
            "heartbeat_daily": [*HEARD, *beats("web", range(20, 60))],
        },
    ),
    "monthly by its runs": (
        "declared-not-seen",
        {
            "component": [WEB, OTHER],
            "heartbeat_daily": [*HEARD, *beats("web", range(50, 60))],
            "job_run": [{"job": "web", "due": NOW - 20 * DAY, "began": NOW - 20 * DAY, "period": 30 * DAY}],
        },
    ),
    "heard yesterday": (
        "declared-not-seen",
        {"component": [WEB, OTHER], "heartbeat_daily": [*HEARD, *beats("web", range(1, 2))]},
    ),
    "scraped": (
        "declared-not-seen",
        {
            "component": [WEB, OTHER],
            "heartbeat_daily": [
                *HEARD,
                {"component": "web", "listener": "scrape", "day": 19_998, "beats": None},
            ],
        },
    ),
    "not declared": (
        "declared-not-seen",
        {"component": [WEB | {"declared": False}, OTHER], "heartbeat_daily": HEARD},
    ),
    "short-lived": (
        "declared-not-seen",
        {"component": [WEB | {"ephemeral": True}, OTHER], "heartbeat_daily": HEARD},
    ),
    "declared yesterday": (
        "declared-not-seen",
        {"component": [WEB | {"since": NOW - DAY}, OTHER], "heartbeat_daily": HEARD},
    ),
    "of a sort that never beats": (
        "declared-not-seen",
        {
            "component": [WEB | {"kind": "library"}, OTHER, OTHER | {"kind": None, "name": "x"}],
            "heartbeat_daily": HEARD,
        },
    ),
    "nothing is heard at all": (
        "declared-not-seen",
        {
            "component": [WEB, OTHER],
            "heartbeat_daily": [*beats("other", range(20, 60)), *beats("web", range(20, 60))],
        },
    ),
    "no heartbeats": ("declared-not-seen", {"component": [WEB, OTHER]}),
    "twin: canary": (
        "seen-not-declared",
        {"component": [SHADOW | {"since": NOW - 1.5 * DAY}, WEB], "edge": [EDGE]},
    ),
    "canary that is gone": (
        "seen-not-declared",
        {
            "component": [SHADOW, WEB],
            "edge": [EDGE],
            "heartbeat_daily": beats("shadow", range(8, 10)),
        },
    ),
    "declared": ("seen-not-declared", {"component": [SHADOW | {"declared": True}, WEB], "edge": [EDGE]}),
    "declared by another row": (
        "seen-not-declared",
        {"component": [SHADOW, SHADOW | {"declared": True}], "edge": [EDGE]},
    ),
    "nobody said whether": (
        "seen-not-declared",
        {"component": [SHADOW | {"declared": None}], "edge": [EDGE]},
    ),
    "talks to nobody": ("seen-not-declared", {"component": [SHADOW, WEB]}),
    "first seen never": ("seen-not-declared", {"component": [SHADOW | {"since": None}], "edge": [EDGE]}),
    "twin: listener restarted": (
        "deaf-listener",
        third(range(1, 8), lost=4000, beats=4640, worst_hour=0.5, restarted=True),
    ),
    "all lose alike": (
        "deaf-listener",
        {"heartbeat_daily": beats("web", range(1, 8), lost=4000, beats=4640, worst_hour=0.9)},
    ),
    "a few beats by chance": (
        "deaf-listener",
        {
            "heartbeat_daily": [
                *slow_beats(),
                *beats("web", range(3, 4), "d", beats=286, lost=2, worst_hour=0.17),
            ]
        },
    ),
    "only one should hear": ("deaf-listener", {"heartbeat_daily": beats("web", range(1, 8), "a")}),
    "scrapes are another thing": (
        "deaf-listener",
        {
            "heartbeat_daily": [
                *beats("web", range(1, 8), "ab"),
                *beats("web", range(1, 8), ["scrape"], beats=100, lost=90, worst_hour=1.0, listeners=2),
            ]
        },
    ),
    "numbers not known": (
        "deaf-listener",
        {
            "heartbeat_daily": beats(
                "web", range(1, 8), beats=None, lost=None, worst_hour=None, listeners=None
            )
        },
    ),
    "nothing heard, nothing lost": (
        "deaf-listener",
        {"heartbeat_daily": beats("web", range(1, 8), beats=0, lost=0, worst_hour=0.0)},
    ),
    "twin: by decision": (
        "dead-time-guess",
        {
            "heartbeat_daily": beats("web", range(1, 30), gap_p999=2.9, dead_after=3.0),
            "decision": [{"subject": "web", "kind": "dead-time-guess", "at": NOW - 90 * DAY}],
        },
    ),
    "well between": ("dead-time-guess", {"heartbeat_daily": beats("web", range(1, 30))}),
    "too few beats": ("dead-time-guess", {"heartbeat_daily": slow_beats(gap_p999=2.9, dead_after=3.0)}),
    "too few days": (
        "dead-time-guess",
        {"heartbeat_daily": beats("web", range(1, 20), gap_p999=2.9, dead_after=3.0)},
    ),
    "dead-time not known": (
        "dead-time-guess",
        {"heartbeat_daily": beats("web", range(1, 30), dead_after=None)},
    ),
    "gaps not known": ("dead-time-guess", {"heartbeat_daily": beats("web", range(1, 30), gap_p999=None)}),
    "one bad day": (
        "dead-time-guess",
        {
            "heartbeat_daily": [
                *beats("web", range(1, 15)),
                *beats("web", range(15, 16), gap_p999=44.0),
                *beats("web", range(16, 29)),
            ]
        },
    ),
}


def test_the_deaf_one_is_named(ask: Any) -> None:
    name, tables, _ = SEEDS["deaf for two hours"]
    (found,) = ask(name, **tables)
    assert (found.values["listener"], found.values["pct"], found.values["span"]) == ("c", 0.8, "an hour")
