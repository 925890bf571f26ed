"""Timers of systemd: their files, and the times that cron could say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.survey.timer import calendar, job, service_of, unit
from gadfly.functions.trigger import cron


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("daily", "0 0 * * *"),
        ("weekly", "0 0 * * 1"),
        ("Hourly", "0 * * * *"),
        ("*-*-* 06:00:00", "0 6 * * *"),
        ("*-*-* 6,18:00", "0 6,18 * * *"),
        ("Mon..Fri 08:30 Europe/Berlin", "30 8 * * 1-5 Europe/Berlin"),
        ("Sun *-*-* 03:10:00", "10 3 * * 0"),
        ("Sat..Sun 10:00 UTC", "0 10 * * 6-7 UTC"),
        ("mon,wed 09:05", "5 9 * * 1,3"),
        ("*-*-01 04:00", "0 4 1 * *"),
        ("*-01,07-01 00:00:00", "0 0 1 1,7 *"),
        ("*:0/15", "*/15 * * * *"),
        ("every 15min", "*/15 * * * *"),
        ("every 1d", "0 0 * * *"),
        ("every 6h", "0 */6 * * *"),
        ("every 7min", ""),
        ("every 90s", ""),
        ("2026-01-01 00:00", ""),
        ("*-*~1 04:00", ""),
        ("Mon *-*-01 04:00", ""),
        ("*:*:0/10", ""),
        ("", ""),
    ],
)
def test_a_calendar_as_cron_writes_it(text: str, schedule: str) -> None:
    assert calendar(text) == schedule
    if schedule:
        cron.parse(schedule)


def test_a_unit_with_drop_ins_and_continued_lines() -> None:
    text = (
        "# c\n[Service]\nExecStart=/bin/a \\\n  b\nUser=x\n[Service]\nExecStart=\nExecStart=-/bin/c\nstray\n"
    )
    assert unit(text) == {"Service.ExecStart": ["-/bin/c"], "Service.User": ["x"]}


def test_a_timer_and_its_service_are_a_job() -> None:
    timer = unit("[Timer]\nOnCalendar=daily\nUnit=other.service\n")
    assert service_of("note.timer", timer) == "other.service"
    service = unit(
        "[Unit]\nDescription=Morning note\n[Service]\nUser=app\nExecStart=@/bin/a x\nExecStart=!/bin/b\n"
    )
    found = job("note.timer", "/etc/note.timer", timer, service)
    assert (found.name, found.schedule, found.user, found.command, found.about) == (
        "note",
        "0 0 * * *",
        "app",
        "/bin/a x && /bin/b",
        "Morning note",
    )
    several = job("n.timer", "x", unit("[Timer]\nOnCalendar=daily\nOnCalendar=weekly\n"), {})
    assert (several.schedule, several.when, several.user) == ("", "daily, weekly", "root")
    assert job("n.timer", "x", unit("[Timer]\nOnBootSec=5\n"), {}).when == "at the start of the machine"


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = unit(text)
    job("n.timer", "x", found, found)
    calendar(text)
