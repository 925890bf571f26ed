"""collectd's packets become series, lines of the log and hosts; passwords may change while it runs."""

from __future__ import annotations

import asyncio
import importlib.util
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gadfly.config import Config
from gadfly.config.listeners import Collectd as Settings
from gadfly.errors import StoreError
from gadfly.intake import collectd
from gadfly.intake.collectd import Collectd


def _packets() -> ModuleType:
    path = Path(__file__).parents[2] / "telemetry" / "collectd" / "packets.py"
    spec = importlib.util.spec_from_file_location("collectd_packets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PACKETS = _packets()


def load(world: Any, host: str = "web-1") -> bytes:
    return bytes(PACKETS.load(host, int(world.clock.wall())))


async def listening(world: Any, **more: Any) -> Collectd:
    settings = Settings(**{"listen": (f"127.0.0.1:{world.port}",), "types": (), **more})
    part = Collectd(Config(collectd=settings), world.clock, lambda: world.store, world, world.take)
    world.task = asyncio.create_task(part.run())
    await world.until(lambda: part.ports())
    return part


async def test_values_become_series_and_who_sends_is_seen(world: Any) -> None:
    part = await listening(world)
    world.send(load(world), load(world, "web-2"))
    await world.pass_until(lambda: len(world.ask("collectd_load_midterm")) == 2)
    assert world.ask('collectd_load_shortterm{instance="web-1"}').popitem()[1] == 0.5
    assert ("web-2", "host") in world.discovered
    assert part.counts()["values_total"] == 6
    assert part.counts()["packets_total"] == 2


async def test_damage_costs_nothing_of_the_rest(world: Any) -> None:
    part = await listening(world)
    world.send(load(world)[:-5], b"\0", load(world, "web-2") + b"\0\0\0\1")
    await world.pass_until(lambda: world.ask("collectd_load_midterm"))
    assert part.counts()["refused_truncated_total"] == 3
    assert len(world.ask("collectd_load_midterm")) == 1


async def test_notifications_are_lines_of_the_log(world: Any) -> None:
    await listening(world)
    data = PACKETS.text(0, "web-1") + PACKETS.number(1, 9) + PACKETS.number(0x101, 1)
    data += PACKETS.text(2, "df") + PACKETS.text(3, "root") + PACKETS.text(0x100, "the disk is full")
    world.send(data)
    await world.until(lambda: world.lines)
    (line,) = world.lines
    assert (line.at, line.source, line.host, line.unit, line.severity) == (
        9.0,
        "collectd",
        "web-1",
        "df-root",
        3,
    )
    assert line.text == "the disk is full"


async def test_values_without_a_time_have_that_of_their_arrival(world: Any) -> None:
    await listening(world)
    world.send(PACKETS.text(0, "h") + PACKETS.text(2, "p") + PACKETS.text(4, "t") + PACKETS.values((1, 4)))
    await world.pass_until(lambda: list(world.ask("collectd_p_t").values()) == [4.0])


async def test_times_that_cannot_be_are_refused(world: Any) -> None:
    part = await listening(world)
    world.send(
        PACKETS.text(0, "h") + PACKETS.part(1, b"\xff" * 8) + PACKETS.text(4, "t") + PACKETS.values((1, 4))
    )
    await world.pass_until(lambda: any(key.startswith("refused") for key in part.counts()))


async def test_a_file_of_passwords_is_read_again(
    world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collectd, "LOOK", 2.0)
    passwords = tmp_path / "passwords"
    part = await listening(world, security="sign", auth_file=str(passwords))
    assert "cannot be read" in part.warnings()[0]
    world.send(load(world), PACKETS.signed(load(world), "alice", "secret"))
    await world.until(lambda: len([key for key in part.counts() if key.startswith("refused")]) == 2)
    assert part.counts()["refused_unsealed_total"] == part.counts()["refused_user_total"] == 1
    passwords.write_text("alice: secret\n")
    await world.pass_until(lambda: not any("cannot be read" in one for one in part.warnings()))
    world.send(PACKETS.encrypted(load(world), "alice", "secret"))
    await world.pass_until(lambda: world.ask("collectd_load_midterm"))
    assert any("compare its user" in one for one in part.warnings())


async def test_passwords_stand_in_the_environment(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLECTD_ALICE", "secret")
    part = await listening(
        world, security="encrypt", users={"alice": ("env:COLLECTD_ALICE",), "bob": ("env:COLLECTD_BOB",)}
    )
    assert "COLLECTD_BOB" in part.warnings()[0]
    world.send(PACKETS.encrypted(load(world), "alice", "secret"))
    await world.pass_until(lambda: world.ask("collectd_load_midterm"))


async def test_what_waits_is_bounded(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collectd, "WAITING", 4)
    store, world.store = world.store, None
    part = await listening(world)
    world.send(load(world), load(world, "web-2"))
    await world.until(lambda: part.counts().get("refused_waiting_total") == 3)
    world.store = store
    await world.pass_until(lambda: world.ask("collectd_load_midterm"))


async def test_a_disk_that_refuses_is_counted(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(world.store, "append", full)
    part = await listening(world)
    world.send(load(world))
    await world.pass_until(lambda: part.counts().get("refused_disk_total") == 3)


async def test_types_are_read_and_settings_may_change(world: Any, tmp_path: Path) -> None:
    types = tmp_path / "types.db"
    types.write_text("mine\ta:GAUGE:0:U, b:GAUGE:0:U\n")
    part = await listening(world, types=(str(types), "/nowhere/types.db"))
    world.send(PACKETS.text(0, "h") + PACKETS.text(4, "mine") + PACKETS.values((1, 1), (1, 2)))
    await world.pass_until(lambda: world.ask("collectd_mine_b"))
    part.reconfigure(Config())
    await world.pass_until(lambda: not part.ports())


async def test_a_group_is_joined_on_loopback(world: Any) -> None:
    import socket

    part = await listening(world, listen=(f"239.192.74.66:{world.port}",), interfaces=("lo",))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", bytes(4), bytes(4), 1))
        one.sendto(load(world), ("239.192.74.66", world.port))
    await world.pass_until(lambda: world.ask("collectd_load_midterm"))
    assert part.counts()["packets_total"] == 1
