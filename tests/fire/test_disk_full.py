"""The disk fills up: it is said, nothing acknowledged is lost, and all goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gadfly.alert import notify
from gadfly.alert.courier import Courier
from gadfly.alert.engine import Engine
from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.owner import Owner
from gadfly.errors import StoreError
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not permit to mount a small disk (needs root)")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def change(name: str, after: Verdict, subject: Subject) -> Change:
    return Change(
        at=1_800_000_000.0,
        component=name,
        slot=0,
        before=Verdict.healthy,
        after=after,
        reason="r",
        subject=subject,
    )


async def test_full_and_free_again(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[str] = []

    async def send(notification, destination, context) -> None:
        got.extend(item.component for item in notification.items)

    monkeypatch.setitem(notify.SENDERS, "webhook", send)
    path = small_disk / "gadfly.db"
    db, clock = Database(path), VirtualClock()
    config = Config(owner={"ops": Owner(contact=("https://ops/",))})
    subjects = {f"c{n}": Subject(name=f"c{n}", owner="ops") for n in range(3000)}
    engine = Engine(db, config, clock, subjects.get)
    courier = Courier(db, config, clock)
    await engine.start()

    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        left = os.statvfs(small_disk)
        file.write(b"x" * max(0, left.f_bavail * left.f_frsize - 120_000))
    taken: list[str] = []
    refused: list[str] = []
    said: set[bool] = set()
    for name, subject in subjects.items():
        try:
            await engine.take([change(name, Verdict.down, subject)])
        except StoreError as error:
            said.add("make room" in str(error))
            refused.append(name)
            if len(refused) == 3:
                break
        else:
            taken.append(name)
        await clock.advance(5)
    assert taken
    assert said == {True}, "the disk did not fill up, or the error does not say what to do"
    # What was acknowledged stands, and what was not, does not.
    assert {one.component for one in await engine.alerts()} == set(taken)

    ballast.unlink()
    for name in refused:
        await engine.take([change(name, Verdict.down, subjects[name])])
    while True:
        await courier.round()
        if not courier.flying:
            break
        await courier.settle()
    assert sorted(got) == sorted(taken + refused)
    db.close()

    again = Database(path)
    engine = Engine(again, config, clock, subjects.get)
    await engine.start()
    assert {one.component for one in await engine.alerts()} == set(taken + refused)
    again.close()
