"""At the point of effect every permission is checked again, and used once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.act import action
from gadfly.act.action import Action
from gadfly.act.action.effect import Edge, Effect, State
from gadfly.act.executing import capability
from gadfly.act.executing.capability import Capability, issue
from gadfly.act.executing.executor import Executor, Line
from gadfly.act.executing.lease import Authority, Renewal
from gadfly.act.halt.stop import Stop
from gadfly.act.plan import Plan, Target
from gadfly.clock import VirtualClock

KEY = Ed25519PrivateKey.generate()
W1 = Target(name="w1", owner="payments", group="workers", cell="north")
W2 = Target(name="w2", owner="payments", group="workers", cell="north")
PLAN = Plan(
    principal="automation:restart",
    automation="restart",
    owner="payments",
    action="test:restart",
    argument="{component}",
    targets=(W1, W2),
    cells=("north",),
    expect="component alive within 30s",
    made=1_800_000_000.0,
)


class World:
    """One executor in virtual time, and what it did."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = VirtualClock()
        self.authority = Authority()
        self.done: list[str] = []
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None
        monkeypatch.setitem(action.ACTIONS, "test", Action(self._check, self._describe, self._do))
        self.executor = Executor(
            "north", KEY.public_key(), self.authority, self.clock, Edge(monotonic=self.clock.monotonic)
        )
        self.renew()

    def renew(self, *stops: Stop, lasts: float = 30.0) -> None:
        self.authority.renew(self.clock.boottime(), Renewal(mark="m", lasts=lasts, stops=stops))

    def permission(self, of: Plan = PLAN, key: Ed25519PrivateKey = KEY, **changes: object) -> str:
        now = self.clock.wall()
        fine = Capability(
            plan=of.hash, intent=10, fence=3, cell="north", executor="north", issued=now, ends=now + 30
        )
        return issue(key, msgspec.structs.replace(fine, **changes))

    async def perform(self, permission: str, plan: Plan = PLAN, target: Target = W1) -> Effect:
        doing = asyncio.ensure_future(self.executor.perform(permission, plan, target))
        await self.clock.advance(0.0)
        return await doing

    def _check(self, text: str) -> None:
        if not text.startswith("restart"):
            raise ValueError("only restart")

    def _describe(self, text: str, values: Mapping[str, str], edge: Edge) -> str:
        if values["component"] == "nobody":
            raise ValueError("nobody cannot be restarted")
        return f"{text} {values['component']} by intent {values['intent']}"

    async def _do(self, text: str, values: Mapping[str, str], edge: Edge) -> Effect:
        self.done.append(values["component"])
        if self.error is not None:
            raise self.error
        if self.gate is not None:
            await self.gate.wait()
        return Effect(state=State.finished, ok=True, words="done")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def stop(**changes: object) -> Stop:
    fine = Stop(id=1, scope="everything", who="person:anna", because="disk is full", at=0.0, entry=11)
    return msgspec.structs.replace(fine, **changes)


async def test_what_is_permitted_is_done(world: World) -> None:
    effect = await world.perform(world.permission())
    assert (effect.state, effect.ok) == (State.finished, True)
    assert world.done == ["w1"]


async def test_a_permission_is_for_every_target_of_its_cell_once(world: World) -> None:
    permission = world.permission()
    await world.perform(permission)
    assert (await world.perform(permission, target=W2)).ok
    again = await world.perform(permission)
    assert again.state is State.unstarted
    assert "Number 3 has been here" in again.words
    assert world.done == ["w1", "w2"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plan": "0" * 64}, "another plan"),
        ({"executor": "south"}, "for the executor south"),
        ({"cell": "south"}, 'for the cell "south"'),
        ({"issued": 1_800_000_000.0 + 20, "ends": 1_800_000_000.0 + 30}, "future"),
        ({"issued": 1_800_000_000.0 - 40, "ends": 1_800_000_000.0 - 10}, "ended"),
        ({"issued": 1_800_000_000.0 - 1, "ends": 1_800_000_000.0 + 20}, "older than this executor"),
    ],
)
async def test_what_was_not_permitted_is_not_done(
    world: World, changes: dict[str, object], said: str
) -> None:
    effect = await world.perform(world.permission(**changes))
    assert effect.state is State.unstarted
    assert said in effect.words
    assert world.done == []


async def test_another_signature_permits_nothing(world: World) -> None:
    for permission in (
        world.permission(key=Ed25519PrivateKey.generate()),
        "",
        "a.b",
        world.permission()[:-2],
    ):
        effect = await world.perform(permission)
        assert effect.state is State.unstarted
        assert "no permission that the gate signed" in effect.words
    assert world.done == []


@pytest.mark.parametrize(
    "changes",
    [
        {"argument": "everything"},
        {"action": "test:restart-hard"},
        {"targets": (W1, W2, Target(name="w3", cell="north"))},
        {"parameters": {"size": "9"}},
        {"expect": "component alive within 1h"},
        {"principal": "automation:other"},
    ],
)
async def test_the_hash_is_of_what_is_about_to_be_done(world: World, changes: dict[str, object]) -> None:
    effect = await world.perform(world.permission(), msgspec.structs.replace(PLAN, **changes))
    assert effect.state is State.unstarted
    assert "another plan" in effect.words
    assert world.done == []


async def test_a_target_that_only_looks_like_one_of_the_plan(world: World) -> None:
    effect = await world.perform(world.permission(), target=msgspec.structs.replace(W1, labels={"x": "y"}))
    assert "not among the targets" in effect.words
    assert world.done == []


async def test_an_older_number_is_refused_on_its_target_only(world: World) -> None:
    await world.perform(world.permission(fence=5))
    effect = await world.perform(world.permission(fence=4))
    assert "Number 5 has been here" in effect.words
    assert (await world.perform(world.permission(fence=4), target=W2)).ok
    assert (await world.perform(world.permission(fence=6))).ok
    assert world.done == ["w1", "w2", "w1"]


async def test_numbers_that_were_forgotten_permit_nothing_older(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.act.executing.executor.SEEN", 1)
    await world.perform(world.permission(fence=5))
    await world.perform(world.permission(fence=6), target=W2)
    effect = await world.perform(world.permission(fence=5))
    assert effect.state is State.unstarted
    assert (await world.perform(world.permission(fence=7))).ok


async def test_it_ends_by_a_clock_that_never_goes_back(world: World) -> None:
    permission = world.permission()
    await world.clock.advance(31.0)
    world.renew()
    world.clock.set_wall(1_800_000_000.0 + 1)  # set back to when the permission was good
    await world.perform(world.permission(issued=1_800_000_031.0, ends=1_800_000_041.0), target=W2)
    effect = await world.perform(permission)
    assert "has ended" in effect.words
    assert world.done == ["w2"]


async def test_without_a_lease_there_is_no_authority(world: World) -> None:
    await world.clock.advance(30.0)
    effect = await world.perform(world.permission())
    assert effect.state is State.unstarted
    assert "authority lapsed" in effect.words
    world.authority.drop()
    assert "no authority" in (await world.perform(world.permission())).words
    world.renew()
    assert (await world.perform(world.permission())).ok
    assert world.done == ["w1"]


async def test_a_lease_lapses_while_the_machine_sleeps(world: World) -> None:
    permission = world.permission()
    world.clock.suspend(31.0)
    world.clock.set_wall(1_800_000_000.0)  # as a machine whose wall clock stood still, too
    effect = await world.perform(permission)
    assert (effect.state, world.done) == (State.unstarted, [])
    now = world.clock.wall() + 31.0
    effect = await world.perform(world.permission(issued=now, ends=now + 30))
    assert "authority lapsed" in effect.words


async def test_a_permission_that_ends_in_the_last_turn_before_the_effect_permits_nothing(
    world: World,
) -> None:
    doing = asyncio.ensure_future(world.executor.perform(world.permission(ends=1_800_000_001.0), PLAN, W1))
    # It runs after the permission was looked at, and before the task that has the effect.
    asyncio.get_running_loop().call_soon(world.clock.set_wall, 1_800_000_001.0)
    effect = await doing
    assert (effect.state, effect.words) == (State.unstarted, capability.ENDED)
    assert world.done == []


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        ({}, False),
        ({"scope": "owner", "name": "payments"}, False),
        ({"scope": "owner", "name": "search"}, True),
        ({"scope": "automation", "name": "restart"}, False),
        ({"scope": "target", "name": "w1"}, False),
        ({"scope": "target", "name": "w2"}, True),
        ({"lifted": 5.0}, False),  # decided before the stop: nothing queued survives it
        ({"lifted": 5.0, "entry": 9}, True),
    ],
)
async def test_a_stop_holds_what_it_covers(world: World, changes: dict[str, object], done: bool) -> None:
    world.renew(stop(**changes))
    effect = await world.perform(world.permission())
    assert effect.ok is done
    assert bool(world.done) is done


async def test_a_stop_ends_what_is_on_its_way_at_once(world: World) -> None:
    world.gate = asyncio.Event()
    doing = asyncio.ensure_future(world.executor.perform(world.permission(), PLAN, W1))
    await world.clock.advance(3.0)
    assert not doing.done()
    world.renew(stop())
    async with asyncio.timeout(1.0):
        effect = await doing
    assert world.authority.heard == set()
    assert effect.state is State.unknown
    assert "disk is full" in effect.words


async def test_a_stop_in_the_last_turn_before_the_effect_leaves_it_unstarted(world: World) -> None:
    doing = asyncio.ensure_future(world.executor.perform(world.permission(), PLAN, W1))
    asyncio.get_running_loop().call_soon(world.renew, stop())
    effect = await doing
    assert (effect.state, world.done) == (State.unstarted, [])
    assert "disk is full" in effect.words


async def test_news_that_is_no_stop_ends_nothing(world: World) -> None:
    world.gate = asyncio.Event()
    doing = asyncio.ensure_future(world.executor.perform(world.permission(), PLAN, W1))
    await world.clock.advance(1.0)
    world.renew(stop(scope="owner", name="search"))
    await world.clock.advance(1.0)
    assert not doing.done()
    world.gate.set()
    assert (await doing).ok


async def test_a_lease_that_lapses_does_not_tear_what_rightly_began(world: World) -> None:
    world.gate = asyncio.Event()
    doing = asyncio.ensure_future(world.executor.perform(world.permission(), PLAN, W1))
    await world.clock.advance(60.0)
    assert not doing.done()
    world.gate.set()
    await world.clock.advance(1.0)
    assert (await doing).ok


async def test_a_defect_leaves_it_unknown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.error = RuntimeError("secret inside")
    effect = await world.perform(world.permission())
    assert effect.state is State.unknown
    assert "secret" not in effect.words
    assert "failed unexpectedly" in caplog.text


async def test_cancelled_it_ends_what_it_began(world: World) -> None:
    world.gate = asyncio.Event()
    doing = asyncio.ensure_future(world.executor.perform(world.permission(), PLAN, W1))
    await world.clock.advance(1.0)
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing


async def test_what_cannot_be_done_is_not_begun(world: World) -> None:
    nobody = Target(name="nobody", cell="north")
    plan = msgspec.structs.replace(PLAN, targets=(nobody,))
    effect = await world.perform(world.permission(plan), plan, nobody)
    assert (effect.state, effect.words) == (State.unstarted, "nobody cannot be restarted")
    plan = msgspec.structs.replace(PLAN, action="nothing:x")
    effect = await world.perform(world.permission(plan), plan)
    assert "no action" in effect.words


def test_a_dry_run_says_what_would_be_done_and_does_nothing(world: World) -> None:
    plan = msgspec.structs.replace(PLAN, targets=(W1, Target(name="nobody")))
    assert world.executor.describe(plan) == [
        Line(target="w1", words="restart {component} w1 by intent 0"),
        Line(target="nobody", words="nobody cannot be restarted", possible=False),
    ]
    assert world.done == []


async def test_a_group_is_scaled_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(action.ACTIONS, "test", action.ACTIONS["test"]._replace(each=False))
    permission = world.permission()
    assert (await world.perform(permission)).ok
    assert (await world.perform(permission, target=W2)).state is State.unstarted
    assert world.done == ["w1"]
