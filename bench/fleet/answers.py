"""Teams that answer questions: some soon, some late or never; mostly rightly, and never twice in the same words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fleet.calendar import DAY
from gadfly.ask.answers import WRONG
from gadfly.ask.question import Answer, Question


class People:
    """What they say, and when. A question about a seeded defect, or what it altered, leads to a change or to
    an acceptance with a reason in 85 of 100 cases, and is called wrong in 6; one about anything else is called wrong
    four times in five. They take hours to days; one in twelve is never answered.
    """

    def __init__(self, seed: int, teams: list[str], real: Callable[[Question], bool]) -> None:
        self.seed = seed
        self.teams = teams
        self.real = real

    def __call__(self, question: Question, now: float) -> Answer | None:
        if question.state != "open":
            return None
        rng = np.random.default_rng((self.seed, question.id, len(question.moves)))
        if rng.random() < 1 / 12 or now < question.moves[-1].at + float(
            rng.lognormal(np.log(1.2 * DAY), 0.9)
        ):
            return None
        took = float(rng.lognormal(np.log(150), 0.6))
        draw = rng.random()
        if not self.real(question):
            draw = 0.9 if draw < 0.8 else 0.6
        if draw < 0.5:
            return Answer(answer="change", by="person:one", change=f"edit {question.id}", took=took)
        if draw < 0.85:
            reason = f"stands until the work of quarter {question.id} is done"
            return Answer(answer="accept", by="person:one", reason=reason, until=now + 80 * DAY, took=took)
        if draw < 0.91:
            return Answer(
                answer="wrong", by="person:one", reason=tuple(WRONG)[question.id % len(WRONG)], took=took
            )
        if len(question.moves) > 1 or question.heading:
            return None  # it was handed on once
        others = [name for name in self.teams if name != question.holder]
        knows = others[int(rng.integers(len(others)))]
        return Answer(answer="unknown", by="person:one", knows=knows, took=took)
