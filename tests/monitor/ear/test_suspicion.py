"""The timing of suspicion, as tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gadfly.monitor import suspicion


@pytest.mark.parametrize(
    ("interval", "jitter", "margin"),
    [
        (1.0, 0.0, 0.1),  # a tenth is always usual
        (1.0, 0.01, 0.1),
        (1.0, 0.05, 0.2),  # four mean deviations
        (1.0, 5.0, 1.0),  # never more than an interval
        (0.2, 0.0, 0.02),
        (0.02, 0.0, 0.01),  # the receiver's own few milliseconds
        (60.0, 0.0, 6.0),
    ],
)
def test_margin(interval: float, jitter: float, margin: float) -> None:
    got = suspicion.margin(np.array([interval]), np.array([jitter]))
    assert got == pytest.approx([margin])


@pytest.mark.parametrize(("ms", "seconds"), [(1000, 1.0), (0, 0.02), (1, 0.02), (200, 0.2)])
def test_effective_interval(ms: int, seconds: float) -> None:
    assert suspicion.effective(np.array([ms], np.uint32)) == pytest.approx([seconds])


@pytest.mark.parametrize(
    ("elapsed", "after"),
    [
        (1.0, 0.07),  # on time: an eighth is forgotten
        (1.08, 0.08),
        (0.92, 0.08),  # early counts as late does
        (3.0, 0.07),  # two lost beats are no jitter
        (3.08, 0.08),
        (0.0, 0.1325),  # two at once: half an interval at most
    ],
)
def test_jitter(elapsed: float, after: float) -> None:
    got = suspicion.next_jitter(np.array([0.08]), np.array([1.0]), np.array([elapsed]))
    assert got == pytest.approx([after])


def test_a_new_component_gets_a_quarter_interval_and_soon_a_tenth() -> None:
    one, jitter = np.array([1.0]), suspicion.first_jitter(np.array([1.0]))
    assert suspicion.margin(one, jitter) == pytest.approx([0.25])
    for _ in range(8):
        jitter = suspicion.next_jitter(jitter, one, one)
    assert suspicion.margin(one, jitter) == pytest.approx([0.1])


@pytest.mark.parametrize(
    ("interval", "round_trip", "tries", "wait"),
    [
        (1.0, 0.01, 1, 0.15),
        (1.0, 0.01, 3, 0.15),  # three tries end within half an interval
        (1.0, 0.01, 5, 0.15 * 1.15**2),
        (1.0, 0.3, 1, 0.3),  # a slow network gets its time
        (60.0, 0.01, 1, 3.0),
        (1.0, 0.01, 60, 1.2),  # grows eightfold at most
    ],
)
def test_spacing(interval: float, round_trip: float, tries: int, wait: float) -> None:
    got = suspicion.spacing(np.array([interval]), np.array([round_trip]), np.array([tries], np.uint8))
    assert got == pytest.approx([wait])


def test_three_tries_fit_in_half_an_interval() -> None:
    one = np.array([1.0])
    waits = [suspicion.spacing(one, np.array([0.01]), np.array([k]))[0] for k in (1, 2, 3)]
    assert sum(waits) <= 0.5


@pytest.mark.parametrize(
    ("late_per_second", "mistakes", "nats"),
    [
        (1 / 3600, 1.0, math.log(suspicion.MONTH / 3600)),
        (1 / 3600, 0.1, math.log(suspicion.MONTH / 360)),  # fewer mistakes, more patience
        (200.0, 1.0, math.log(200 * suspicion.MONTH)),
        (0.0, 1.0, 3.0),
        (1e-9, 1.0, 3.0),
    ],
)
def test_patience(late_per_second: float, mistakes: float, nats: float) -> None:
    assert suspicion.patience(late_per_second, mistakes) == pytest.approx(nats)


@pytest.mark.parametrize(
    ("tries", "missed", "nats"),
    [
        (0, 0, 0.0),
        (1, 0, -math.log(0.1)),
        (3, 0, -math.log(0.1) - 2 * math.log(0.2)),
        (3, 2, -math.log(0.1) - 2 * math.log(0.2) - 2 * math.log(0.3)),
        (0, 4, -4 * math.log(0.3)),
    ],
)
def test_evidence(tries: int, missed: int, nats: float) -> None:
    chances = (np.array([0.1]), np.array([0.2]), np.array([0.3]))
    got = suspicion.evidence(np.array([tries], np.uint8), np.array([missed]), *chances)
    assert got == pytest.approx([nats])


@pytest.mark.parametrize(
    ("tries", "missed", "nats", "believed"),
    [
        (3, 0, 7.0, True),
        (3, 0, 6.9, False),
        (2, 0, 99.0, False),  # never before the third try
        (0, 2, 7.0, True),
        (0, 1, 99.0, False),
    ],
)
def test_believed(tries: int, missed: int, nats: float, believed: bool) -> None:
    got = suspicion.believed(np.array([tries]), np.array([missed]), np.array([nats]), 7.0)
    assert got.tolist() == [believed]


@pytest.mark.parametrize(
    ("text", "a_month"),
    [
        ("1 per node-month", 1.0),
        ("1 per node-year", 1 / 12),
        ("0.5 per week", 0.5 * 30.44 / 7),
        (" 2 per node-day ", 2 * 30.44),
    ],
)
def test_mistakes(text: str, a_month: float) -> None:
    assert suspicion.mistakes_per_month(text) == pytest.approx(a_month)


@pytest.mark.parametrize(
    "text", ["", "1", "one per node-month", "0 per node-month", "1 per century", "inf per day"]
)
def test_mistakes_that_say_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="1 per node-month"):
        suspicion.mistakes_per_month(text)


@pytest.mark.parametrize(
    ("alive", "tries", "missed", "nats"),
    [
        (0.001, 0, 2, -math.log(0.001) - 2 * math.log(0.3)),  # not asked: what became of its like
        (0.001, 1, 0, -math.log(0.001)),
        (0.5, 3, 0, -math.log(0.1) - 2 * math.log(0.2)),  # its own silence says more
    ],
)
def test_evidence_of_others(alive: float, tries: int, missed: int, nats: float) -> None:
    chances = (np.array([0.1]), np.array([0.2]), np.array([0.3]))
    got = suspicion.evidence(np.array([tries], np.uint8), np.array([missed]), *chances, np.array([alive]))
    assert got == pytest.approx([nats])


@pytest.mark.parametrize(
    ("interval", "silent", "outage"),
    [(1.0, 1.9, False), (1.0, 2.1, True), (0.2, 0.45, False), (0.2, 0.55, True), (60.0, 100.0, False)],
)
def test_away_or_only_unheard(interval: float, silent: float, outage: bool) -> None:
    assert suspicion.was_outage(np.array([interval]), np.array([silent])).tolist() == [outage]
