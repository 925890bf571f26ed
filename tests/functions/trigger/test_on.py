"""What is written in `on`: understood, or refused with words for whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.trigger.cron import Cron
from gadfly.functions.trigger.on import Lines, Schedule, Webhook, read


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "schedule:  15 3 * * *   Europe/Berlin",
            Schedule("schedule: 15 3 * * * Europe/Berlin", Cron("15 3 * * *", "Europe/Berlin")),
        ),
        ("webhook: github env:A", Webhook("webhook: github env:A", "github", ("env:A",))),
        (
            "webhook: standard answered env:A file:/b",
            Webhook("webhook: standard answered env:A file:/b", "standard", ("env:A", "file:/b"), True),
        ),
        (
            "logs: unit=nginx severity=error match=timed out: (a|b)",
            Lines(
                "logs: unit=nginx severity=error match=timed out: (a|b)",
                unit="nginx",
                severity=3,
                match="timed out: (a|b)",
            ),
        ),
        ("logs: match=x", Lines("logs: match=x", match="x")),
    ],
    ids=["schedule", "github", "standard", "logs", "match"],
)
def test_triggers(text: str, wanted: object) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sometimes", "calls nothing"),
        ("webhooks: x", "`answered` before the secret"),
        ("schedule: often", "is not a schedule"),
        ("webhook: gitlab env:A", "who signs"),
        ("webhook: github", "needs one to"),
        ("webhook: github hunter2", "needs one to"),
        ("webhook: standard env:A env:B env:C env:D env:E", "needs one to"),
        ("logs: ", "every line"),
        ("logs: severity=bad", "is no severity"),
        ("logs: unit=a unit=b", "twice"),
        ("logs: unit=a and more", "asks for nothing"),
        ("logs: match=(", "RE2"),
    ],
    ids=[
        "kind",
        "form",
        "cron",
        "sender",
        "no_secret",
        "open_secret",
        "secrets",
        "all",
        "severity",
        "twice",
        "more",
        "re2",
    ],
)
def test_what_calls_nothing(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(text)


@given(st.text(max_size=80) | st.text("schedule:webhooklogs =*/0123 env", max_size=60))
def test_nothing_but_value_errors(text: str) -> None:
    try:
        found = read(text)
    except ValueError:
        return
    assert read(found.text) == found
