"""Authority lapses unless it is renewed, and is counted from the asking."""

from __future__ import annotations

import pytest

from gadfly.act.executing.lease import LASTS, Authority, Renewal
from gadfly.act.halt.stop import Act, Stop

ACT = Act(principal="automation:a", automation="a", entry=5)
STOP = Stop(id=1, scope="everything", who="person:anna", because="", at=0.0, entry=9)


def renewal(*stops: Stop, lasts: float = LASTS) -> Renewal:
    return Renewal(mark="m", lasts=lasts, stops=stops)


@pytest.mark.parametrize(
    ("asked", "lasts", "now", "may"),
    [
        (100.0, 30.0, 100.0, True),
        (100.0, 30.0, 129.9, True),
        (100.0, 30.0, 130.0, False),
        (100.0, 10.0, 110.0, False),  # the node itself was not sure for longer
        (100.0, 0.0, 100.0, False),
        (100.0, 1e9, 130.0, False),  # nobody grants more than the lease
        (100.0, -5.0, 100.0, False),
    ],
)
def test_it_lapses(asked: float, lasts: float, now: float, may: bool) -> None:
    authority = Authority()
    authority.renew(asked, renewal(lasts=lasts))
    assert (authority.refusal(ACT, now) is None) is may


def test_an_answer_that_lay_in_a_buffer_gives_nothing() -> None:
    authority = Authority()
    authority.renew(100.0, renewal())  # asked at 100, read at 500: the executor slept
    assert "lapsed 370 s ago" in (authority.refusal(ACT, 500.0) or "")


def test_without_an_answer_there_is_none() -> None:
    assert "no authority" in (Authority().refusal(ACT, 0.0) or "")


def test_who_comes_back_has_none_until_it_was_answered() -> None:
    authority = Authority()
    authority.renew(100.0, renewal())
    authority.drop()
    assert authority.refusal(ACT, 101.0) is not None
    assert authority.mark == ""  # and asks to be answered at once
    authority.renew(102.0, renewal())
    assert authority.refusal(ACT, 103.0) is None


def test_a_stop_holds_within_the_lease_and_nothing_queued_survives_it() -> None:
    authority = Authority()
    authority.renew(100.0, renewal(STOP))
    assert "was stopped by person:anna" in (authority.refusal(ACT, 101.0) or "")
    lifted = Stop(id=1, scope="everything", who="person:anna", because="", at=0.0, entry=9, lifted=50.0)
    authority.renew(102.0, renewal(lifted))
    assert "propose it again" in (authority.refusal(ACT, 103.0) or "")
    assert authority.refusal(Act(principal="automation:a", automation="a", entry=10), 103.0) is None
