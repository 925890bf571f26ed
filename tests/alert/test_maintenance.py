import datetime as dt

import pytest

from gadfly.alert.maintenance import next_edge, until, words
from gadfly.config.alerting import Maintenance
from gadfly.config.section import Duration

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC).timestamp()  # a Saturday
HOUR = 3600.0


def once(starts: float | None, ends: float | None) -> Maintenance:
    def at(hours: float | None) -> dt.datetime | None:
        return None if hours is None else dt.datetime.fromtimestamp(NOON + hours * HOUR, dt.UTC)

    return Maintenance(match={"a": "b"}, because="upgrade", starts=at(starts), ends=at(ends))


def cron(schedule: str, hours: float = 2.0) -> Maintenance:
    return Maintenance(match={"a": "b"}, because="upgrade", schedule=schedule, lasts=Duration(hours * HOUR))


@pytest.mark.parametrize(
    ("window", "closes", "edge"),
    [
        (once(-1, 1), 1, 1),
        (once(1, 2), None, 1),
        (once(-2, -1), None, None),
        (once(-1, None), float("inf"), None),
        (once(None, 1), 1, 1),
        (once(0, 1), 1, 1),
        (cron("0 12 * * 6"), 2, 2),
        (cron("30 11 * * 6"), 1.5, 1.5),
        (cron("0 13 * * 6 Europe/Berlin"), 2, 2),
        (cron("0 10 * * 6"), None, 166),
        (cron("0 10 * * 6", 3), 1, 1),
        (cron("0 13 * * 6"), None, 1),
    ],
)
def test_at_noon(window: Maintenance, closes: float | None, edge: float | None) -> None:
    def hours(wall: float | None) -> float | None:
        return None if wall is None else (wall - NOON) / HOUR

    assert hours(until(window, NOON)) == closes
    assert hours(next_edge(window, NOON)) == edge


def test_a_night_with_a_change_of_clocks_has_its_window_once() -> None:
    window = cron("30 2 * * * Europe/Berlin", 0.5)
    midnight = dt.datetime(2026, 10, 25, 0, tzinfo=dt.UTC).timestamp() - HOUR
    open_minutes = sum(until(window, midnight + 60 * minute) is not None for minute in range(6 * 60))
    assert open_minutes == 30


def test_in_words() -> None:
    assert words(once(0, 1)) == "maintenance: upgrade"


def test_in_words_with_who_answers_for_it() -> None:
    window = Maintenance(match={"a": "b"}, because="upgrade", owner="dba")
    assert words(window) == "maintenance by dba: upgrade"
