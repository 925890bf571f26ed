"""The life of a question, from its first sighting to what its answer taught. Pure.

::

    seen once ─▶ seen twice ─▶ asked ─▶ changed ──▶ measured after `observe` days
                                 │  ├──▶ accepted until a date, or until it is 25 % worse
                                 │  ├──▶ wrong: muted until its kind changes
                                 │  └──▶ not known yet: to who could know, and back
                                 ├─▶ withdrawn: the evidence is gone, or its kind is muted
                                 ├─▶ its owner is declared no longer: to who answers now
                                 └─▶ nobody answers: the owner's owner, then an open assumption

:func:`advance` and :func:`answer` return :class:`Steps`. Whoever calls writes them, with the entries of
:mod:`gadfly.ask.entries`, in one transaction, and then lets the :class:`Book` take them over.
"""

from gadfly.ask.life.advance import advance
from gadfly.ask.life.answering import answer
from gadfly.ask.life.book import Book
from gadfly.ask.life.matter import Matter
from gadfly.ask.life.rules import Rules
from gadfly.ask.life.standing import decisions, facts
from gadfly.ask.life.steps import Event, Lowering, Steps, Told, settled
from gadfly.ask.life.team import Team

__all__ = [
    "Book",
    "Event",
    "Lowering",
    "Matter",
    "Rules",
    "Steps",
    "Team",
    "Told",
    "advance",
    "answer",
    "decisions",
    "facts",
    "settled",
]
