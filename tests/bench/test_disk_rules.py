"""The rules that the disks' bench compares with are those of PromQL; its disks are the same each time."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import disk_rules
import disks


def test_predict_linear_goes_on_as_a_line_does() -> None:
    line = 1000 - 3.0 * np.arange(100)
    found = disk_rules.predict_linear(line[None, :], 3600, 6000)[0]
    assert np.isnan(found[:11]).all()
    assert np.allclose(found[11:], line[11:] - 3.0 * 20)


def test_a_condition_must_hold_for_so_long() -> None:
    condition = np.array([[True, True, False, True, True, True]])
    assert disk_rules.held(condition, 120)[0].tolist() == [False, True, False, False, True, True]


def test_the_same_seed_gives_the_same_disks() -> None:
    one, two, other = (disks.simulate(seed, 2, 2) for seed in (1, 1, 2))
    assert np.array_equal(one.free, two.free)
    assert not np.array_equal(one.free, other.free)
    assert (one.free >= 0).all()
    assert (one.free <= one.size[:, None]).all()
