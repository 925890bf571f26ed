"""Post-conditions: only what was seen after the act counts, in its time; what is not shown has failed."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.plans import expect
from gadfly.act.plans.expect import (
    Facts,
    Mark,
    Seen,
    Standing,
    Watch,
)
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.reconcile import Asked
from gadfly.monitor.verdict import Verdict

MARK = Mark(ended=100.0, incarnation=5)
ALIVE = Seen(verdict=Verdict.healthy, liveness=Liveness.alive, incarnation=6, heard=101.0)


def asked(outcome: Outcome, moment: float, name: str = "http") -> Asked:
    return Asked(name, outcome, "GET / answered 503", at=0.0, since=0.0, moment=moment)


def but(seen: Seen, **changes: object) -> Seen:
    return msgspec.structs.replace(seen, **changes)


@pytest.mark.parametrize(
    ("text", "facts", "good"),
    [
        ("component alive", Facts(component=ALIVE), True),
        ("component alive", Facts(component=but(ALIVE, heard=99.9)), False),  # on its way before the act
        ("component alive", Facts(component=but(ALIVE, liveness=Liveness.stalled)), False),
        ("component alive", Facts(), False),
        ("component healthy", Facts(component=ALIVE), True),
        ("component healthy", Facts(component=but(ALIVE, verdict=Verdict.gray)), False),
        ("component healthy", Facts(component=but(ALIVE, heard=99.0)), False),
        (
            "component healthy",
            Facts(component=but(ALIVE, probes=(asked(Outcome.passing, 99.0),))),
            False,
        ),
        (
            "component healthy",
            Facts(component=but(ALIVE, probes=(asked(Outcome.passing, 101.0),))),
            True,
        ),
        (
            "component healthy",  # never beats, only its probe tells
            Facts(
                component=but(
                    ALIVE,
                    liveness=Liveness.never,
                    heard=float("-inf"),
                    probes=(asked(Outcome.passing, 101.0),),
                )
            ),
            True,
        ),
        (
            "component healthy",  # nobody at all speaks for it
            Facts(component=but(ALIVE, liveness=Liveness.never, heard=float("-inf"))),
            False,
        ),
        ("component restarted", Facts(component=ALIVE), True),
        ("component restarted", Facts(component=but(ALIVE, incarnation=5)), False),
        ("component restarted", Facts(component=but(ALIVE, incarnation=0)), False),
        (
            "component silent",
            Facts(component=but(ALIVE, liveness=Liveness.silent, verdict=Verdict.down, heard=90.0)),
            True,
        ),
        ("component left", Facts(component=but(ALIVE, verdict=Verdict.left)), True),
        ("probe http passes", Facts(component=but(ALIVE, probes=(asked(Outcome.passing, 101.0),))), True),
        ("probe http passes", Facts(component=but(ALIVE, probes=(asked(Outcome.passing, 100.0),))), False),
        ("probe http passes", Facts(component=but(ALIVE, probes=(asked(Outcome.fail, 101.0),))), False),
        ("probe tcp passes", Facts(component=but(ALIVE, probes=(asked(Outcome.passing, 101.0),))), False),
        ("probe http passes", Facts(), False),
        ("group alive >= 2", Facts(group=(ALIVE, ALIVE)), True),
        ("group alive >= 3", Facts(group=(ALIVE, ALIVE)), False),
        ("group alive >= 2", Facts(group=(ALIVE, but(ALIVE, heard=99.0))), False),
        ("group alive >= 50%", Facts(group=(ALIVE, but(ALIVE, liveness=Liveness.silent))), True),
        ("group alive >= 51%", Facts(group=(ALIVE, but(ALIVE, liveness=Liveness.silent))), False),
        ("group alive >= 100%", Facts(group=(ALIVE, but(ALIVE, liveness=Liveness.left))), True),
        ("group alive >= 1%", Facts(), False),  # nobody is not everybody
    ],
)
def test_what_holds(text: str, facts: Facts, good: bool) -> None:
    [clause] = expect.parse(f"{text} within 30s")
    assert expect.holds(clause, facts, MARK)[0] is good


DEAD = Facts(component=but(ALIVE, liveness=Liveness.silent, verdict=Verdict.down))
WELL = Facts(component=ALIVE)


@pytest.mark.parametrize(
    ("text", "looks", "standing"),
    [
        ("component alive within 30s", [(101.0, WELL)], Standing.met),
        ("component alive within 30s", [(101.0, DEAD)], Standing.waiting),
        ("component alive within 30s", [(101.0, DEAD), (130.0, WELL)], Standing.met),
        ("component alive within 30s", [(101.0, DEAD), (130.1, WELL)], Standing.failed),
        ("component alive within 30s", [(101.0, DEAD), (130.1, DEAD)], Standing.failed),
        ("component alive within 30s", [(200.0, WELL)], Standing.failed),  # nobody looked in time
        ("component alive for 10s within 30s", [(101.0, WELL)], Standing.waiting),
        ("component alive for 10s within 30s", [(101.0, WELL), (111.0, WELL)], Standing.met),
        (
            "component alive for 10s within 30s",
            [(101.0, WELL), (105.0, DEAD), (112.0, WELL)],
            Standing.waiting,
        ),
        ("component alive for 10s within 30s", [(101.0, DEAD), (121.0, WELL)], Standing.failed),
        (
            "component alive within 30s and group alive >= 1 within 60s",
            [(101.0, WELL), (140.0, Facts(component=ALIVE, group=(ALIVE,)))],
            Standing.met,
        ),
        (
            "component alive within 30s and group alive >= 1 within 60s",
            [(101.0, WELL), (140.0, Facts(component=DEAD.component, group=(ALIVE,)))],
            Standing.failed,
        ),
    ],
)
def test_a_watch_over_time(text: str, looks: list[tuple[float, Facts]], standing: Standing) -> None:
    watch = Watch(expect.parse(text), MARK)
    for now, facts in looks:
        judgement = watch.look(facts, now)
    assert judgement.standing is standing
    assert judgement.words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "component alive",
        "component alive within",
        "component alive within 30",
        "component alive within 2h",
        "component alive within 0s",
        "component well within 30s",
        "component alive for 30s within 30s",
        "group alive within 30s",
        "group alive >= 0 within 30s",
        "group alive >= 101% within 30s",
        "group restarted >= 1 within 30s",
        "probe http fails within 30s",
        "done",
        " and ".join(["component alive within 30s"] * 9),
    ],
)
def test_what_is_no_post_condition(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        expect.parse(text)


@pytest.mark.parametrize(
    ("well", "seen", "good"),
    [
        (True, ALIVE, True),
        (True, but(ALIVE, verdict=Verdict.undeclared), True),
        (True, but(ALIVE, verdict=Verdict.degraded), True),
        (True, but(ALIVE, verdict=Verdict.down), False),
        (True, but(ALIVE, heard=99.0), False),  # nothing was seen of it since
        (False, but(ALIVE, verdict=Verdict.down, liveness=Liveness.silent), True),
        (False, ALIVE, True),
        (False, None, False),  # it is not known any more
    ],
)
def test_unharmed_is_what_works_as_it_worked_before(well: bool, seen: Seen | None, good: bool) -> None:
    (clause,) = expect.parse("component unharmed within 30s")
    mark = Mark(ended=100.0, incarnation=5, well=well)
    assert expect.holds(clause, Facts(component=seen), mark)[0] is good


@pytest.mark.parametrize(
    ("forward", "back"),
    [
        ("component restarted within 90s", "component unharmed within 1m30s"),
        ("component alive within 30s and group alive >= 3 within 2m", "component unharmed within 2m"),
    ],
)
def test_a_rollback_is_measured_by_what_worked_before_and_in_the_same_time(forward: str, back: str) -> None:
    assert expect.undone(forward) == back
    expect.parse(back)


@pytest.mark.parametrize("text", ["component alive within 30s", "group healthy >= 90%  within 1m30s"])
def test_how_long_is_waited(text: str) -> None:
    assert expect.longest(expect.parse(f"probe tls:front passes within 5s and {text}")) in (30.0, 90.0)


@given(st.text(max_size=80))
def test_reads_anything_or_says_why(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert expect.parse(text)
