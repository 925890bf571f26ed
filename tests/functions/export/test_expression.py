"""Schedules and patterns as AWS writes them."""

from __future__ import annotations

import pytest

from gadfly.functions.export.expression import ExportError, filter_pattern, schedule


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ("15 3 * * *", "cron(15 3 * * ? *)"),
        ("*/15 * * * *", "cron(0,15,30,45 * * * ? *)"),
        ("0 8-18/2 * * 1-5", "cron(0 8,10,12,14,16,18 ? * MON,TUE,WED,THU,FRI *)"),
        ("0 0 1 1,7 *", "cron(0 0 1 1,7 ? *)"),
        ("0 0 L * *", "cron(0 0 L * ? *)"),
        ("0 0 * JAN-MAR *", "cron(0 0 * 1-3 ? *)"),
        ("0 4 * * 0", "cron(0 4 ? * SUN *)"),
        ("0 4 * * 7", "cron(0 4 ? * SUN *)"),
        ("0 4 * * mon,FRI", "cron(0 4 ? * MON,FRI *)"),
        ("0 4 * * 5#2", "cron(0 4 ? * 6#2 *)"),
        ("0 4 * * 5L", "cron(0 4 ? * 6L *)"),
        ("0 4 * * 6-7", "cron(0 4 ? * SUN,SAT *)"),
    ],
)
def test_a_schedule(fields: str, expression: str) -> None:
    assert schedule(fields) == expression


@pytest.mark.parametrize("fields", ["0 0 1 * 1", "0 4 * * LW"])
def test_a_schedule_that_aws_does_not_know(fields: str) -> None:
    with pytest.raises(ExportError):
        schedule(fields)


@pytest.mark.parametrize(
    ("match", "pattern"),
    [("", ""), ("ERROR", '"ERROR"'), ("out of memory", '"out of memory"'), ("5[0-9]+ in", "%5[0-9]+ in%")],
)
def test_a_pattern(match: str, pattern: str) -> None:
    assert filter_pattern(match) == pattern


@pytest.mark.parametrize("match", ["(?i)error", "a{3}", "ü", "100%"])
def test_a_pattern_that_aws_does_not_know(match: str) -> None:
    with pytest.raises(ExportError, match="simplify"):
        filter_pattern(match)
