"""What is handed to the store, and what it answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Batch(NamedTuple):
    """Samples in columns of one length. Within a series in the order of their times; series in any order."""

    series: NDArray[np.int64]
    """Numbers that `Series.intern` gave. A negative one (a series that was refused) is left out, uncounted:
    the refusal was counted there."""
    at: NDArray[np.int64]
    """Milliseconds since the epoch."""
    value: NDArray[np.float64]
    """The stale marker is `gadfly.promql.source.STALE`, bit for bit."""


class Refusal(NamedTuple):
    """Samples or series of one source that were not taken, all for one reason."""

    reason: str
    """A key of `REASONS`."""
    number: int
    """How many."""
    exemplar: str
    """One of them as `name{label="value"} …`, shortened: where to look first."""

    def __str__(self) -> str:
        return f"{self.number} refused: {REASONS[self.reason]}; one of them: {self.exemplar}"


class Taken(NamedTuple):
    """What became of a batch, when it is on disk."""

    samples: int
    """Those that are kept. A repetition, same time and value, is neither counted here nor refused."""
    refused: tuple[Refusal, ...]


REASONS = {
    "series_per_source": "this source has too many live series; give it fewer labels, or raise "
    "series.series_per_source",
    "series": "the store knows too many series; give fewer labels, or raise series.series",
    "labels": "too many labels on one series; drop some at the sender, or raise series.labels",
    "label_length": "a label is too long; shorten it at the sender, or raise series.label_bytes",
    "label_name": "no metric name, or a label name that is none; correct the sender",
    "batch": "too many samples in one batch; send smaller ones, or raise series.batch",
    "too_far_ahead": "its time lies too far ahead; correct the sender's clock",
    "too_old": "its time lies before what is still open for writing; send within two hours; where "
    "this node's clock ran ahead and was corrected, restart it",
    "out_of_order": "older than the newest sample of its series; send in order; where this node's clock "
    "ran ahead and was corrected, restart it",
    "duplicate": "another value for a time that is taken; let only one sender write a series",
    "node_writes": "the node itself writes this series; give yours another label, or stop sending it",
    "taken_over": "the node itself writes this series now, and what lay ahead of it is gone; give yours "
    "another label, or stop sending it",
    "unknown_series": "a number that stands for no series; intern its labels again",
}
"""Why something is refused, and who must do what."""
