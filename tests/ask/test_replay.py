"""Past days are gone through as a node would have gone through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gadfly.ask import kinds
from gadfly.ask.life import Book
from gadfly.ask.question import Answer, Question
from gadfly.ask.replay import replay, teams
from gadfly.ask.world import World

DAY = 86_400.0
FIRST = 20_000
ONLY = {name: kinds.load()[name] for name in ("unacted", "expired-acceptance")}


@pytest.fixture
def world() -> Iterator[World]:
    """A check that pages each day from day `FIRST` on, and nobody does anything."""
    with World(threads=1) as made:
        made.rows("check", [{"name": "disk", "component": "db", "since": 0}])
        made.rows("component", [{"name": "db", "owner": "storage", "tier": 1, "since": 0}])
        made.rows("owner", [{"name": "storage", "members": 4, "zone": "Asia/Tokyo"}])
        pages = [
            {"id": str(i), "check": "disk", "page": True, "started": (FIRST + i) * DAY + 5} for i in range(90)
        ]
        made.rows("alert", pages)
        yield made


def run(world: World, last: int, **more: Any) -> Book:
    book = Book()
    for _ in replay(world, ONLY, FIRST, last, book=book, **more):
        pass
    return book


def asked(book: Book) -> list[Question]:
    return [book.questions[id] for id in sorted(book.questions)]


def test_it_is_asked_after_two_sightings_in_the_teams_day(world: World) -> None:
    found = [one for one in replay(world, ONLY, FIRST, FIRST + 20) if one.evaluation.findings]
    (question, *more) = [one for day in found for steps in day.steps for one in steps.questions]
    assert found[0].day + 1 == question.asked // DAY
    assert 7 <= (question.asked / 3600 + 9) % 24 < 22
    assert (question.owner, question.subjects, more) == ("storage", ("disk",), [])
    assert "paged" in question.text


def test_no_day_knows_what_came_later(world: World) -> None:
    (first, *_) = asked(run(world, FIRST + 12))
    with World(threads=1) as short:
        for table in ("check", "component", "owner", "alert"):
            world.at(first.asked)
            short.rows(table, world.ask(f'SELECT * FROM "{table}"'))
        (alone,) = asked(run(short, int(first.asked // DAY)))
    assert (alone.asked, alone.text, alone.sha256) == (first.asked, first.text, first.sha256)


def test_an_answer_is_taken_and_asked_about_again(world: World) -> None:
    def answering(question: Question, now: float) -> Answer | None:
        if question.kind != "unacted" or now < question.asked + DAY:
            return None
        return Answer(answer="accept", by="person:a", reason="we want to hear of each", until=now + 20 * DAY)

    book = run(world, FIRST + 30, answering=answering)
    first, second = asked(book)[:2]
    assert (first.answer, second.kind) == ("accept", "expired-acceptance")
    assert second.asked > first.answered  # type: ignore[operator]
    world.at((FIRST + 90) * DAY)
    assert world.ask("SELECT id FROM decision UNION ALL SELECT id FROM question") == []


def test_teams_are_those_of_the_facts(world: World) -> None:
    world.rows("owner", [{"name": "away", "away": True}, {"name": "shop", "parent": "all", "members": 0}, {}])
    world.rows("component", [{"name": "web", "owner": "shop"}])
    world.rows(
        "incident", [{"id": "1", "component": "web", "began": 10, "ended": 50}, {"id": "2", "began": 10}]
    )
    for now, busy in ((20, True), (60, False)):
        world.at(now)
        known = teams(world)
        assert set(known) == {"storage", "away", "shop"}
        assert (known["shop"].busy, known["shop"].members, known["shop"].parent) == (busy, 0, "all")
        assert (known["storage"].busy, known["storage"].zone, known["away"].away) == (
            False,
            "Asia/Tokyo",
            True,
        )
