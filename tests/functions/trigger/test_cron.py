"""Times by cron: right across changes of the clock, as an oracle of its own has them."""

from __future__ import annotations

import datetime as dt
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from gadfly.functions.trigger import cron

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import triggers_oracle as oracle


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def shown(text: str, after: str, count: int) -> list[str]:
    walk = cron.walk(cron.parse(text), at(after))
    return [dt.datetime.fromtimestamp(next(walk), dt.UTC).strftime("%m-%d %H:%M:%S") for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "after", "wanted"),
    [
        # The clock goes from 2 to 3 at 01:00 UTC on March 29th, and from 3 to 2 at 01:00 UTC on October 25th.
        (
            "30 2 * * * Europe/Berlin",
            "2026-03-28T00:00",
            ["03-28 01:30:00", "03-29 01:00:00", "03-30 00:30:00"],
        ),
        ("30 2 * * * Europe/Berlin", "2026-10-24T12:00", ["10-25 00:30:00", "10-26 01:30:00"]),
        ("0,30 2 * * * Europe/Berlin", "2026-03-28T12:00", ["03-29 01:00:00", "03-30 00:00:00"]),
        ("0 2,3 * * * Europe/Berlin", "2026-03-28T12:00", ["03-29 01:00:00", "03-30 00:00:00"]),
        ("30 * * * * Europe/Berlin", "2026-03-29T00:00", ["03-29 00:30:00", "03-29 01:30:00"]),
        (
            "30 * * * * Europe/Berlin",
            "2026-10-25T00:00",
            ["10-25 00:30:00", "10-25 01:30:00", "10-25 02:30:00"],
        ),
        ("0 */2 * * * Europe/Berlin", "2026-03-28T23:30", ["03-29 02:00:00", "03-29 04:00:00"]),
        # Half an hour back, and a match in what is shown twice.
        (
            "45 * * * * Australia/Lord_Howe",
            "2026-04-04T14:30",
            ["04-04 14:45:00", "04-04 15:15:00", "04-04 16:15:00"],
        ),
        # Midnight is left out, on a day of its own.
        ("0 */3 6 9 * America/Santiago", "2026-09-06T03:00", ["09-06 06:00:00", "09-06 09:00:00"]),
        ("0 0 29 2 1 UTC", "2026-01-01T00:00", ["02-02 00:00:00", "02-09 00:00:00"]),
    ],
    ids=lambda value: value.replace(" ", "_").replace("/", "-") if isinstance(value, str) else "",
)
def test_changes_of_the_clock(text: str, after: str, wanted: list[str]) -> None:
    assert shown(text, after, len(wanted)) == wanted


def test_a_day_that_is_left_out_comes_when_the_clock_jumps_over_it() -> None:
    """Samoa had no December 30th in 2011."""
    assert shown("0 3 * * * Pacific/Apia", "2011-12-29T14:00", 3) == [
        "12-30 10:00:00",
        "12-30 13:00:00",
        "12-31 13:00:00",
    ]


ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Scoresbysund",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "Pacific/Chatham",
    "Pacific/Apia",
    "UTC",
)
FIELDS = ("30 2 * * *", "0,30 0-3 * * 0", "0 0 1 * *", "0 */8 * * *", "*/20 1 * * *")


@pytest.mark.parametrize(
    ("zone", "year"), [*((zone, 2026) for zone in ZONES), ("Pacific/Apia", 2011), ("Africa/Cairo", 2010)]
)
def test_it_is_what_the_oracle_says(zone: str, year: int) -> None:
    begin, end = at(f"{year}-01-01T00:00"), at(f"{year + 1}-01-01T00:00")
    table = oracle.spans(zone, begin, end)
    for fields in FIELDS:
        wanted = oracle.instants(fields, table, oracle.walls(fields, begin, end), begin, end)
        found = list(takewhile(lambda one: one <= end, cron.walk(cron.Cron(fields, zone), begin)))
        assert found == wanted.tolist(), fields


def test_it_goes_on_from_each_of_its_instants() -> None:
    """Asking again behind each one is the same as going on."""
    schedule = cron.parse("*/30 * * * * Africa/Cairo")
    walk = cron.walk(schedule, at("2026-10-28T00:00"))
    one = next(walk)
    for _ in range(200):
        following = next(walk)
        assert cron.following(schedule, one) == following
        assert cron.following(schedule, following - 0.5) == following
        one = following


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 2 * *", "is not a schedule"),
        ("0 2 * * * * * *", "is not a schedule"),
        ("0 25 * * *", "is not a schedule"),
        ("0 2 30 2 *", "is not a schedule"),
        ("0 2 * * * Europe/Nowhere", "is not a time zone"),
        ("0 2 * * * ../../etc/passwd", "is not a time zone"),
    ],
    ids=["few", "many", "hour", "never", "zone", "path"],
)
def test_what_is_no_schedule(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cron.parse(text)
