"""The plan that takes an act back. It goes through the gate like any other."""

from __future__ import annotations

import logging

import msgspec

from gadfly.act.plan import Plan
from gadfly.act.plans import expect
from gadfly.act.scene import Scene
from gadfly.errors import Refused

log = logging.getLogger("gadfly.act")


def rollback(scene: Scene, plan: Plan, intent: int, touched: tuple[str, ...]) -> Plan | None:
    """On the targets that were touched, as they are seen now; None where there is nothing to act on."""
    try:
        found = scene.afresh(plan, touched)
    except Refused as error:
        log.warning("intent %d is not taken back: %s", intent, error)
        return None
    action, _, argument = plan.undo.partition(" ")
    return msgspec.structs.replace(
        found,
        # It is the automation that says how its act is taken back, and that has leave for that.
        principal=f"automation:{plan.automation}",
        asked_by="",
        action=action,
        argument=argument.strip(),
        undo=f"{plan.action} {plan.argument}".strip(),
        expect=expect.undone(plan.expect),
        trigger=f"undo of intent {intent}",
        undoes=intent,
        symptom="",
    )
