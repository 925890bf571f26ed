"""The past asked again, day by day, as a node would have asked it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gadfly.ask.evaluate import Evaluation, evaluate
from gadfly.ask.kind import Kind
from gadfly.ask.life import Book, Rules, Steps, Team, advance, answer, facts
from gadfly.ask.question import Answer, Question
from gadfly.ask.world import World

DAY = 86_400.0
TURNS = (0.0, DAY / 3, DAY * 2 / 3)
"""Seconds after midnight (UTC) at which teams are asked: each one is awake at one of them at least."""
Answering = Callable[[Question, float], Answer | None]
"""What the team would say of an open question at a time; None: nothing yet."""


Look = Callable[[World, Mapping[str, Kind], float], Evaluation]
"""How the kinds are asked of the world at a time."""


class Day(NamedTuple):
    """One day that was gone through."""

    day: int
    """Since 1970."""
    evaluation: Evaluation
    steps: list[Steps]


def replay(
    world: World,
    kinds: Mapping[str, Kind],
    first: int,
    last: int,
    *,
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
    answering: Answering | None = None,
    book: Book | None = None,
    fallback: str = "",
    seed: int = 0,
    look: Look = evaluate,
) -> Iterator[Day]:
    """Go through the days `first` to `last` (since 1970), both of them, each looked at as it begins.

    The world holds the facts; `question` and `decision` of what is asked here are added to them for the time
    being. book: gets everything that is asked; give one to read it afterwards. look: asks a day's kinds, and
    may leave some out.

    Raises ConfigError: thresholds that no kind has.
    """
    book = Book() if book is None else book
    rules = Rules(kinds, thresholds=thresholds, fallback=fallback, seed=seed)
    try:
        for number in range(first, last + 1):
            dawn = number * DAY
            for table, columns in facts(book).items():
                world.lay(table, columns)
            found = look(world, rules.kinds, dawn)
            known = teams(world)
            day = Day(number, found, [])
            for turn in TURNS:
                now = dawn + turn
                _take(book, day, advance(book, found, known, now, rules, at=dawn))
                if answering is not None:
                    for question in [book.questions[id] for id in sorted(book.waiting)]:
                        said = answering(question, now)
                        if said is not None:
                            _take(book, day, answer(book, question, said, now, known))
            yield day
    finally:
        for table in facts(book):
            world.lay(table, {})


def _take(book: Book, day: Day, steps: Steps) -> None:
    book.apply(steps)
    day.steps.append(steps)


def teams(world: World) -> dict[str, Team]:
    """The teams as the facts know them at the world's time. One with an open incident is busy."""
    rows = world.ask(
        """
        SELECT o.name, any_value(o.parent) AS parent, any_value(o.zone) AS zone,
               max(o.members) AS members, bool_or(o.away) AS away,
               o.name IN (SELECT coalesce(i.owner, c.owner) FROM incident i
                          LEFT JOIN component c ON c.name = i.component
                          WHERE i.ended IS NULL AND coalesce(i.owner, c.owner) IS NOT NULL) AS busy
        FROM owner o WHERE o.name IS NOT NULL GROUP BY o.name
        """
    )
    return {
        row["name"]: Team(
            name=row["name"],
            parent=row["parent"] or "",
            zone=row["zone"] or "",
            members=1 if row["members"] is None else row["members"],
            away=bool(row["away"]),
            busy=bool(row["busy"]),
        )
        for row in rows
    }
