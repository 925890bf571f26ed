"""Questions about the whole picture: who matches, in which order, arranged by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gadfly.clock import VirtualClock
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.picture import Picture
from gadfly.monitor.search import arrange, find

if TYPE_CHECKING:
    from tests.monitor.conftest import Fleet


@pytest.fixture
def picture(fleet: Fleet) -> Picture:
    clock = VirtualClock(fleet.wall)
    picture = Picture(fleet, clock)
    picture.hear(fleet.beat("web-1", group="web", owner="shop", host="h1"))
    fleet.wall += 1
    picture.hear(fleet.beat("web-2", group="web", owner="shop", host="h2"))
    fleet.wall += 1
    picture.hear(fleet.beat("db-1", Status.warn, group="db", kind="device"))
    picture.hear(fleet.beat("gone", group="db"))
    picture.hear(fleet.set("gone", Liveness.silent))
    return picture


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ({}, ["gone", "db-1", "web-1", "web-2"]),
        ({"order": "name"}, ["db-1", "gone", "web-1", "web-2"]),
        ({"order": "seen"}, ["db-1", "gone", "web-2", "web-1"]),
        ({"q": "WEB"}, ["web-1", "web-2"]),
        ({"verdict": ["down", "degraded"]}, ["gone", "db-1"]),
        ({"verdict": ["nonsense"]}, []),
        ({"owner": "shop"}, ["web-1", "web-2"]),
        ({"owner": "nobody"}, []),
        ({"group": "db"}, ["gone", "db-1"]),
        ({"host": "h2"}, ["web-2"]),
        ({"kind": "device"}, ["db-1"]),
        ({"kind": "nonsense"}, []),
        ({"group": "web", "q": "2", "verdict": ["undeclared"]}, ["web-2"]),
    ],
)
def test_find(picture: Picture, question: dict[str, str], names: list[str]) -> None:
    total, slots = find(picture, **question)  # type: ignore[arg-type]
    assert [picture.name(slot) for slot in slots] == names
    assert total == len(names)


def test_a_page_of_them(picture: Picture) -> None:
    total, slots = find(picture, offset=1, limit=2)
    assert (total, [picture.name(slot) for slot in slots]) == (4, ["db-1", "web-1"])


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("group", [("db", ["db-1", "gone"]), ("web", ["web-1", "web-2"])]),
        ("host", [("", ["db-1", "gone"]), ("h1", ["web-1"]), ("h2", ["web-2"])]),
        ("owner", [("", ["db-1", "gone"]), ("shop", ["web-1", "web-2"])]),
        ("kind", [("device", ["db-1"]), ("service", ["web-1", "web-2", "gone"])]),
    ],
)
def test_arrange(picture: Picture, by: str, expected: list[tuple[str, list[str]]]) -> None:
    found = [
        (label, [picture.name(slot) for slot in slots.tolist()]) for label, slots in arrange(picture, by)
    ]
    assert found == expected


def test_nobody_to_arrange(fleet: Fleet) -> None:
    assert arrange(Picture(fleet, VirtualClock()), "group") == []
