"""What a stop covers, and who may lift it."""

from __future__ import annotations

import pytest

from gadfly.act.halt.stop import (
    Act,
    Stop,
    covers,
    may_lift,
    refusal,
    said,
)
from gadfly.config.owner import Owner

OWNERS = {
    "payments": Owner(owner="platform"),
    "platform": Owner(owner="board", contact=("mailto:p@example.org",)),
    "board": Owner(contact=("mailto:b@example.org",)),
}


def stop(scope: str = "everything", name: str = "", owner: str = "", **other: object) -> Stop:
    known = {"id": 7, "who": "person:anna", "because": "disk is full", "at": 1_800_000_000.0, "entry": 10}
    return Stop(scope=scope, name=name, owner=owner, **{**known, **other})


def act(**about: object) -> Act:
    known = {
        "principal": "automation:restart",
        "automation": "restart",
        "owner": "payments",
        "targets": ("worker-1", "worker-2"),
        "owners": ("platform",),
    }
    return Act(**{**known, **about})


@pytest.mark.parametrize(
    ("standing", "tried", "held"),
    [
        (stop(), act(), True),
        (stop(), act(principal="function:tidy", automation=""), True),
        (stop(), act(principal="program:deploy", automation=""), True),
        (stop(), act(principal="person:anna", automation=""), False),  # who stops the machines must work
        (stop("owner", "payments"), act(), True),
        (stop("owner", "platform"), act(), True),  # by its components that are touched
        (stop("owner", "board"), act(), False),
        (stop("automation", "restart"), act(), True),
        (stop("automation", "restart"), act(automation="scale", principal="automation:scale"), False),
        (stop("automation", "restart"), act(principal="program:deploy", automation=""), False),
        (stop("target", "worker-2"), act(), True),
        (stop("target", "worker-3"), act(), False),
    ],
)
def test_what_it_covers(standing: Stop, tried: Act, held: bool) -> None:
    assert covers(standing, tried) is held
    assert (refusal([standing], tried) is not None) is held


@pytest.mark.parametrize(
    ("lifted", "entry", "held"),
    [
        (None, None, True),
        (None, 99, True),  # a stop in force holds what came after it, too
        (None, 9, True),
        (20.0, None, False),
        (20.0, 11, False),
        (20.0, 9, True),  # queued before the stop, tried after it was lifted
        (20.0, 10, True),
    ],
)
def test_nothing_that_was_decided_before_survives_it(
    lifted: float | None, entry: int | None, held: bool
) -> None:
    assert (refusal([stop(lifted=lifted)], act(entry=entry)) is not None) is held


def test_the_refusal_says_who_stopped_it_why_and_who_may_lift_it() -> None:
    words = refusal([stop("automation", "restart", owner="payments")], act())
    assert words == (
        "Automation restart was stopped by person:anna at 08:00:00 UTC on 15 Jan: disk is full. Only "
        "person:anna or whoever speaks for the owner of payments may lift it: gadfly resume s7"
    )
    void = refusal([stop(lifted=20.0)], act(entry=9))
    assert void is not None
    assert void.endswith("what was queued then is void: propose it again.")
    assert said(stop()).startswith("everything was stopped by person:anna")


PAYMENTS = stop("owner", "payments", owner="payments")


@pytest.mark.parametrize(
    ("standing", "who", "speaks_for", "may"),
    [
        (PAYMENTS, "person:anna", (), True),  # who stopped it
        (PAYMENTS, "person:ben", (), False),
        (PAYMENTS, "person:ben", ("payments",), False),  # the owner itself is not above the stop
        (PAYMENTS, "person:ben", ("platform",), True),
        (PAYMENTS, "person:ben", ("board",), True),
        (PAYMENTS, "person:ops", ("platform",), True),
        (PAYMENTS, "automation:restart", ("platform",), False),
        (PAYMENTS, "configuration", ("platform", "board"), False),
        (PAYMENTS, "node", ("board",), False),
        (PAYMENTS, "function:x", ("board",), False),
        (stop(), "person:ben", ("platform",), False),
        (stop(), "person:ben", ("board",), True),  # everything: whoever speaks for the top
        (stop("owner", "board", owner="board"), "person:ben", ("board",), True),  # nobody is above the top
        (stop("owner", "gone", owner="gone"), "person:ben", ("payments",), False),
        (stop("owner", "gone", owner="gone"), "person:ben", ("board",), True),
        (stop(who="automation:brake"), "automation:brake", (), False),  # a machine may stop, never lift
    ],
)
def test_who_may_lift_it(standing: Stop, who: str, speaks_for: tuple[str, ...], may: bool) -> None:
    assert (may_lift(standing, who, speaks_for, OWNERS) is None) is may
