"""What calls for an automation, and when it does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.calling.trigger import Trigger, parse


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("manual", Trigger(kind="manual")),
        ("component.stalled", Trigger(kind="component", state="stalled")),
        ("component.stalled for 1m", Trigger(kind="component", state="stalled", held=60.0)),
        (
            'component.stalled for 1m, group = "workers"',
            Trigger(kind="component", state="stalled", held=60.0, selector='group = "workers"'),
        ),
        (
            'component.down, group = "a", region = "eu"',
            Trigger(kind="component", state="down", selector='group = "a", region = "eu"'),
        ),
        ("alert for 5m", Trigger(kind="alert", held=300.0)),
        (
            "schedule: 0,30 2 * * * Europe/Berlin",
            Trigger(kind="schedule", schedule="0,30 2 * * * Europe/Berlin"),
        ),
    ],
)
def test_what_is_written(text: str, trigger: Trigger) -> None:
    assert parse(text) == trigger


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "calls for nothing"),
        ("component", "calls for nothing"),
        ("component.stalled for", "calls for nothing"),
        ("component.sad", 'never "sad"'),
        ("component.stalled for a while", "calls for nothing|not a duration"),
        ("component.stalled for 5", "not a duration"),
        ("component.stalled, group", "not a selector"),
        ("always", "calls for nothing"),
    ],
)
def test_what_calls_for_nothing(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("text", "words", "since", "calls"),
    [
        ("component.stalled for 1m", {"stalled"}, 40.0, True),
        ("component.stalled for 1m", {"stalled"}, 40.1, False),
        ("component.stalled for 1m", {"silent", "down"}, 0.0, False),
        ("component.down", {"silent", "down"}, 100.0, True),
        ("alert for 1m", {"down", "alert"}, 40.0, True),
        ("alert for 1m", {"down"}, 0.0, False),
        ("manual", {"down", "alert"}, 0.0, False),
        ("schedule: 0 2 * * *", {"down", "alert"}, 0.0, False),
    ],
)
def test_when_it_calls(text: str, words: set[str], since: float, calls: bool) -> None:
    assert parse(text).calls(frozenset(words), since, 100.0) is calls


@given(st.text(max_size=100))
def test_any_text_is_a_trigger_or_refused(text: str) -> None:
    try:
        parse(text)
    except ValueError:
        return
