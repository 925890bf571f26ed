"""By which time it is judged what is old enough to be forgotten: never by one look at the wall clock.

A clock may be set wrong by years, and what people said would be lost for good. So it is judged by the days
on which the data was looked at, and a wrong time has to last for several of them.
"""

from __future__ import annotations

import sqlite3

LOOKS = "evaluation"
"""Under which name of a table the days are kept on which the data was looked at."""
SEVERAL = 7
"""Days with a look that lie behind it: a clock that is wrong for a week has been noticed."""
_DAY = 86_400.0


def past(connection: sqlite3.Connection, now: float) -> float:
    """Wall seconds that are over for certain, at most `now`; 0: it was not looked on so many days yet."""
    row = connection.execute(
        "SELECT day FROM fact_daily WHERE tbl = ? ORDER BY day DESC LIMIT 1 OFFSET ?", (LOOKS, SEVERAL)
    ).fetchone()
    return 0.0 if row is None else min(now, row[0] * _DAY)


def looked_ahead(connection: sqlite3.Connection, now: float) -> int:
    """Forget the looks of days that are still to come: the clock was wrong. How many went."""
    return connection.execute(
        "DELETE FROM fact_daily WHERE tbl = ? AND day > ?", (LOOKS, int(now // _DAY) + 1)
    ).rowcount
