"""A host that only the component itself names is shown with what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.monitor.picture import Picture
from gadfly.monitor.place import host_doubt
from gadfly.monitor.source import host_of

if TYPE_CHECKING:
    from tests.monitor.conftest import Fleet


@pytest.mark.parametrize(
    ("host", "mine", "its", "doubted"),
    [
        ("node7", "10.0.0.9:4711", "10.0.0.7:4712", True),
        ("node7", "[fd00::9]:4711", "10.0.0.7:4712", True),
        ("node7", "10.0.0.7:4711", "10.0.0.7:4712", False),
        ("node7", "127.0.0.1:4711", "127.0.0.2:4712", False),
        ("node7", "127.0.0.1:4711", "10.0.0.7:4712", True),
        ("node7", "", "10.0.0.7:4712", False),
        ("node7", "10.0.0.9:4711", "", False),
        ("unheard", "10.0.0.9:4711", "10.0.0.7:4712", False),
        ("", "10.0.0.9:4711", "10.0.0.7:4712", False),
    ],
)
def test_addresses_that_differ(fleet: Fleet, host: str, mine: str, its: str, doubted: bool) -> None:
    picture = Picture(fleet, VirtualClock())
    picture.hear(fleet.beat("shop", host=host))
    picture.hear(fleet.beat("node7", kind="host"))
    fleet.sources = {0: mine, 1: its}
    said = host_doubt(picture, 0)
    assert bool(said) is doubted
    if doubted:
        assert said == (
            f"as it says itself: its beats come from {host_of(mine)}, those of node7 from "
            "10.0.0.7; if it is right, name the host in the catalogue"
        )


@pytest.mark.parametrize(("declared", "doubted"), [("node7", False), ("", True)])
def test_the_catalogue_is_not_doubted(fleet: Fleet, declared: str, doubted: bool) -> None:
    picture = Picture(fleet, VirtualClock())
    components = {"shop": Component(host=declared), "node7": Component(kind="host")}
    picture.declare(Config(component=components), {name: fleet.expect(name) for name in components})
    picture.hear(fleet.beat("shop", host="node7"))
    picture.hear(fleet.beat("node7"))
    fleet.sources = {0: "10.0.0.9:4711", 1: "10.0.0.7:4712"}
    assert bool(host_doubt(picture, 0)) is doubted
