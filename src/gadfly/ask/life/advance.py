"""One turn: what an evaluation saw, what waits, and what is asked now.

::

    muted kinds ─▶ withdrawn
    owner declared no longer ─▶ who answers now
    findings ─▶ sightings ─▶ withdrawn · measured after a change
                         └─▶ due ─▶ bundled by owner ─▶ budgets, quiet times, order ─▶ asked
    waiting ─▶ escalated · referred · at rest · automations lowered
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gadfly.ask.life.book import Book
from gadfly.ask.life.bundle import bundles
from gadfly.ask.life.choosing import choose
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.inheritance import inherit
from gadfly.ask.life.observing import observe
from gadfly.ask.life.rules import Rules
from gadfly.ask.life.sighting import found, sight, unsight
from gadfly.ask.life.steps import Steps
from gadfly.ask.life.team import Teams
from gadfly.ask.life.waiting import wait
from gadfly.ask.life.withdrawal import dismiss, lapse, withdraw

if TYPE_CHECKING:
    from gadfly.ask.evaluate import Evaluation  # it brings DuckDB


def advance(
    book: Book,
    evaluation: Evaluation | None,
    teams: Teams,
    now: float,
    rules: Rules,
    *,
    at: float | None = None,
) -> Steps:
    """What follows at `now`. The book stays as it is: write the steps, then :meth:`Book.apply` them.

    evaluation: the newest, made at `at` (`now` where that is not given); None: only what waits is looked at.
    The same may be given again later, as teams wake up at different hours: it counts as one sighting.
    """
    draft = Draft(book, teams, now)
    dismiss(draft, rules)
    if evaluation is None:
        inherit(draft, {}, rules)
        wait(draft, rules)
        return draft.steps()
    seen = now if at is None else at
    findings = found(evaluation, rules)
    looked = evaluation.seconds.keys() - evaluation.trouble.keys()
    sight(draft, findings, rules, seen)
    withdraw(draft, unsight(draft, findings, looked, seen))
    lapse(draft)
    observe(draft, looked, rules, seen)
    inherit(draft, findings, rules)
    wait(draft, rules)
    choose(draft, bundles(draft, findings, rules), rules, seen, evaluation.told)
    return draft.steps()
