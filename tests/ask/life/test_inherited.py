"""An owner is declared no longer: its questions go to who answers now, and say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gadfly.ask.life import Team
from gadfly.ask.outlook import outlook

Make = Callable[..., Any]
SEEN = ("near", "c1")
BOSS = Team(name="boss", parent="chief")
CHIEF = Team(name="chief")
WEB = Team(name="web", parent="boss")
OPS = Team(name="ops", parent="boss")
LEFT = {"web": WEB, "boss": BOSS, "chief": CHIEF}


def only(**owners: str) -> Callable[[str, str], str]:
    return lambda sort, subject: owners.get(f"{sort}_{subject}", "")


def test_it_goes_to_the_owner_of_what_it_is_about(life: Make) -> None:
    one = life(present=only(check_c1="web"))
    one.days(5, SEEN)
    one.teams = LEFT
    steps = one.day(SEEN)
    assert one.said == ["asked q1", "inherited q1", "moved q1"]
    assert [(told.team, told.why) for told in steps.told] == [("web", "inherited")]
    assert (one.q(1).owner, one.q(1).holder, one.q(1).was) == ("web", "web", ("ops",))
    assert (one.book.open.get("ops", 0), one.book.open["web"]) == (0, 1)
    assert "was asked of ops, which is declared no longer, and passed to web." in outlook(
        one.q(1), "boss", one.now
    )
    # Unanswered there, it goes on as ever.
    one.days(13, SEEN)
    assert one.q(1).holder == "web"
    one.day(SEEN)
    assert one.q(1).holder == "boss"
    one.days(14, SEEN)
    assert one.q(1).state == "resting"
    assert one.said.count("inherited q1") == 1


@pytest.mark.parametrize(
    ("teams", "after", "fallback", "to"),
    [
        ({"ops": OPS, **LEFT}, LEFT, "", "boss"),
        (
            {"ops": msgspec.structs.replace(OPS, delegates=("web",)), **LEFT},
            LEFT,
            "",
            "web",
        ),
        ({"ops": OPS, **LEFT}, {"chief": CHIEF}, "", "chief"),
        ({"ops": Team(name="ops"), **LEFT}, LEFT, "chief", "chief"),
        ({"ops": OPS, **LEFT}, {"new": Team(name="new")}, "", "ops"),
    ],
    ids=["the head above", "its delegate", "the head above that", "who answers at last", "nobody"],
)
def test_else_to_who_stood_behind_it(
    life: Make, teams: dict[str, Team], after: dict[str, Team], fallback: str, to: str
) -> None:
    one = life(teams, fallback=fallback)
    one.days(3, SEEN)
    one.teams = after
    one.day(SEEN)
    assert (one.q(1).owner, one.q(1).holder) == (to, to)


def test_who_stands_above_is_noted_anew(life: Make) -> None:
    one = life()
    one.days(3, SEEN)
    one.teams = {**one.teams, "ops": Team(name="ops", parent="web")}
    one.day(SEEN)
    one.teams = LEFT
    one.day(SEEN)
    assert one.q(1).owner == "web"


def test_of_several_the_owner_of_most_has_it(life: Make) -> None:
    one = life(present=only(check_c1="boss", check_c2="web", check_c3="web"))
    found = [("near", name) for name in ("c1", "c2", "c3")]
    one.days(3, *found)
    one.teams = LEFT
    one.day(*found)
    assert (one.q(1).owner, one.q(1).subjects) == ("web", ("c1", "c2", "c3"))


def test_what_no_catalogue_has_is_as_the_facts_say(life: Make) -> None:
    one = life()
    one.days(3, SEEN)
    one.teams = LEFT
    one.day(one.found(*SEEN, owner="chief"))
    assert one.q(1).owner == "chief"


def test_an_owner_that_only_facts_name_keeps_its_questions(life: Make) -> None:
    one = life(fallback="chief")
    theirs = one.found(*SEEN, owner="elsewhere")
    one.days(5, theirs)
    assert one.said == ["asked q1"]
    assert one.q(1).holder == "elsewhere"


def test_what_another_team_could_know_comes_back_to_the_new_owner(life: Make) -> None:
    one = life(present=only(check_c1="web"))
    one.days(3, SEEN)
    one.answer(1, "unknown", knows="chief")
    assert one.q(1).holder == "chief"
    one.teams = LEFT
    one.day(SEEN)
    assert (one.q(1).owner, one.q(1).holder) == ("web", "chief")
    one.days(14, SEEN)
    assert (one.q(1).holder, one.q(1).moves[-1].why) == ("web", "returned")


def test_a_head_that_is_no_more_hands_it_to_the_next(life: Make) -> None:
    one = life()
    one.days(16, SEEN)
    assert one.q(1).holder == "boss"
    one.teams = {"ops": Team(name="ops", parent="chief"), "chief": CHIEF}
    one.day(SEEN)
    assert (one.q(1).owner, one.q(1).holder) == ("ops", "chief")
    one.teams = {"ops": Team(name="ops")}
    one.day(SEEN)
    assert one.q(1).state == "resting"


def test_who_could_know_and_is_no_more_hands_it_back(life: Make) -> None:
    one = life()
    one.days(3, SEEN)
    one.answer(1, "unknown", knows="web")
    one.teams = {"ops": OPS, "boss": BOSS, "chief": CHIEF}
    one.day(SEEN)
    assert (one.q(1).holder, one.q(1).moves[-1].why) == ("ops", "returned")


def test_where_there_is_no_room_it_waits_but_not_for_ever(life: Make) -> None:
    one = life(present=only(check_c1="web"))
    one.days(3, SEEN)
    one.teams = {**LEFT, "web": msgspec.structs.replace(WEB, busy=True)}
    one.day(SEEN)
    assert (one.q(1).owner, one.q(1).heading, one.q(1).heading_why) == ("web", "web", "inherited")
    one.days(14, SEEN)
    assert (one.q(1).holder, one.q(1).moves[-1].why) == ("boss", "escalated")


def test_an_open_assumption_has_a_new_owner_and_nobody_is_told(life: Make) -> None:
    one = life(present=only(check_c1="web"))
    one.days(32, SEEN)
    assert one.q(1).state == "resting"
    one.teams = LEFT
    steps = one.day(SEEN)
    assert (one.q(1).owner, one.q(1).state, steps.told) == ("web", "resting", [])


def test_what_was_accepted_is_asked_again_of_who_answers_now(life: Make, a_kind: Make) -> None:
    expired = a_kind("expired-acceptance", number=73, subject="decision", sightings=1)
    one = life(None, a_kind("near"), expired, present=only(check_c1="web"))
    one.days(2, SEEN)
    one.answer(1, "accept", reason="it is as we want it", until=one.now + 30 * 86_400)
    one.teams = LEFT
    one.days(31, SEEN)
    one.days(3, SEEN, one.found("expired-acceptance", "d1", owner="ops"))
    assert [(q.kind, q.owner) for q in one.book.questions.values()][1:] == [("expired-acceptance", "web")]


def test_nothing_new_is_asked_of_an_owner_that_is_declared_no_longer(life: Make) -> None:
    one = life(LEFT, fallback="chief", present=only(check_c1="web"), declared=["ops", *LEFT])
    one.days(2, SEEN, ("near", "c2"))
    assert sorted((q.owner, q.subjects) for q in one.book.questions.values()) == [
        ("chief", ("c2",)),
        ("web", ("c1",)),
    ]


def test_what_was_asked_of_nobody_passes_on(life: Make) -> None:
    """Before it was known that the owner had been declared."""
    one = life(LEFT, fallback="chief")
    one.days(3, SEEN)
    assert (one.q(1).owner, one.q(1).line) == ("ops", ())
    one._rules["declared"] = ["ops"]
    one.day(SEEN)
    assert (one.q(1).owner, one.q(1).was) == ("chief", ("ops",))
