"""How many questions a team bears: open ones, new ones a day and a week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

from gadfly.ask.life.rules import DAY
from gadfly.ask.life.team import WEEK, Teams, clock, team
from gadfly.ask.question import Move
from gadfly.rate import WEEK as SECONDS

OPEN = 3
"""Open ones a team at most."""
A_DAY = 1
"""New ones a day, by the team's clock. Everybody in a team sees what it is asked, so it is one for each of
them."""
EXTRA = 1
"""On safety, beyond all of these, a day."""


class Spent:
    """What one team has had."""

    __slots__ = ("day", "extra", "open", "week")

    def __init__(self) -> None:
        self.open = self.day = self.extra = self.week = 0


class Budget:
    """What every team still bears at `now`.

    open: how many questions are at a team. moves: the newest that came to it.
    """

    def __init__(
        self, teams: Teams, now: float, open: Mapping[str, int], moves: Mapping[str, Iterable[Move]]
    ) -> None:
        self._teams = teams
        self._now = now
        self._open = open
        self._moves = moves
        self._spent: dict[str, Spent] = {}

    def room(self, name: str, *, safety: bool) -> Literal["", "room", "extra"]:
        """Whether one more may come to that team: as one of its budget, beyond it, or (empty) not."""
        spent = self._of(name)
        allowed = min(WEEK, team(self._teams, name).week)
        if spent.open < OPEN and spent.day < A_DAY and spent.week + 1 <= allowed:
            return "room"
        return "extra" if safety and spent.extra < EXTRA else ""

    def take(self, name: str, *, extra: bool) -> None:
        """One came."""
        spent = self._of(name)
        spent.open += 1
        spent.day += 1
        spent.week += 1
        spent.extra += extra

    def give(self, name: str) -> None:
        """One left, or was answered."""
        self._of(name).open -= 1

    def _of(self, name: str) -> Spent:
        found = self._spent.get(name)
        if found is None:
            found = self._spent[name] = Spent()
            found.open = self._open.get(name, 0)
            zone = clock(team(self._teams, name)).zone
            today = dt.datetime.fromtimestamp(self._now, zone).date()
            for move in self._moves.get(name, ()):
                # What came later than tomorrow came by a clock that was wrong.
                if not self._now - SECONDS < move.at <= self._now + DAY:
                    continue
                found.week += 1
                if dt.datetime.fromtimestamp(move.at, zone).date() == today:
                    found.day += 1
                    found.extra += move.extra
        return found
