"""Values with times → values on equal steps, as a forecast needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gadfly.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPARSE = 20
"""There may be so many times more steps than values; beyond that the times are no steps."""


def on_steps(
    at: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[float, float, NDArray[np.float64]]:
    """The last step's time, seconds between two steps, and float64[steps], NaN where nothing was measured.

    at: float64[rows], seconds, in any order. The step is the usual time between two rows; of several values
    in one step the last counts. FormatError when the times are too uneven for that.
    """
    import numpy as np

    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    apart = np.diff(at)
    apart = apart[apart > 0]
    if not len(apart):
        return float(at[-1]), 1.0, values[-1:]
    step = float(np.median(apart))
    place = np.round((at - at[0]) / step)
    if place[-1] > SPARSE * len(at) + 1000:
        raise FormatError(
            f"the times are too uneven to forecast: mostly {step:g} s apart, but with far longer gaps"
        )
    out = np.full(int(place[-1]) + 1, np.nan)
    out[place.astype(np.int64)] = values
    return float(at[0] + step * place[-1]), step, out
