"""Answers of probes become series under blackbox_exporter's names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gadfly.config.probe import HttpProbe
from gadfly.monitor.check import Check
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.own_probes import Labels, Probes, Row

CHECK = Check("page", "http", "", HttpProbe(url="http://127.0.0.1/"))
NAMED = Check("page", "http", "deep", HttpProbe(url="http://127.0.0.1/deep"))
WHO = {"component": "page", "owner": "web"}
PASS = Result(
    outcome=Outcome.passing,
    reason="",
    seconds=0.1234567,
    phases={"dns": 0.01, "connect": 0.02},
    certificate_expires=1_900_000_000.4,
)


class Opened:
    def __init__(self, room: int = 100) -> None:
        self.labels: list[Labels] = []
        self.probes = Probes(room)

    def open(self, labels: Sequence[Labels]) -> np.ndarray:
        self.labels += labels
        return np.arange(len(self.labels) - len(labels), len(self.labels), dtype=np.int64)

    def rows(self, check: Check, result: Result, who: Labels = WHO) -> list[Row]:
        return self.probes.rows(check, result, who, self.open)

    def told(self, rows: list[Row]) -> dict[str, float | None]:
        def name(one: Labels) -> str:
            return " ".join(filter(None, (one["__name__"], one.get("phase"), one.get("check"))))

        return {name(self.labels[series]): value for series, value in rows}


def test_an_answer_is_success_durations_and_the_certificate() -> None:
    opened = Opened()
    assert opened.told(opened.rows(CHECK, PASS)) == {
        "probe_success": 1.0,
        "probe_duration_seconds": 0.12346,
        "probe_duration_seconds dns": 0.01,
        "probe_duration_seconds connect": 0.02,
        "probe_ssl_earliest_cert_expiry": 1_900_000_000,
    }
    assert opened.labels[0] == {"__name__": "probe_success", **WHO, "probe": "http"}
    assert opened.probes.count == 5


def test_a_warning_is_a_success_and_a_failure_is_none() -> None:
    opened = Opened()
    warn = Result(outcome=Outcome.warn, reason="slow", seconds=2.0)
    fail = Result(outcome=Outcome.fail, reason="refused", seconds=0.1)
    assert opened.told(opened.rows(CHECK, warn))["probe_success"] == 1.0
    assert opened.told(opened.rows(CHECK, fail))["probe_success"] == 0.0
    assert len(opened.labels) == 2


def test_a_phase_that_was_not_reached_ends_and_begins_again() -> None:
    opened = Opened()
    opened.rows(CHECK, PASS)
    refused = Result(outcome=Outcome.fail, reason="refused", seconds=0.1, phases={"dns": 0.01})
    told = opened.told(opened.rows(CHECK, refused))
    assert told["probe_duration_seconds connect"] is None
    assert told["probe_ssl_earliest_cert_expiry"] is None
    assert opened.probes.count == 3
    assert opened.told(opened.rows(CHECK, PASS))["probe_duration_seconds connect"] == 0.02


def test_where_nobody_could_ask_everything_ends() -> None:
    opened = Opened()
    opened.rows(CHECK, PASS)
    told = opened.told(opened.rows(CHECK, Result(outcome=Outcome.unknown, reason="no socket")))
    assert set(told.values()) == {None}
    assert len(told) == 5
    assert opened.probes.count == 0


def test_two_probes_of_a_kind_are_told_apart() -> None:
    opened = Opened()
    opened.rows(CHECK, PASS)
    assert "probe_success deep" in opened.told(opened.rows(NAMED, PASS))


def test_another_owner_is_another_series() -> None:
    opened = Opened()
    opened.rows(CHECK, PASS)
    rows = opened.rows(CHECK, PASS, {**WHO, "owner": "ops"})
    assert [value for _, value in rows[:5]] == [None] * 5
    assert opened.labels[5]["owner"] == "ops"
    assert opened.probes.count == 5


def test_what_is_declared_no_more_ends() -> None:
    opened = Opened()
    opened.rows(CHECK, PASS)
    opened.rows(NAMED, PASS)
    ended = opened.probes.keep([NAMED])
    assert sorted(ended) == [(n, None) for n in range(5)]
    assert opened.probes.count == 5


def test_beyond_the_room_a_probe_has_no_series_and_is_counted() -> None:
    opened = Opened(room=7)
    opened.rows(CHECK, PASS)
    assert opened.rows(NAMED, PASS) == []
    assert opened.rows(NAMED, PASS) == []
    assert opened.probes.refused == {NAMED.key}
    opened.probes.keep([NAMED])
    assert len(opened.rows(NAMED, PASS)) == 5
    assert opened.probes.refused == set()
