"""One fleet, watched day by day through the public way: facts in, questions out, answers in."""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from fleet import score
from fleet.answers import People
from fleet.build import build
from fleet.calendar import DAYS, WATCHED, at, day_number
from fleet.truth import Defect
from gadfly.ask import kinds as catalogue
from gadfly.ask.evaluate import Evaluation
from gadfly.ask.kind import Kind
from gadfly.ask.life import Book, Rules
from gadfly.ask.life.bundle import bundles
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.sighting import found, sight
from gadfly.ask.question import Question
from gadfly.ask.replay import replay, teams
from gadfly.ask.world import World


@dataclass(slots=True)
class Outcome:
    """What came of one fleet."""

    seed: int
    defects: list[Defect]
    first: dict[tuple[str, str], float] = field(default_factory=dict)
    """By kind and sort: the day on which it would have been asked."""
    asked: set[str] = field(default_factory=set)
    """Kinds whose seed was really asked about, within the budget."""
    false: list[score.Seen] = field(default_factory=list)
    weeks: float = 0.0
    ndcg: list[float] = field(default_factory=list)
    team_ndcg: list[float] = field(default_factory=list)
    week: int = 0
    """The most questions that came to one team in seven days, without those on safety beyond the budget."""
    week_all: int = 0
    questions: int = 0
    trouble: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0


def watch(seed: int, components: int, days: int, *, files: bool) -> Outcome:
    """Build it and go through its last `days` days. files: by a folder of files, as a stranger would."""
    began = time.perf_counter()
    fleet = build(seed, components)
    outcome = Outcome(seed, fleet.defects)
    known = catalogue.load()
    world = World(threads=1)
    built = time.perf_counter()
    if files:
        with tempfile.TemporaryDirectory(prefix="gadfly-fleet-") as folder:
            fleet.write(Path(folder) / "facts")
            world.folder(Path(folder) / "facts")
    else:
        for table in fleet.tables.rows:
            world.add(table, fleet.tables.whole(table))
    loaded = time.perf_counter()
    with world:
        _days(world, known, outcome, days, [team.name for team in fleet.ordinary])
    outcome.weeks = fleet.watched_weeks() * days / (DAYS - WATCHED)
    outcome.seconds = {"build": built - began, "load": loaded - built, "watch": time.perf_counter() - loaded}
    outcome.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome


def _days(world: World, known: dict[str, Kind], outcome: Outcome, days: int, names: list[str]) -> None:
    seeds = [one for one in outcome.defects if one.sort == "seed"]
    sightings, book, rules = score.Sightings(), Book(), Rules(known, seed=outcome.seed)
    fresh = Book()
    where: dict[tuple[str, str], str | None] = {}

    def real(question: Question) -> bool:
        return any(
            score.met(one, question.kind, subject, where.get((question.kind, subject)))
            for one in seeds
            if one.kind == question.kind
            for subject in question.subjects
        )

    first = day_number(DAYS - days)
    people = People(outcome.seed, names, real)
    for day in replay(world, known, first, day_number(DAYS), answering=people, book=book, seed=outcome.seed):
        number = day.day - day_number(0)
        outcome.trouble |= day.evaluation.trouble
        rows = [
            (one.kind, one.subject, one.component, known[one.kind].sightings)
            for one in day.evaluation.findings
        ]
        where.update({(kind, subject): component for kind, subject, component, _ in rows})
        sightings.day(number, rows)
        draft = Draft(fresh, teams(world), at(number))
        sight(draft, found(day.evaluation, rules), rules, at(number))
        if number > DAYS - days and (number - (DAYS - days)) % 7 == 1:
            _order(draft, day.evaluation, rules, outcome, seeds)
        fresh.apply(draft.steps())
    _score(outcome, sightings, book, real)


def _order(draft: Draft, evaluation: Evaluation, rules: Rules, outcome: Outcome, seeds: list[Defect]) -> None:
    """The order in which everything due would be asked, had nothing been asked yet."""
    harms: list[tuple[float, float]] = []
    for due in bundles(draft, found(evaluation, rules), rules).values():
        mine = [
            (one.priority, _harm(one.kind.name, [each.finding for each in one.due], seeds)) for one in due
        ]
        harms += mine
        if len(mine) > 1:
            outcome.team_ndcg.append(
                score.ndcg([harm for _, harm in sorted(mine, reverse=True)], [h for _, h in mine])
            )
    ordered = [harm for _, harm in sorted(harms, key=lambda pair: -pair[0])]
    outcome.ndcg.append(score.ndcg(ordered, ordered))


def _harm(kind: str, findings: list, seeds: list[Defect]) -> float:  # type: ignore[type-arg]
    return max(
        (
            float(one.harm)
            for one in seeds
            for each in findings
            if score.met(one, kind, each.subject, each.component)
        ),
        default=0.0,
    )


def _score(outcome: Outcome, sightings: score.Sightings, book: Book, real: object) -> None:
    for one in outcome.defects:
        days = [
            seen.day
            for seen in sightings.seen.values()
            if score.met(one, seen.kind, seen.subject, seen.component)
        ]
        if days:
            outcome.first[one.kind, one.sort] = min(days)
    where = {key: seen.component for key, seen in sightings.seen.items()}
    for question in book.questions.values():
        for one in outcome.defects:
            if one.sort == "seed" and any(
                score.met(one, question.kind, subject, where.get((question.kind, subject)))
                for subject in question.subjects
            ):
                outcome.asked.add(one.kind)
    outcome.false = score.false(sightings.seen.values(), outcome.defects)
    outcome.questions = sum(not question.part for question in book.questions.values())
    came: dict[str, list[tuple[float, bool]]] = {}
    for question in book.questions.values():
        if not question.part:
            for move in question.moves:
                came.setdefault(move.team, []).append((move.at, move.extra))
    outcome.week = max(
        (score.busiest(t for t, extra in moves if not extra) for moves in came.values()), default=0
    )
    outcome.week_all = max((score.busiest(t for t, _ in moves) for moves in came.values()), default=0)
