"""Which question first: the one from which most is learnt in a minute of somebody's time.

priority = P(change | kind, team) * consequence * novelty / minutes
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

from gadfly.ask.finding import Finding
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.tripwire import worsened
from gadfly.ask.macros import upper90
from gadfly.ask.question import Question

SHRINK = 4.0
"""Answers of a team that weigh as much as what all the others together say of a kind: with fewer, one team's
mood would be taken for a rate."""
TIERS = {1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0}
SAFETY = 3.0
OFTEN = 1e6
"""Pages or acts a month at most that count: one every few seconds."""
MEASURED = 5
"""Measured answers from which on their median stands in place of the kind's estimate."""
KEPT = 50
"""Measured answers that are kept of a kind, the newest."""
SHORTEST, LONGEST = 0.5, 60.0
"""Minutes. Who answers in a second did not think; who left the page open did not either."""
ENOUGH = 12
"""Answers before a kind is asked less often."""
USEFUL = 0.4
"""Useful rate below which it is, by its 90 % upper bound."""
WRONG = 0.25
"""Share of answers that call it wrong, from which on it is asked half as often."""
SELDOM = 0.1
"""The least of a kind's asking probability: one that is never asked could not earn its place again."""
SELDOM_SAFETY = 0.5


class Tally:
    """Answers to one kind, in all or of one team."""

    __slots__ = ("answers", "useful", "wrong")

    def __init__(self) -> None:
        self.answers = self.useful = self.wrong = 0

    def add(self, question: Question, sign: int) -> None:
        self.answers += sign
        self.useful += sign * (question.answer in ("change", "accept"))
        self.wrong += sign * (question.answer == "wrong")

    @property
    def rate(self) -> float:
        """Mean of the Beta posterior of being useful."""
        return (self.useful + 1) / (self.answers + 2)

    @property
    def width(self) -> float:
        """Its variance."""
        a, b = self.useful + 1, self.answers - self.useful + 1
        return a * b / ((a + b) ** 2 * (a + b + 1))


NONE = Tally()
"""Of what nobody has answered yet."""


class Record:
    """What the answers taught so far. Answers are added as they come, and taken back where they change."""

    def __init__(self) -> None:
        self._kinds: dict[str, Tally] = {}
        self._teams: dict[tuple[str, str], Tally] = {}
        self._took: dict[str, list[tuple[int, float]]] = {}

    def add(self, question: Question, sign: int = 1) -> None:
        """An answered question; `sign` -1 takes it back."""
        if not question.answer:
            return
        self._kinds.setdefault(question.kind, Tally()).add(question, sign)
        self._teams.setdefault((question.kind, question.owner), Tally()).add(question, sign)
        if question.took is None:
            return
        took = self._took.setdefault(question.kind, [])
        one = (question.id, question.took)
        if sign > 0:
            took.append(one)
            took.sort()  # by id, so that the order in which rows are read does not matter
            del took[:-KEPT]
        elif one in took:
            took.remove(one)

    def kind(self, kind: str) -> Tally:
        return self._kinds.get(kind, NONE)

    def change(self, kind: str, team: str) -> float:
        """P(something is learnt | kind, team): the team's rate, shrunk to that of the kind."""
        own = self._teams.get((kind, team), NONE)
        return (own.useful + SHRINK * self.kind(kind).rate) / (own.answers + SHRINK)

    def minutes(self, kind: str, estimate: float) -> float:
        """Minutes that an answer takes."""
        took = self._took.get(kind, [])
        if len(took) < MEASURED:
            return estimate
        return min(LONGEST, max(SHORTEST, median(seconds for _, seconds in took) / 60))

    def probability(self, kind: str, *, safety: bool) -> float:
        """With which a due question of that kind is asked in a week; 1 until enough is known of it."""
        tally = self.kind(kind)
        if tally.answers < ENOUGH:
            return 1.0
        found = min(1.0, (upper90(tally.useful, tally.answers) or 0.0) / USEFUL)
        if tally.wrong >= WRONG * tally.answers:
            found /= 2
        return max(SELDOM_SAFETY if safety else SELDOM, found)


def novelty(matter: Matter) -> float:
    """1 the first time, half as much each time after that; 1 again after it grew worse."""
    if matter.asked == 0 or worsened(matter.then, matter.worse):
        return 1.0
    return 0.5 ** min(matter.asked, 30)


def consequence(finding: Finding, *, safety: bool) -> float:
    """How much hangs on it: tier, what needs its component and itself, how often it happens."""
    reach = math.log2(2 + max(0, finding.downstream))
    exposure = min(finding.exposure, OFTEN) if finding.exposure > 0 else 1.0
    return TIERS.get(finding.tier, 2.0) * reach * exposure * (SAFETY if safety else 1.0)


def together(worths: Iterable[float]) -> float:
    """What several subjects in one question are worth: the second adds a half of itself, the third a third.
    A list is read once, and its first lines most."""
    ordered = sorted(worths, reverse=True)
    return sum(worth / place for place, worth in enumerate(ordered, 1))
