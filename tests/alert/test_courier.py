"""Letters arrive, in their order, once; what nobody takes is kept where somebody sees it."""

import asyncio
import random

import pytest

from gadfly.alert import notify, outbox
from gadfly.config.alerting import Alerting
from gadfly.errors import NotifyError, Refused


def refuser(error: Exception):
    def refuse(notification, destination) -> None:
        raise error

    return refuse


def test_pauses_double_up_to_five_minutes() -> None:
    chance = random.Random(1)
    pauses = [outbox.pause(attempt, chance) for attempt in range(1, 60)]
    assert 1.6 <= pauses[0] <= 2.4
    assert min(pauses[9:]) >= 240
    assert max(pauses) <= 360


async def test_a_receiver_that_is_down_for_an_hour_gets_everything_in_order(fleet) -> None:
    tries = []

    def refuse(notification, destination) -> None:
        tries.append(fleet.clock.wall())
        raise NotifyError("It cannot be reached: connection refused.")

    fleet.refuse = refuse
    fleet.add("a", "b", "c", group="g")
    await fleet.down("a")
    await fleet.after(60)
    fleet.add("d", "e")
    await fleet.down("b", "c")
    await fleet.after(600)
    await fleet.up("a")
    await fleet.after(600)
    await fleet.down("a")
    await fleet.after(3600 - 1260)
    assert fleet.got == []
    # Bounded: the contact is left alone for up to half a minute between tries.
    assert len(tries) < 200
    fleet.refuse = lambda notification, destination: None
    await fleet.after(400)  # the longest pause
    by_incident: dict[str, list[int]] = {}
    for _, _, one in fleet.got:
        by_incident.setdefault(one.incident, []).append(one.sequence)
    assert by_incident == {"i1": [1, 2], "i2": [1], "i3": [1]}
    assert len({one.key for _, _, one in fleet.got}) == len(fleet.got)
    assert await fleet.engine.dead_letters() == []


async def test_a_permanent_refusal_is_a_dead_letter_that_can_be_retried(fleet) -> None:
    fleet.refuse = refuser(NotifyError("It answered 401.", permanent=True))
    await fleet.down("a")
    (letter,) = await fleet.engine.dead_letters()
    assert (letter.attempts, letter.error, letter.what) == (1, "It answered 401.", "firing")
    assert letter.subject.startswith("a is down")
    await fleet.deliver()
    assert fleet.courier.dead == 1
    fleet.refuse = lambda notification, destination: None
    await fleet.engine.retry(letter.id)
    await fleet.deliver()
    assert fleet.kinds() == ["firing"]
    assert fleet.courier.dead == 0
    for wrong in (letter.id, "x", 99):
        with pytest.raises(Refused):
            await fleet.engine.retry(wrong)


async def test_after_so_many_tries_it_is_dead(fleet_of) -> None:
    fleet = await fleet_of(alerting=Alerting(attempts=3))
    fleet.refuse = refuser(NotifyError("It answered 503."))
    await fleet.down("a")
    await fleet.after(100)
    assert [one.attempts for one in await fleet.engine.dead_letters()] == [3]
    assert fleet.courier.counters == {"sent": 0, "failed": 3, "dead": 1}
    story = await fleet.engine.story("a")
    assert [(one.what, one.state, one.attempts, one.error) for one in story.notifications] == [
        ("firing", "dead", 3, "It answered 503.")
    ]


async def test_a_letter_that_a_receiver_chokes_on_does_not_keep_the_others(fleet) -> None:
    def refuse(notification, destination) -> None:
        if notification.items[0].component == "poison":
            raise NotifyError("It answered 500.")

    fleet.refuse = refuse
    await fleet.down("poison")
    await fleet.after(1200)
    await fleet.down("a")
    await fleet.after(120)
    assert [one.items[0].component for _, _, one in fleet.got] == ["a"]


async def test_a_defect_of_a_sender_is_logged_and_tried_again(fleet, caplog) -> None:
    fleet.refuse = refuser(KeyError("oops"))
    await fleet.down("a")
    assert "a defect" in caplog.text
    fleet.refuse = lambda notification, destination: None
    await fleet.after(10)
    assert fleet.kinds() == ["firing"]


async def test_a_lease_that_ran_out_is_claimed_again_and_an_unexpired_one_is_not(fleet) -> None:
    fleet.refuse = refuser(NotifyError("later"))
    await fleet.down("a")

    def claim(now: float):
        return lambda connection: outbox.claim(connection, now, 60.0, frozenset(), 10)

    now = fleet.clock.wall() + 10
    assert len(await fleet.db.write(claim(now))) == 1
    assert await fleet.db.write(claim(now + 59)) == []
    assert len(await fleet.db.write(claim(now + 60))) == 1


async def test_two_who_claim_get_it_once(fleet) -> None:
    fleet.refuse = refuser(NotifyError("later"))
    await fleet.down("a")
    now = fleet.clock.wall() + 10
    claims = await asyncio.gather(
        *(
            fleet.db.write(lambda connection: outbox.claim(connection, now, 60.0, frozenset(), 10))
            for _ in range(8)
        )
    )
    assert sorted(len(one) for one in claims) == [0] * 7 + [1]


async def test_run_delivers_when_rung_and_lets_what_is_under_way_land(fleet, monkeypatch) -> None:
    under_way, landed = asyncio.Event(), []

    async def slow(notification, destination, context) -> None:
        under_way.set()
        await asyncio.sleep(0.05)
        landed.append(notification)

    monkeypatch.setitem(notify.SENDERS, "webhook", slow)
    fleet.deliver = fleet.courier.settle
    running = [asyncio.create_task(fleet.courier.run()), asyncio.create_task(fleet.engine.run())]
    await fleet.down("a")
    await asyncio.wait_for(under_way.wait(), 10)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert len(landed) == 1
    rows = await fleet.db.read(lambda connection: connection.execute("SELECT state FROM outbox").fetchall())
    assert rows == [("sent",)]
