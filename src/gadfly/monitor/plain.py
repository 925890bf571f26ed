"""Components that only beat, and say nothing of themselves: most of a fleet, judged as arrays.

The table and the words are made of the one rule, :func:`gadfly.monitor.reconcile.verdict`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gadfly.monitor import reconcile
from gadfly.monitor.clause import clause
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.reconcile import Facts


def _table() -> npt.NDArray[np.uint8]:
    table = np.empty((len(Liveness), len(Status)), np.uint8)
    for liveness in Liveness:
        for status in Status:
            facts = Facts(liveness=liveness, status=status, waiting=True)
            table[liveness, status] = reconcile.verdict(facts)[0]
    return table


VERDICTS = _table()
"""Verdicts by liveness and status."""


@lru_cache(maxsize=4096)
def reason(liveness: int, status: int, why: int, interval: int) -> str:
    """The words for it. `why` is the ear's reason, `interval` in milliseconds."""
    words = clause(why, interval)
    return reconcile.verdict(
        Facts(liveness=Liveness(liveness), status=Status(status), why=words, waiting=True)
    )[1]
