"""Steps of the calendar that are not equally long: months, quarters, years, and working days."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAY = 86_400.0
YEAR = 365 * DAY
WEEKS = 2
"""Weeks that must have had no rows on Saturday and Sunday."""
LATEST = 1e12
"""Seconds: no calendar reaches that far."""


class Steps(NamedTuple):
    """Where each row stands, and when a step is."""

    place: NDArray[np.int64]
    """Of each row, from the first."""
    seconds: float
    """Between two steps, on average."""
    time: Callable[[int], float]
    """The seconds since the epoch of a place."""


def months(at: NDArray[np.float64]) -> Steps | None:
    """Of rows (sorted, UTC) whole months apart, all on one day of the month, or on its last; else None."""
    import numpy as np

    clock = float(at[0] % DAY)
    if (at % DAY != clock).any() or np.abs(at).max() > LATEST:
        return None
    days = np.floor(at / DAY).astype("M8[D]")
    month = days.astype("M8[M]")
    day = (days - month.astype("M8[D]")).astype(int)
    last = bool(((month + 1).astype("M8[D]") - days == np.timedelta64(1, "D")).all())
    if not last and (np.ptp(day) or day[0] >= 28):
        return None
    number = month.astype(int)
    each = int(np.gcd.reduce(np.diff(number)))
    if not each or float(np.median(np.diff(at))) < 28 * DAY:
        return None

    def time(place: int) -> float:
        then = month[0] + each * place
        on = (then + 1).astype("M8[D]") - 1 if last else then.astype("M8[D]") + int(day[0])
        return float(on.astype(int)) * DAY + clock

    return Steps((number - number[0]) // each, YEAR * each / 12, time)


def working_days(at: NDArray[np.float64]) -> Steps | None:
    """Of daily rows (sorted, UTC) over some weeks, none of which is on a Saturday or a Sunday; else None."""
    import numpy as np

    clock = float(at[0] % DAY)
    if (at % DAY != clock).any() or np.abs(at).max() > LATEST or at[-1] - at[0] < WEEKS * 7 * DAY:
        return None
    week, day = np.divmod(np.floor(at / DAY).astype(int) + 3, 7)  # the epoch was a Thursday
    if (day > 4).any() or float(np.median(np.diff(at))) != DAY:
        return None
    number = 5 * week + day

    def time(place: int) -> float:
        week, day = divmod(int(number[0]) + place, 5)
        return (7 * week + day - 3) * DAY + clock

    return Steps(number - number[0], 7 * DAY / 5, time)
