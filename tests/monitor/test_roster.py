"""Who is in which slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gadfly.config import Component, Config
from gadfly.monitor.columns import Flag
from gadfly.monitor.roster import Roster
from gadfly.telemetry.frame import component_id

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
