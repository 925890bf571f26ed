"""What one query may cost. A query that would cost more ends with an error and without an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Passed to the evaluator, and by it to the source."""

    samples: int = 50_000_000
    """Samples read or held at once; the default of Prometheus' query.max-samples."""
    series: int = 1_000_000
    """Series that one selector may read: what the labels of so many cost is still bearable."""
    seconds: float = 120.0
    """Wall time of a query; the default of Prometheus' query.timeout."""
    points: int = 11_000
    """Steps of a range query; as Prometheus, and enough for a week at one a minute."""
    lookback_ms: int = 300_000
    """How far back an instant selector sees; Prometheus' default of five minutes."""
    subquery_step_ms: int = 60_000
    """The step of a subquery that names none: Prometheus' default evaluation interval."""
