"""What is destroyed on schedule was told thirty, seven and one days ahead, and consented to afresh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gadfly.act.situation import Announcement, Consent

NOW = 1_800_000_000.0
DAY = 86_400.0
DUE = NOW - 60.0
END: dict[str, Any] = {"destructive": True, "due": DUE}


def told(*days: float, target: str = "t0", due: float = DUE) -> tuple[Announcement, ...]:
    times = tuple(DUE - day * DAY for day in days)
    return (Announcement(target=target, action="systemd:restart", due=due, told=times),)


def yes(ago: float = DAY, target: str = "t0") -> tuple[Consent, ...]:
    return (
        Consent(
            owner="synthetic",
            principal="automation:synthetic",
            action="systemd:restart",
            target=target,
            at=NOW - ago,
            ends=NOW + DAY,
        ),
    )


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"plan": {**END, "due": None}}, None),
        ({"plan": {**END, "destructive": False}}, None),
        ({}, "was not told 30 days ahead"),
        ({"announcements": told(30)}, "was not told 7 days ahead"),
        ({"announcements": told(30, 7)}, "was not told 1 days ahead"),
        ({"announcements": told(7, 1)}, "was not told 30 days ahead"),
        ({"announcements": told(30, 29, 28)}, "was not told 1 days ahead"),
        ({"announcements": told(30, 7, 1)}, "must consent afresh"),
        ({"announcements": told(30, 7, 1), "consents": yes()}, None),
        ({"announcements": told(30, 7, 1), "consents": yes(ago=8 * DAY)}, "must consent afresh"),
        ({"announcements": told(30, 7, 1), "consents": yes(target="")}, "must consent afresh"),
        ({"announcements": told(30, 7, 1, due=DUE + 1), "consents": yes()}, "was not told"),
        ({"announcements": told(30, 7, 1, target="t1"), "consents": yes()}, "was not told"),
        ({"plan": {**END, "due": NOW + 1}, "announcements": told(30, 7, 1)}, "not due yet"),
    ],
)
def test_what_is_refused(judge: Callable[..., str | None], case: dict[str, Any], words: str | None) -> None:
    found = judge("announced", **{"plan": END, "targets": 1, **case})
    if words is None:
        assert found is None
    else:
        assert found is not None
        assert words in found
