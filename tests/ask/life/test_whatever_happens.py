"""Whatever is found, answered and forgotten: no budget is exceeded, no quiet time broken, nothing is lost by
a restart (each step of the fixture reads the book from the store anew), and the book fits together."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gadfly.ask.answers import WRONG
from gadfly.ask.life import Team
from gadfly.ask.question import Question

Make = Callable[..., Any]
DAY = 86_400.0
TEAMS = {
    "ops": Team(name="ops", parent="boss", hours="Mon-Fri 08:00-18:00 Europe/Berlin"),
    "web": Team(name="web", parent="boss", zone="America/Los_Angeles", week=3.0),
    "boss": Team(name="boss", zone="Asia/Kolkata"),
}
ZONES = {"ops": "Europe/Berlin", "web": "America/Los_Angeles", "boss": "Asia/Kolkata", "chief": "UTC"}


def moves(one: Any) -> list[tuple[str, float, bool, int]]:
    """Team, time, extra and question of everything that came to a team."""
    return [
        (move.team, move.at, move.extra, question.id)
        for question in one.book.questions.values()
        if not question.part
        for move in question.moves
    ]


def check_moves(one: Any, before: set[Any], busy: set[str]) -> None:
    """Of this step, by the texts of the rules and not by the code that keeps them."""
    from zoneinfo import ZoneInfo

    everything = moves(one)
    for team, at, extra, id in set(everything) - before:
        zone = ZoneInfo(ZONES[team])
        local = dt.datetime.fromtimestamp(at, zone)
        day = [
            other
            for other in everything
            if other[0] == team and dt.datetime.fromtimestamp(other[1], zone).date() == local.date()
        ]
        week = [other for other in everything if other[0] == team and at - 7 * DAY < other[1] <= at]
        open_now = [q for q in one.book.questions.values() if at_team(q) == team]
        assert team not in busy
        assert team in one.teams or team == "chief"
        assert 7 <= local.hour < 22
        if team == "ops":
            assert local.weekday() < 5
            assert 8 <= local.hour < 18
        assert sum(other[2] for other in day) <= 1
        assert sum(not other[2] for other in day) <= 1
        extras = sum(other[2] for other in week)
        if extra:
            assert one.q(id).safety
        else:
            assert len(week) - extras <= (3 if team == "web" else 5)
            assert len(open_now) <= 3 + sum(other[2] for other in day)


def at_team(question: Question) -> str | None:
    return question.moves[-1].team if question.state == "open" and not question.heading else None


def check_book(one: Any) -> None:
    """Each open question keeps what it is about, and nothing is kept by two."""
    book = one.book
    kept: dict[Any, int] = {}
    for question in book.questions.values():
        if question.state in ("open", "resting"):
            assert question.own
            for key in question.own:
                assert key not in kept
                kept[key] = question.id
                matter = book.matters[key]
                assert (matter.question, matter.why) == (question.id, question.state)
    held = {key for key, matter in book.matters.items() if matter.why in ("open", "resting")}
    assert held == set(kept)
    for matter in book.matters.values():
        assert matter.there or matter.asked or matter.why
        assert math.isfinite(matter.worse)


def give(one: Any, dice: random.Random) -> None:
    """Some answer to some question, right or wrong."""
    if not one.book.waiting:
        return
    question = one.q(dice.choice(sorted(one.book.waiting)))
    subjects = [subject for _, subject in question.own]
    part = tuple(dice.sample(subjects, dice.randint(0, len(subjects))))
    reason = dice.choice([f"number {question.id} of {dice.random()}, so be it", "short"])
    said = {
        "change": {"change": "abc1234", "subjects": part},
        "accept": {"reason": reason, "until": one.now + dice.uniform(-5, 120) * DAY, "subjects": part},
        "wrong": {"reason": dice.choice([*WRONG, "bad"]), "subjects": part},
        "unknown": {"knows": dice.choice(["ops", "web", "boss", "nobody", ""])},
    }
    name = dice.choice(sorted(said))
    with contextlib.suppress(ValueError):
        one.answer(question.id, name, **said[name])


def findings(one: Any, dice: random.Random, share: float) -> list[Any]:
    found = []
    for kind in one.kinds:
        for number in range(5):
            if dice.random() < share:
                owner = dice.choice(["ops", "ops", "ops", "web", None]) if dice.random() < 0.1 else "ops"
                worse = dice.choice([4.0, 4.0, 4.0, 4.0, 5.5, 2.0, 0.0, -1.0, math.inf, math.nan])
                exposure = dice.choice([1.0, 1.0, math.inf, math.nan])
                owner = "web" if number == 4 else owner
                found.append(one.found(kind, f"c{number}", worse, owner=owner, exposure=exposure))
    if one.book.questions:
        for name, kind in (("d", "expired-acceptance"), ("q", "change-that-changed-nothing")):
            if dice.random() < share:
                of = f"{name}{dice.choice(sorted(one.book.questions))}"
                part = dice.choice(["", "", "-1", "-2"]) if name == "d" else ""
                found.append(one.found(kind, of + part))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.2, 0.7, 0.95]))
def test_whatever_happens(life: Make, a_kind: Make, seed: int, share: float) -> None:
    dice = random.Random(seed)
    one = life(
        TEAMS,
        a_kind("near", observe=5, again=9),
        a_kind("far", number=3, observe=9, again=20),
        a_kind("deaf", number=2, safety=True, subject="automation", again=30),
        a_kind("mute", number=4, safety=True, again=5),
        a_kind("expired-acceptance", number=73, subject="decision", again=30),
        a_kind("change-that-changed-nothing", number=74, subject="question", again=14, observe=14),
        fallback="chief",
        seed=seed,
    )
    for _ in range(30):
        busy = {name for name in TEAMS if dice.random() < 0.1}
        one.teams = {
            name: Team(
                name=name,
                parent=team.parent,
                hours=team.hours,
                zone=team.zone,
                week=team.week,
                busy=name in busy,
            )
            for name, team in TEAMS.items()
            if name != "boss" or dice.random() > 0.1  # it may be declared no longer, and again
        }
        before = set(moves(one))
        trouble = tuple(name for name in one.kinds if dice.random() < 0.05)
        found = [finding for finding in findings(one, dice, share) if finding.kind not in trouble]
        here = one.now
        one.day(*found, trouble=trouble, days=dice.choice([1, 1, 1, 1, 0.3, 3, 20]))
        check_moves(one, before, busy)
        check_book(one)
        one.now, later = here + 60, one.now
        for _ in range(dice.randint(0, 3)):
            before = set(moves(one))
            give(one, dice)
            check_moves(one, before, busy)
            check_book(one)
        one.now = max(later, here + 120)


def test_the_order_of_findings_does_not_matter(life: Make) -> None:
    asked = []
    for turned in (False, True):
        one = life()
        seen = [("near", "c1", 1.0), ("near", "c2", 2.0), ("deaf", "a1"), ("deaf", "a2", 9.0)]
        one.days(3, *(seen[::-1] if turned else seen))
        asked.append([(question.kind, question.subjects) for question in one.book.questions.values()])
    assert asked[0] == asked[1] != []
