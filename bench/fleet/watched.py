"""One fleet, watched day by day through the public way: facts in, questions out, answers in."""

from __future__ import annotations

import re
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fleet import score
from fleet.answers import People
from fleet.build import build
from fleet.calendar import DAYS, WATCHED, at, day_number
from fleet.truth import Defect
from gadfly.ask import kinds as catalogue
from gadfly.ask.evaluate import Evaluation
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.life import Book, Rules
from gadfly.ask.life.bundle import bundles
from gadfly.ask.life.draft import Draft
from gadfly.ask.life.sighting import found, sight
from gadfly.ask.question import Question
from gadfly.ask.replay import replay, teams
from gadfly.ask.world import World

EARLIER = re.compile(r"[qd](\d+)(?:-\d+)?")


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
    touched = frozenset(name for one in outcome.defects for name in one.touched)
    broken = frozenset(name for one in seeds for name in one.touched)
    where: dict[tuple[str, str], str | None] = {}

    def real(question: Question) -> bool:
        """Whether it is about a seed, or about what a seed's defect altered; where it asks about an earlier
        question or decision, whether that one was."""
        return any(
            score.speaks_of(subject, where.get((kind, subject)), broken)
            or any(score.met(one, kind, subject, where.get((kind, subject))) for one in seeds)
            for kind, subject in question.keys
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
            _order(draft, day.evaluation, rules, outcome, touched)
        fresh.apply(draft.steps())
    _score(outcome, sightings, book, lambda name: _earlier(book, name, real))


def _order(
    draft: Draft, evaluation: Evaluation, rules: Rules, outcome: Outcome, touched: frozenset[str]
) -> None:
    """The order in which everything due would be asked, had nothing been asked yet."""
    harms: list[tuple[float, float]] = []
    for due in bundles(draft, found(evaluation, rules), rules).values():
        judged = [
            (one.priority, harm)
            for one in due
            if (harm := _harm([each.finding for each in one.due], outcome.defects, touched)) is not None
        ]
        harms += judged
        outcome.team_ndcg.append(_ndcg(judged))
    outcome.ndcg.append(_ndcg(harms))


def _ndcg(judged: list[tuple[float, float]]) -> float:
    ordered = [harm for _, harm in sorted(judged, key=lambda pair: -pair[0])]
    return score.ndcg(ordered, ordered)


def _harm(findings: list[Finding], defects: list[Defect], touched: frozenset[str]) -> float | None:
    """Of a question: that of its gravest seed. None, where its harm is not known: it is only about things that
    another kind's defect altered."""
    met = [
        one for one in defects for each in findings if score.met(one, each.kind, each.subject, each.component)
    ]
    if met:
        return float(max(one.harm for one in met))
    clean = any(not score.speaks_of(each.subject, each.component, touched) for each in findings)
    return 0.0 if clean else None


def _earlier(book: Book, name: str, real: Callable[[Question], bool]) -> bool:
    """Whether a subject is a question or decision of this run (`q7`, `d7`, `d7-2`) that was about a defect."""
    found = EARLIER.fullmatch(name)
    question = book.questions.get(int(found[1])) if found else None
    return question is not None and real(question)


def _score(outcome: Outcome, sightings: score.Sightings, book: Book, earlier: Callable[[str], bool]) -> None:
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
    false = score.false(sightings.seen.values(), outcome.defects)
    outcome.false = [one for one in false if not earlier(one.subject)]
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
