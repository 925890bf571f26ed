"""What happens next is said in words."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ask.outlook import outlook
from gadfly.ask.question import Move, Question

DAY, NOW = 86_400.0, 1_790_000_000.0  # 21 September 2026


def question(**more: Any) -> Question:
    named: dict[str, Any] = {
        "id": 12,
        "kind": "unacted",
        "digest": "d",
        "sort": "check",
        "again": 60,
        "observe": 60,
        "minutes": 5,
        "subjects": ("api",),
        "owner": "payments",
        "text": "?",
        "asked": NOW,
        "since": NOW,
        "moves": (Move("payments", NOW),),
    }
    return Question(**{**named, **more})


CHANGED: dict[str, Any] = {"state": "answered", "answer": "change", "answered": NOW}
MEASURED: dict[str, Any] = {**CHANGED, "measured": NOW + 60 * DAY, "complete": True, "before": 10.0}
ACCEPTED: dict[str, Any] = {"state": "answered", "answer": "accept", "answered": NOW}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Unanswered on 5 October 2026 it goes once to platform"),
        ({"again": 7}, "Unanswered on 28 September 2026"),
        ({"warning": "Unanswered, x is lowered."}, "Unanswered, x is lowered. Unanswered on 5 October"),
        ({"moves": (Move("platform", NOW, "escalated"),)}, "Unanswered after 5 October 2026 it rests"),
        (
            {"moves": (Move("dba", NOW, "referred"),)},
            "dba could know; without an answer it comes back to payments",
        ),
        ({"heading": "dba", "heading_why": "referred"}, "It goes to dba as soon as there is room"),
        ({"state": "resting"}, "Nobody answered"),
        ({"state": "withdrawn"}, "the evidence went away by itself"),
        ({"state": "replaced"}, "asked again"),
        (CHANGED, "looked at again on 20 November 2026"),
        ({**CHANGED, "ended": NOW}, "A later answer took its place"),
        ({**MEASURED, "after": 2.0}, "became better by 80%, as of 20 November 2026."),
        ({**MEASURED, "after": 15.0}, "became worse by 50%"),
        (
            {**MEASURED, "after": 10.0, "complete": False},
            "stayed what they were, as of 20 November 2026; the data since then is not complete",
        ),
        ({**ACCEPTED, "until": NOW + DAY}, "A decision until 22 September 2026; asked again then"),
        ({**ACCEPTED, "until": NOW - DAY}, "which is over"),
        ({"state": "answered", "answer": "wrong"}, "not asked of this again"),
        ({"state": "answered", "answer": "unknown", "knows": "dba"}, "dba could know"),
    ],
    ids=range(18),
)
def test_it_says(more: dict[str, Any], words: str) -> None:
    assert words in outlook(question(**more), "platform", NOW)


def test_a_warning_is_said_once_and_not_contradicted() -> None:
    warned = outlook(question(warning="Unanswered, x is lowered."), "platform", NOW)
    assert "Nothing is blocked" not in warned
    said = outlook(question(warning="x is lowered.", text="x is lowered. Why?"), "platform", NOW)
    assert "lowered" not in said


def test_who_has_nobody_above_is_asked_alone() -> None:
    assert "goes once" not in outlook(question(), "", NOW)
