"""The same questions to Debian's Prometheus, about the same samples: the same answers, or a reason why not.

Thousands of generated expressions (bench/promql_expressions.py) over series with resets, gaps, jitter, NaN,
infinities, stale markers and churn (bench/promql_world.py), each as an instant and as a range query; half of
the samples come to Prometheus as blocks, half by remote write.
"""

from __future__ import annotations

import collections
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gadfly.promql.held import Held

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import promql_compare as compare
from prometheus_peer import Prometheus, missing
from promql_world import BASE, made

pytestmark = [
    pytest.mark.slow,
    pytest.mark.first,
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, Held]]:
    lines = made(1)
    peer = Prometheus(tmp_path_factory.mktemp("prometheus"))
    peer.load_blocks(lines)
    try:
        peer.start()
        peer.write(lines)
        yield peer, Held((line.labels, np.array(line.at), np.array(line.value)) for line in lines)
    finally:
        peer.stop()


def unexplained(found: Iterator[compare.Difference]) -> tuple[list[compare.Difference], dict[str, int]]:
    kinds: collections.Counter[str] = collections.Counter()
    left = []
    for one in found:
        kinds[one.kind] += 1
        if one.kind not in ("same", "both refuse", *compare.EXPLAINED):
            left.append(one)
    return left, kinds


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_generated_expressions(both: tuple[Prometheus, Held], seed: int) -> None:
    left, kinds = unexplained(compare.differences(*both, 3000, seed))
    assert not left, "\n".join(map(str, left[:10]))
    assert kinds["same"] > 5000
    assert sum(kinds[name] for name in compare.EXPLAINED) < 60


def test_expressions_with_mistakes_are_refused_alike(both: tuple[Prometheus, Held]) -> None:
    left, kinds = unexplained(compare.refusals(*both, 5000, 21))
    assert not left, "\n".join(map(str, left[:10]))
    assert kinds["both refuse"] > 1000
    assert kinds["same"] > 500


def test_the_comparison_sees_a_difference(both: tuple[Prometheus, Held]) -> None:
    """Against samples of another seed, most answers differ."""
    peer, _held = both
    other = Held((line.labels, np.array(line.at), np.array(line.value)) for line in made(2))
    at = (BASE + 6000) * 1000
    kinds = {
        text: compare.compared(peer, other, text, at, None, 0).kind
        for text in ("req_total", "rate(req_total[5m])", "avg(temp)", "quantile(0.5, edge)")
    }
    assert kinds["avg(temp)"] == "value"
    assert kinds["rate(req_total[5m])"] in ("value", "elements")
    assert kinds["quantile(0.5, edge)"] == "same"
