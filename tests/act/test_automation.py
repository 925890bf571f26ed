"""Terms: shares, windows and days as people write them, in numbers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.automation import end_of, lower, split_run, window
from gadfly.act.grants import share

MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "hour", "opened"),
    [
        ("Mon-Fri 08:00-18:00", 8, True),
        ("Mon-Fri 08:00-18:00", 18, False),
        ("not Mon-Fri 11:30-13:30", 12, False),
        ("not Mon-Fri 11:30-13:30", 14, True),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", 7, True),
    ],
)
def test_a_window(text: str, hour: float, opened: bool) -> None:
    found = window(text)
    assert found is not None
    assert found.open(MONDAY + hour * 3600) is opened


def test_no_window_is_always() -> None:
    assert window("") is None
    with pytest.raises(ValueError, match="working hours"):
        window("not")


@pytest.mark.parametrize(
    ("part", "total", "allowed", "needed"),
    [
        (0.25, 16, 4, 4),
        (0.25, 15, 3, 4),
        (0.25, 3, 1, 1),
        (0.25, 1, 1, 0),
        (0.5, 2, 1, 1),
        (0.5, 3, 1, 2),
        (0.0, 10, 0, 0),
        (1.0, 10, 10, 10),
        (0.9, 10, 9, 9),
        (0.99, 10, 9, 9),
        (0.05, 0, 0, 0),
        (0.1, 30, 3, 3),
        (0.07, 100, 7, 7),
    ],
)
def test_a_share_of_so_many(part: float, total: int, allowed: int, needed: int) -> None:
    assert (share.allowed(part, total), share.needed(part, total)) == (allowed, needed)


@given(st.floats(0, 1), st.integers(0, 100_000))
def test_a_share_never_exceeds_the_whole(part: float, total: int) -> None:
    assert 0 <= share.allowed(part, total) <= total
    assert 0 <= share.needed(part, total) <= total


@pytest.mark.parametrize(("text", "part"), [("25%", 0.25), ("0%", 0.0), ("100%", 1.0), ("0.5%", 0.005)])
def test_a_share_is_a_percentage(text: str, part: float) -> None:
    assert share.parse(text) == pytest.approx(part)


@pytest.mark.parametrize("text", ["", "25", "101%", "-1%", "a%", "1e2%", "25 %"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        share.parse(text)


def test_a_day_ends_at_its_midnight() -> None:
    assert end_of(dt.date(2026, 11, 22)) == MONDAY


def test_the_lower_of_two_levels() -> None:
    assert lower("act", "approve") == lower("approve", "act") == "approve"
    assert lower("observe", "act-small") == "observe"
    with pytest.raises(ValueError):
        lower("act", "always")


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("systemd:restart a@{component}", ("systemd:restart", "a@{component}")),
        ("notify", ("notify", "")),
        (" command  /bin/x  -y ", ("command", "/bin/x  -y")),
    ],
)
def test_a_run_is_an_action_and_its_argument(run: str, parts: tuple[str, str]) -> None:
    assert split_run(run) == parts
