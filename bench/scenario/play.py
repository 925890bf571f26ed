"""How a scenario is played: guarded, ablated, hindered; and what is then looked at.

*Guarded*: all guards are in force. *Ablated*: the one that a way names is not. Where others would still hold
the harm (they overlap on purpose), those are left out too, found by playing: whatever refused is left out until
the harm comes back. Then the named one alone is put in again, and must hold it: that is its proof.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from gadfly.act.guard import GUARDS, Guard
from gadfly.ledger import receipt
from scenario.attack import transaction
from scenario.course import STRUCTURE
from scenario.fleet import up
from scenario.scenario import Scenario, Way
from scenario.trouble import NONE, Trouble
from scenario.world import DAY, Enough, World

SCRIPT = Path(__file__).parents[2] / "examples" / "verify_receipt.py"
SLACK = 1e-9
ROUNDS = 12


@dataclass(frozen=True, kw_only=True)
class Played:
    """What one play came to."""

    harm: float
    held: frozenset[str]
    """All that refused something on the way."""
    stopped: float
    """Seconds from the first harm to the last."""
    receipts: tuple[str, ...] = ()
    """Of the decisive entries; each verifies offline."""
    key: str = ""
    """The ledger's verifier key, as an auditor has it."""
    broken: int = 0
    """Receipts that did not verify."""
    goes_on: bool = True
    """After all trouble was over a legitimate act was done."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Whether a guard matters: with it the harm is bounded, without it the harm is back."""

    way: Way
    beside: tuple[str, ...]
    """What was left out in both runs, because it would have held the harm as well."""
    first: float
    """The harm without the named guard, and with all others."""
    without: float
    only: float
    """The harm with the named guard, and without those beside it."""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one node's state, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scenario-") as name:
        yield Path(name)


def play(
    scenario: Scenario,
    way: Way,
    *,
    without: frozenset[str] = frozenset(),
    trouble: Trouble = NONE,
    after: bool = False,
    enough: float = math.inf,
    kind: type[World] = World,
) -> Played:
    """Play one way in a world of its own. `after`: receipts, and whether life goes on; `enough`: the harm at which
    it ends; `kind`: by whom acts are planned and carried out."""
    guards: Mapping[str, Guard] = {name: guard for name, guard in GUARDS.items() if name not in without}
    with folder() as state:
        world = kind(state, guards, off=without.intersection(STRUCTURE), trouble=trouble)
        try:
            world.harm, world.enough = scenario.harm, enough
            scenario.prepare(world)
            with suppress(Enough):
                way.play(world)
                world.measure()
            held = frozenset().union(*(one.held for one in world.attempts))
            stopped = (world.track.last or 0.0) - (world.track.first or 0.0)
            harm = world.track.worst
            receipts, broken = _receipts(world) if after else ((), 0)
            goes_on = _goes_on(world) if after else True
            return Played(
                harm=harm,
                held=held,
                stopped=stopped,
                receipts=receipts,
                key=str(world.ledger.verifier),
                broken=broken,
                goes_on=goes_on,
            )
        finally:
            world.close()


def prove(scenario: Scenario, way: Way, quick: bool = True, kind: type[World] = World) -> Proof:
    """Take the named guard out, and with it whatever holds the harm in its place, until the harm is back; then put
    the named one in again. `quick`: end each play where the harm is back, not where it ends by itself."""
    beside: frozenset[str] = frozenset()
    first: float | None = None
    for _ in range(ROUNDS):
        found = play(
            scenario,
            way,
            without=beside | {way.guard},
            enough=scenario.returned if quick else math.inf,
            kind=kind,
        )
        first = found.harm if first is None else first
        if found.harm >= scenario.returned - SLACK or not (
            more := _others(found.held) - beside - {way.guard}
        ):
            break
        beside |= more
    only = play(scenario, way, without=beside, kind=kind)
    return Proof(
        way=way, beside=tuple(sorted(beside)), first=first or 0.0, without=found.harm, only=only.harm
    )


def _others(held: frozenset[str]) -> frozenset[str]:
    """Those that can be left out. A stage that the gate would not permit stands for the staging itself."""
    return frozenset("canary" if one == "again" else one for one in held if one not in ("ledger", "replica"))


def _receipts(world: World) -> tuple[tuple[str, ...], int]:
    """A receipt of each decisive entry (the first five and the last five), verified without the database."""
    world.ledger.slow = None
    with transaction(world.connection):
        world.ledger.checkpoint(world.connection)
    texts = []
    broken = 0
    places = sorted(set(world.node.decisive))
    for place in dict.fromkeys(places[:5] + places[-5:]):
        text = str(receipt.make(world.connection, place))
        texts.append(text)
        broken += not holds(text, str(world.ledger.verifier))
    return tuple(texts), broken


def holds(text: str, key: str) -> bool:
    """Whether the stand-alone script of the examples, which knows no gadfly, takes this receipt."""
    try:
        _script().verify(text, key, [], 0)
    except ValueError:
        return False
    return True


@functools.cache
def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_receipt", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def _goes_on(world: World) -> bool:
    """The trouble is over, people are back and lift what they had ordered: ordinary acts are done, where it
    happened and elsewhere."""
    world.heal()
    world.people.come_back()
    return all(_ordinary(world, group) for group in dict.fromkeys((world.last, "batch")))


def _ordinary(world: World, group: str) -> bool:
    """Within a day one that works is restarted; nobody has to be asked. True where none works any more."""
    spare = next((unit for unit in world.fleet.group(group) if unit.well), None)
    if spare is None:
        return True
    world.declare(
        f"ordinary-{group}",
        "service:renew {component}",
        owner=spare.owner,
        on=f'group = "{group}"',
        undo="service:stop {component}",
        environment=spare.environment,
    )
    for _ in range(24):
        if world.attempt(f"ordinary-{group}", [spare], lambda unit: None, expect=up).touched:
            return True
        world.wait(DAY / 24)
    return False
