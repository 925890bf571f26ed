from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly import hours


def at(text: str, zone: str = "Europe/Berlin") -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("text", "moment", "open_"),
    [
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T08:00", True),  # a Monday
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T07:59", False),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-23T18:00", False),
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-11-22T12:00", False),  # a Sunday
        ("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-07-20T08:00", True),  # in summer time too
        ("Mon-Fri 08:00-18:00, Sat 10:00-14:00 Europe/Berlin", "2026-11-28T10:30", True),
        ("Fri-Mon 00:00-24:00 Europe/Berlin", "2026-11-22T23:59", True),
        ("Fri-Mon 00:00-24:00 Europe/Berlin", "2026-11-24T00:00", False),
        ("Sun 22:00-06:00 Europe/Berlin", "2026-11-23T05:59", True),
        ("Sun 22:00-06:00 Europe/Berlin", "2026-11-22T05:59", False),
    ],
)
def test_covers(text: str, moment: str, open_: bool) -> None:
    assert hours.parse(text).covers(at(moment)) is open_


def test_without_a_zone_utc_is_meant() -> None:
    assert hours.parse("Mon 08:00-09:00").covers(at("2026-11-23T08:30", "UTC"))


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        ("2026-11-20T19:00", "2026-11-23T08:00"),
        ("2026-11-23T03:00", "2026-11-23T08:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-10-23T19:00", "2026-10-26T08:00"),  # across the end of summer time
    ],
)
def test_next_start(moment: str, start: str) -> None:
    assert hours.parse("Mon-Fri 08:00-18:00 Europe/Berlin").next_start(at(moment)) == at(start)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "are not working hours"),
        ("always", "are not working hours"),
        ("Mon-Fri 8-18", "are not working hours"),
        ("Moo 08:00-18:00", "is not a weekday"),
        ("Mon 08:00-18:61", "between 00:00 and 24:00"),
        ("Mon 24:00-24:00", "between 00:00 and 24:00"),
        ("Mon 08:00-18:00 Mars/Base", "is not a time zone"),
    ],
)
def test_refuses(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hours.parse(text)


@given(
    st.lists(
        st.tuples(st.sampled_from(hours.DAYS), st.integers(0, 1439), st.integers(0, 1440)),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.integers(1_700_000_000, 1_800_000_000),
)
def test_the_next_start_is_within_the_hours(spans: list[tuple[str, int, int]], zone: str, wall: int) -> None:
    form = "{} {:02}:{:02}-{:02}:{:02}"
    text = ", ".join(form.format(day, *divmod(a, 60), *divmod(b, 60)) for day, a, b in spans)
    found = hours.parse(f"{text} {zone}")
    start = found.next_start(wall)
    assert wall <= start <= wall + 8 * 86_400
    # A start inside the hour that summer time skips begins on the other side of the gap.
    assert found.covers(start) or any(found.covers(start + step) for step in (3_600, -3_600))
