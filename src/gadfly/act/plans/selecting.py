"""The components that an automation is to act on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gadfly.act.calling.trigger import parse as parse_trigger
from gadfly.act.grants import selector
from gadfly.act.scene import Scene
from gadfly.errors import Refused
from gadfly.monitor.subject import Subject

TURN = 500
"""Components that are looked at before others have their turn."""


async def subjects(scene: Scene, name: str, targets: Sequence[str]) -> list[Subject]:
    """Those named, each of which must be selected; or all that the automation `name` selects.

    Refused where there is no such automation, or a target is not its own.
    """
    automation = scene.config.automation.get(name)
    if automation is None:
        raise Refused(f"No automation {name[:200]!r} is declared.", 404)
    matches = selector.parse(automation.targets or parse_trigger(automation.on).selector)
    found: list[Subject] = []
    if targets:
        for component in dict.fromkeys(targets):
            subject = scene.view.subject(component)
            if subject is None or not matches(subject):
                raise Refused(f"{component[:200]} is no target of {name}.", 422)
            found.append(subject)
        return found
    for count, subject in enumerate(scene.view.subjects(), 1):
        if matches(subject):
            found.append(subject)
        if count % TURN == 0:
            await asyncio.sleep(0)
    return found
