"""Who is in which slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.heartbeat import Heartbeat
from gadfly.monitor.card import Card
from gadfly.monitor.columns import Flag
from gadfly.monitor.roster import Roster
from gadfly.telemetry.frame import SECONDHAND, component_id

if TYPE_CHECKING:
    from tests.monitor.conftest import Fleet


@pytest.fixture
def roster(fleet: Fleet) -> Roster:
    made = Roster(fleet)
    made.columns.reach(4)
    return made


def test_one_that_has_not_announced_itself_is_found_by_its_number(roster: Roster, fleet: Fleet) -> None:
    slot = fleet.expect("shop")
    roster.columns.verdict[slot] = 0
    shown = f"{component_id('shop'):016x}"
    assert roster.name(slot) == shown
    assert roster.slot(shown) == slot
    assert roster.slot("shop") is None
    assert roster.slot("sixteen letters!") is None


def test_the_node_declares_its_own_and_jobs_are_jobs(roster: Roster, fleet: Fleet) -> None:
    slots = {name: fleet.expect(name) for name in ("node7", "backup")}
    config = Config(component={"backup": Component(kind="job", schedule="every 1h")})
    roster.declare(config, slots, own=("node7", "elsewhere"))
    flags = roster.columns.flags
    assert flags[slots["node7"]] == Flag.declared | Flag.beats
    assert flags[slots["backup"]] & (Flag.declared | Flag.job) == Flag.declared | Flag.job
    assert roster.subject(slots["node7"], None).declared


def test_a_name_that_is_not_its_own_is_not_believed(roster: Roster, fleet: Fleet) -> None:
    fleet.beat("liar")
    fleet.cards[0] = b'{"name":"shop"}'
    assert roster.read_card(0) is None
    assert roster.columns.names[0] == ""


@pytest.mark.parametrize(
    ("keys", "declared", "expected"),
    [
        ((), Component(owner="ops", labels={"region": "eu"}), ("ops", "", {"region": "eu"}, ())),
        ((), None, ("evil", "workers", {"region": "us"}, ("db",))),
        (
            ("env:KEY",),
            Component(owner="ops", labels={"region": "eu"}),
            ("ops", "workers", {"region": "eu", "environment": "staging", "used": "2001-01-01"}, ("db",)),
        ),
        (
            ("env:KEY",),
            None,
            ("evil", "workers", {"region": "us", "environment": "staging", "used": "2001-01-01"}, ("db",)),
        ),
    ],
)
def test_what_anybody_can_announce_loosens_nothing(
    roster: Roster,
    fleet: Fleet,
    keys: tuple[str, ...],
    declared: Component | None,
    expected: tuple[str, str, dict[str, str], tuple[str, ...]],
) -> None:
    slot = fleet.expect("shop")
    roster.columns.call(slot, "shop")
    config = Config(component={} if declared is None else {"shop": declared}, heartbeat=Heartbeat(keys=keys))
    roster.declare(config, {} if declared is None else {"shop": slot}, own=())
    labels = {"region": "us", "environment": "staging", "used": "2001-01-01"}
    card = Card(name="shop", owner="evil", group="workers", needs=["db"], labels=labels)
    found = roster.vouched(slot, card)
    assert (found.owner, found.group, found.labels, found.needs) == expected
    assert roster.subject(slot, card).labels["environment"] == "staging"


def test_the_nodes_own_key_vouches_for_nobody_that_is_known_by_telemetry(
    roster: Roster, fleet: Fleet
) -> None:
    slot = fleet.expect("shop")
    roster.columns.call(slot, "shop")
    roster.declare(Config(heartbeat=Heartbeat(keys=("env:KEY",))), {}, own=())
    card = Card(name="shop", labels={"environment": "staging"})
    assert roster.vouched(slot, card).labels == {"environment": "staging"}
    fleet.incarnation[slot] = SECONDHAND
    assert roster.vouched(slot, card).labels == {}
