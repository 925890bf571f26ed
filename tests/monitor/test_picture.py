"""Facts come in, changes of verdict come out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.functions import Function
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.owner import Owner
from gadfly.config.probe import HttpProbe, Probes
from gadfly.config.section import Duration
from gadfly.monitor.columns import FREE
from gadfly.monitor.declared import of_function
from gadfly.monitor.events import pieces
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.picture import Picture
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.verdict import Verdict
from gadfly.telemetry.frame import SECONDHAND

if TYPE_CHECKING:
    from tests.monitor.conftest import Fleet

START = 1_800_000_000.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def picture(fleet: Fleet, clock: VirtualClock) -> Picture:
    return Picture(fleet, clock)


def _declare(picture: Picture, fleet: Fleet, **components: Component) -> list[tuple[str, Verdict]]:
    config = Config(component=components, owner={"ops": Owner(contact=("mailto:ops@example.org",))})
    slots = {name: fleet.expect(name) for name in components}
    return [(change.component, change.after) for change in picture.declare(config, slots)]


def test_somebody_new_is_undeclared_and_no_news(picture: Picture, fleet: Fleet) -> None:
    assert picture.hear(fleet.beat("checkout")) == []
    slot = picture.slot("checkout")
    assert slot is not None
    assert picture.verdicts[slot] == Verdict.undeclared
    assert picture.counts()["undeclared"] == 1


def test_a_death_is_one_change_with_its_subject(picture: Picture, fleet: Fleet) -> None:
    fleet.sources[0] = "10.1.2.3:4711"
    picture.hear(fleet.beat("checkout", owner="ops", host="db1", group="shop", needs=["pg"]))
    (change,) = picture.hear(fleet.set("checkout", Liveness.silent))
    assert (change.before, change.after) == (Verdict.undeclared, Verdict.down)
    assert change.reason
    subject = change.subject
    assert (subject.owner, subject.host, subject.group, subject.needs) == ("ops", "db1", "shop", ("pg",))
    assert subject.subnet == "10.1.2.0/24"
    assert picture.hear(fleet.event(change.slot)) == []


def test_a_status_word_changes_the_verdict(picture: Picture, fleet: Fleet) -> None:
    picture.hear(fleet.beat("checkout"))
    (change,) = picture.hear(fleet.beat("checkout", Status.warn, reason="queue is long"))
    assert (change.after, change.reason) == (Verdict.degraded, "says of itself: warn, queue is long")


def test_a_card_with_a_name_that_is_not_its_number_is_not_believed(picture: Picture, fleet: Fleet) -> None:
    events = fleet.beat("mallory")
    fleet.cards[0] = b'{"name": "checkout", "owner": "ops"}'
    picture.hear(events)
    assert picture.slot("checkout") is None
    assert picture.name(0) == f"{int(fleet.id[0]):016x}"


async def test_declared_and_never_heard_is_missing_after_a_while(
    picture: Picture, fleet: Fleet, clock: VirtualClock
) -> None:
    assert _declare(picture, fleet, web=Component(owner="ops", beats=Duration(1.0))) == []
    clock.set_wall(START + 3600)  # a clock that is set right is no reason to miss anybody
    await clock.advance(7.9)
    assert picture.tick() == []
    await clock.advance(0.2)
    (change,) = picture.tick()
    assert (change.before, change.after) == (Verdict.unknown, Verdict.missing)
    assert picture.tick() == []


def test_a_probed_component_that_beats_but_fails_is_gray(
    picture: Picture, fleet: Fleet, clock: VirtualClock
) -> None:
    probe = Probes(http=(HttpProbe(url="http://web/"),))
    _declare(picture, fleet, web=Component(owner="ops", beats=Duration(1.0), probe=probe))
    picture.hear(fleet.beat("web"))
    fail = Result(outcome=Outcome.fail, reason="GET / answered 503")
    (change,) = picture.asked("web", "http", fail)
    assert (change.after, change.reason) == (Verdict.gray, "beats arrive, but GET / answered 503")
    clock.set_wall(START + 60)
    assert picture.asked("web", "http", fail) == []
    assert [(asked.at, asked.since) for asked in picture.probes(0)] == [(START + 60, START)]
    picture.keep_probes({})
    assert picture.probes(0) == ()


def test_a_probe_of_nobody_is_passed_over(picture: Picture) -> None:
    assert picture.asked("nobody", "http", Result(outcome=Outcome.fail, reason="")) == []


def test_what_is_declared_and_heard_is_healthy_and_undeclared_again_after_removal(
    picture: Picture, fleet: Fleet
) -> None:
    picture.hear(fleet.beat("web"))
    assert _declare(picture, fleet, web=Component(beats=Duration(1.0))) == [("web", Verdict.healthy)]
    changes = picture.declare(Config(), {})
    assert [(change.component, change.after) for change in changes] == [("web", Verdict.undeclared)]


def test_an_owner_is_inherited_from_the_host(picture: Picture, fleet: Fleet) -> None:
    _declare(
        picture, fleet, db1=Component(kind="host", owner="ops"), pg=Component(host="db1", because="the shop")
    )
    slot = picture.slot("pg")
    assert slot is not None
    assert picture.subject(slot).owner == "ops"
    assert picture.subject(slot).because == "the shop"


def test_a_component_has_its_name_even_where_its_card_comes_in_a_later_piece(
    picture: Picture, fleet: Fleet
) -> None:
    fleet.beat("checkout")
    (change,) = picture.hear(fleet.set("checkout", Liveness.silent))
    assert change.component == "checkout"


def test_a_job_lives_by_its_runs(picture: Picture, fleet: Fleet, clock: VirtualClock) -> None:
    job = {"every": 3600, "grace": 60, "state": "running"}
    assert picture.hear(fleet.beat("backup", kind="job", started=START, job=job)) == []
    done = {**job, "state": "finished", "exit": 1, "seconds": 4.0, "output": "no space"}
    (change,) = picture.hear(fleet.beat("backup", kind="job", started=START, job=done))
    assert (change.after, change.reason) == (Verdict.down, "ended with exit code 1 after 4.0 s: no space")
    picture.hear(fleet.beat("backup", kind="job", started=START, job={**done, "exit": 0}))
    assert picture.verdicts[0] == Verdict.undeclared
    clock.set_wall(START + 3661)
    (change,) = picture.tick()
    assert change.after is Verdict.missing


def test_a_job_that_falls_silent_while_it_runs_died(picture: Picture, fleet: Fleet) -> None:
    picture.hear(fleet.beat("backup", kind="job", started=START, job={"state": "running"}))
    (change,) = picture.hear(fleet.set("backup", Liveness.silent))
    assert change.after is Verdict.down
    assert change.reason.startswith("died while it ran")


def test_a_forgotten_component_frees_its_slot(picture: Picture, fleet: Fleet) -> None:
    picture.hear(fleet.beat("web"))
    version = picture.version
    picture.forget(0)
    assert picture.verdicts[0] == FREE
    since = picture.since(version)
    assert since is not None
    assert since[1].tolist() == [0]
    assert since[2].tolist() == [FREE]


def test_a_hundred_thousand_are_judged_by_a_table(large_fleet: Fleet, clock: VirtualClock) -> None:
    count, fleet = 100_000, large_fleet
    picture = Picture(fleet, clock)
    fleet.size = count
    fleet.id[:] = np.arange(count)
    fleet.liveness[:] = Liveness.alive
    events = np.zeros(count, fleet.event(0).dtype)
    events["slot"] = np.arange(count)
    assert [change for piece in pieces(events) for change in picture.hear(piece)] == []
    assert picture.counts()["undeclared"] == count


def test_who_is_taken_out_of_the_catalogue_and_was_never_heard_is_a_rumour(
    picture: Picture, fleet: Fleet
) -> None:
    _declare(picture, fleet, web=Component(beats=Duration(1.0)), db=Component())
    picture.hear(fleet.beat("web"))
    assert picture.rumours() == []
    picture.declare(Config(), {})
    assert [picture.name(slot) for slot in picture.rumours()] == ["db"]


def test_the_undeclared_that_left_long_ago(picture: Picture, fleet: Fleet, clock: VirtualClock) -> None:
    _declare(picture, fleet, web=Component(beats=Duration(1.0)))
    for name in ("web", "pod-1", "pod-2"):
        picture.hear(fleet.beat(name))
    for name in ("web", "pod-1"):
        picture.hear(fleet.set(name, Liveness.left))
    assert picture.long_gone(3600) == []
    clock.set_wall(START + 3601)
    assert [picture.name(slot) for slot in picture.long_gone(3600)] == ["pod-1"]


def test_one_that_never_announced_itself_is_found_by_its_number(picture: Picture, fleet: Fleet) -> None:
    slot = fleet.expect("silent-type")
    picture.hear(fleet.set("silent-type", Liveness.alive))
    assert picture.slot("silent-type") is None
    assert picture.slot(picture.name(slot)) == slot


def test_a_card_that_cannot_be_judged_ends_nobody_elses(
    picture: Picture, fleet: Fleet, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OverflowError

    events = np.concatenate([fleet.beat("bad", job={"state": "running"}), fleet.beat("good")])
    monkeypatch.setattr("gadfly.monitor.jobs.verdict", broken)
    picture.hear(events)
    assert picture.counts()["unknown"] == 1
    assert picture.counts()["undeclared"] == 1
    assert "cannot be judged" in caplog.text


def test_a_pass_from_before_the_silence_does_not_soften_it_whatever_the_clock_says(
    picture: Picture, fleet: Fleet, clock: VirtualClock
) -> None:
    probe = Probes(http=(HttpProbe(url="http://web/"),))
    _declare(picture, fleet, web=Component(owner="ops", beats=Duration(1.0), probe=probe))
    picture.hear(fleet.beat("web"))
    well = Result(outcome=Outcome.passing, reason="GET / answered 200")
    picture.asked("web", "http", well)
    silent = fleet.set("web", Liveness.silent)
    silent["at"] = 1_000_000_000
    (change,) = picture.hear(silent)
    assert change.after is Verdict.down
    clock.set_wall(START - 3600)
    clock._now = 2.0
    (change,) = picture.asked("web", "http", well)
    assert change.after is Verdict.zombie


@pytest.mark.parametrize("keys", [(), ("env:KEY",)])
def test_who_is_known_by_telemetry_alone_is_no_member_of_a_declared_group(
    picture: Picture, fleet: Fleet, keys: tuple[str, ...]
) -> None:
    config = Config(component={"one": Component(group="front")}, heartbeat=Heartbeat(keys=keys))
    picture.declare(config, {"one": fleet.expect("one")})
    for name, group in (("own", "front"), ("sender", "front"), ("other", "back")):
        picture.hear(fleet.beat(name, group=group))
    sender = picture.slot("sender")
    fleet.incarnation[sender] = SECONDHAND
    counted = {picture.name(slot) for slot in np.flatnonzero(picture.counted())}
    assert counted == ({"one", "own", "other"} if keys else {"one", "other"})


def test_a_function_is_what_the_node_says_of_it(picture: Picture, fleet: Fleet, clock: VirtualClock) -> None:
    tidy = Function(file="a.py", owner="ops", purpose="Tidies what is left.", review=dt.date(2027, 1, 1))
    config = Config(function={"tidy": tidy})
    name = of_function("tidy")
    slot = fleet.expect(name)
    assert picture.declare(config, {name: slot}) == []
    assert (picture.verdicts[slot], picture.reason(slot)) == (Verdict.unknown, "nothing is known of it yet")
    subject = picture.subject(slot)
    assert (subject.kind, subject.owner, subject.group) == ("function", "ops", "functions")
    assert (subject.because, subject.declared) == ("Tidies what is left.", True)
    (change,) = picture.told({name: (Verdict.down, "it failed"), "function:gone": (Verdict.down, "")})
    assert (change.component, change.after, change.reason) == (name, Verdict.down, "it failed")
    # Whoever sends beats in its name is heard, and changes nothing: neither by its silence nor as a job.
    job = {"state": "finished", "exit": 0, "seconds": 1.0}
    assert picture.hear(fleet.beat(name, kind="job", owner="eve", started=5.0, job=job)) == []
    assert picture.hear(fleet.set(name, Liveness.silent)) == []
    clock.set_wall(START + 86_400)
    assert picture.tick() == []
    assert (picture.verdicts[slot], picture.subject(slot).owner) == (Verdict.down, "ops")
    (change,) = picture.told({name: (Verdict.healthy, "its last call worked")})
    assert change.after is Verdict.healthy
    picture.forget(slot)
    picture.declare(config, {name: slot})
    assert picture.reason(slot) == "nothing is known of it yet"
