"""How the bench of questions counts what was found, what was false, and how well it was ordered."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from fleet import score
from fleet.truth import Defect

LOOP = Defect("loop", "seed", "deploy-12", ["deploy-12", "registry-7"], None, 0, 1, 3, "deploy-12",
              touched=["deploy-12", "registry-7", "other-99"])  # fmt: skip


def test_two_in_a_row_are_needed() -> None:
    sightings = score.Sightings()
    for day, found in ((1, ["a"]), (2, []), (3, ["a"]), (4, ["a"])):
        sightings.day(day, [("loop", one, None, 2) for one in found])
    assert [one.day for one in sightings.seen.values()] == [4]


@pytest.mark.parametrize(
    ("kind", "subject", "component", "met"),
    [
        pytest.param("loop", "deploy-12", None, True, id="subject"),
        pytest.param("loop", "x", "registry-7", True, id="component"),
        pytest.param("loop", "base-1 and registry-7", None, True, id="part of a pair"),
        pytest.param("unacted", "deploy-12", None, False, id="another kind"),
        pytest.param("loop", "other-99", None, False, id="touched only"),
    ],
)
def test_whether_a_finding_is_about_a_defect(
    kind: str, subject: str, component: str | None, met: bool
) -> None:
    assert score.met(LOOP, kind, subject, component) is met


def test_false_is_what_is_about_nothing_planted() -> None:
    seen = [score.Seen("unacted", subject, None, 1) for subject in ("other-99", "clean-3")]
    assert [one.subject for one in score.false(seen, [LOOP])] == ["clean-3"]


def test_the_best_order_is_worth_one_and_the_worst_less() -> None:
    assert score.ndcg([3, 2, 0], [0, 2, 3]) == pytest.approx(1)
    assert score.ndcg([0, 2, 3], [0, 2, 3]) < 0.8
    assert math.isnan(score.ndcg([0, 0], [0, 0]))


def test_only_the_first_ten_count() -> None:
    assert score.ndcg([0] * 10 + [3], [3] + [0] * 10) == 0


def test_the_busiest_week() -> None:
    day = 86_400.0
    assert score.busiest([0, day, 2 * day, 8 * day, 8.5 * day, 9.1 * day]) == 3
    assert score.busiest([]) == 0
