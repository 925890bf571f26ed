"""What touches many, or brings them data, names its stages, also where it disturbs nobody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.act.guard.stages import stages
from gadfly.act.plan import Data
from gadfly.act.proof.sound import sound as sound_act
from gadfly.act.situation import Held, Used

NOW = 1_800_000_000.0
DATA = Data(size=10, before=10, limit=20)
SAME = Held(action="systemd:restart", group="x", cell="there", disturbs=False)


@pytest.mark.parametrize(
    ("count", "plan", "held", "refused"),
    [
        (4, {"cells": ()}, (), "stage it"),
        (4, {"cells": ("here", "there")}, (), ""),
        (3, {"cells": ()}, (), ""),  # as few as one person puts right by hand
        (2, {"cells": (), "data": DATA}, (), "stage it"),
        (1, {"data": DATA}, (), ""),
        (1, {"data": DATA}, (SAME,), 'in progress in cell "there"'),
        (1, {"data": DATA}, (msgspec.structs.replace(SAME, cell="here"),), ""),
        (1, {"data": DATA}, (msgspec.structs.replace(SAME, action="systemd:stop"),), ""),
        (1, {"data": DATA}, (msgspec.structs.replace(SAME, environment="staging"),), ""),
        (1, {}, (SAME,), ""),
        (4, {"cells": (), "disturbs": True}, (), ""),  # the business of the guard `domain`
        (4, {"cells": (), "destructive": True}, (), ""),
        (4, {"cells": (), "action": "notify"}, (), ""),
    ],
)
def test_who_must_name_stages(count: int, plan: dict[str, Any], held: tuple[Held, ...], refused: str) -> None:
    sound, situation = sound_act(NOW)
    here = sound.targets[0]
    targets = [
        msgspec.structs.replace(here, name=f"t{number}", cell=("here", "there")[number % 2])
        for number in range(count)
    ]
    given = {"disturbs": False, "cells": tuple(sorted({one.cell for one in targets})), **plan}
    asked = msgspec.structs.replace(sound, targets=tuple(targets), **given)
    said = stages(asked, msgspec.structs.replace(situation, used=Used(held=held)))
    assert (said is not None and refused in said) if refused else said is None


@pytest.mark.parametrize(
    ("regions", "plan", "refused"),
    [
        (("east", "west"), {}, True),
        (("east", "west"), {"disturbs": False}, True),
        (("east", "west"), {"action": "notify"}, False),
        (("east", "east"), {}, False),
        (("east", ""), {}, False),
    ],
)
def test_no_label_makes_one_cell_of_two_regions(
    regions: tuple[str, str], plan: dict[str, Any], refused: bool
) -> None:
    sound, situation = sound_act(NOW)
    targets = tuple(
        msgspec.structs.replace(one, region=region, cell="all")
        for one, region in zip(sound.targets, regions, strict=True)
    )
    said = stages(msgspec.structs.replace(sound, targets=targets, cells=("all",), **plan), situation)
    assert (said is not None and "lies in east and in west" in said) if refused else said is None
