"""How often a month what is asked about happens, and where: that gives a question its place in the order."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
WIPE = {"name": "wipe", "destructive": True, "refuses_empty": False, "since": OLD}
BOT = {"name": "bot", "function": "wipe", "level": 4, "level_since": NOW - 100 * DAY, "since": OLD}
WEB = {"name": "web", "tier": 1, "since": OLD}


def acts(n: int, every: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"x{i}", "at": NOW - (i + 0.5) * every, "finished": NOW - (i + 0.5) * every + 60,
         "automation": "bot", "function": "wipe", "outcome": "failed"} | more
        for i in range(n)
    ]  # fmt: skip


def windows(n: int, every: float, hours: float) -> list[dict[str, Any]]:
    times = [NOW - (i + 1) * every for i in range(n)]
    return [
        {
            "component": "web",
            "starts": at,
            "ends": at + hours * 3600,
            "finished": at + hours * 7200,
            "created": at,
        }
        for at in times
    ]


CASES: dict[str, tuple[dict[str, Any], float]] = {
    "empty-means-all": ({"function": [WIPE], "action": acts(60, 3 * DAY)}, 10),
    "dry-run-differs": (
        {"action": acts(60, 3 * DAY, planned=["a", "b"], touched=["a", "c", "d"])},
        10,
    ),
    "window-overrun": ({"window": windows(30, 3 * DAY, 2)}, 10),
    "always-maintenance": (
        {
            "component": [WEB],
            "window": windows(30, 3 * DAY, 20),
            "incident": [{"component": "web", "began": NOW - 6 * DAY + 3600}],
        },
        9 * 30 / 28,
    ),
    "promotion-unearned": ({"automation": [BOT], "action": acts(60, 3 * DAY)}, 10),
}


@pytest.mark.parametrize("kind", CASES)
def test_times_a_month(ask: Any, kind: str) -> None:
    facts, exposure = CASES[kind]
    (found,) = ask(kind, **facts)
    assert found.exposure == pytest.approx(exposure)


def test_what_never_ran_counts_as_before(ask: Any) -> None:
    assert ask("empty-means-all", function=[WIPE])[0].exposure == 1


@pytest.mark.parametrize("subject", ["slow", "web"], ids=["check", "component"])
def test_the_component_that_a_decision_or_a_change_is_about(ask: Any, subject: str) -> None:
    facts = {"component": [WEB], "check": [{"name": "slow", "component": "web", "since": OLD}]}
    decision = {"id": "d", "at": OLD, "subject": subject, "carries": 9, "reason": "so", "cites": 0}
    change = {"id": "q", "kind": "unacted", "subject": subject, "asked": OLD, "answered": NOW - 30 * DAY,
              "answer": "change", "before": 9, "after": 9, "measured": NOW - DAY}  # fmt: skip
    assert ask("decision-without-evidence", decision=[decision], **facts)[0].component == "web"
    assert ask("change-that-changed-nothing", question=[change], **facts)[0].component == "web"
