"""Values with times → values on equal steps, as a forecast needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gadfly.cli.predict.dates import months, working_days
from gadfly.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPARSE = 20
"""There may be so many times more steps than values; beyond that the times are no steps."""


def on_steps(
    at: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[Callable[[int], float], float, NDArray[np.float64]]:
    """The time of the n-th step after the last, seconds between two, and float64[steps], NaN: not measured.

    at: float64[rows], seconds, in any order. The step is the usual time between two rows, or one of the
    calendar: months, working days. Of several values in one step the last counts. FormatError when the times
    are too uneven for that.
    """
    import numpy as np

    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    apart = np.diff(at)
    apart = apart[apart > 0]
    if not len(apart):
        return lambda ahead: float(at[-1]) + ahead, 1.0, values[-1:]
    each = np.concatenate([at[:1], at[1:][np.diff(at) > 0]])
    step = float(np.median(apart))
    if found := months(each) or working_days(each):
        step, time, place = found.seconds, found.time, found.place[np.searchsorted(each, at)]
    else:
        first = float(at[0])
        time, place = lambda place: first + step * place, np.round((at - first) / step)
    if place[-1] > SPARSE * len(at) + 1000:
        raise FormatError(
            f"the times are too uneven to forecast: mostly {step:g} s apart, but with far longer gaps"
        )
    last = int(place[-1])
    out = np.full(last + 1, np.nan)
    out[place.astype(np.int64)] = values
    return lambda ahead: time(last + ahead), step, out
