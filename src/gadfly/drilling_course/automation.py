"""An automation is stopped: on a target that does not exist, while the guards see what they must deny."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gadfly.act.gate import decide
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import act_of
from gadfly.act.proof.sound import sound
from gadfly.ask.drill.mark import MARK
from gadfly.ask.drill.record import HOLDS, Drill, Kind
from gadfly.drilling_course import course
from gadfly.drilling_course.course import LOOK, Setting
from gadfly.errors import Refused

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

PROMISED = 1.0
"""Seconds within which each executor knows of a stop (docs/acting.md)."""


class StoppedAutomation:
    """The stop is real, and lifted at the end."""

    kind: Kind = "automation"

    def __init__(self, node: Node, name: str, owner: str) -> None:
        self._node = node
        self.target = name
        self.owner = owner

    def told(self, drill: Drill) -> bool:
        return drill.took is not None and not drill.missed

    async def run(self, drill: Drill, setting: Setting) -> Drill:
        node, clock = self._node, self._node.clock
        name = f"{stop_book.DRILL}{drill.name} of {self.target}"[:200]
        drill = msgspec.structs.replace(drill, promised=PROMISED)
        plan, situation = sound(clock.wall())
        target = msgspec.structs.replace(plan.targets[0], name=name)
        plan = msgspec.structs.replace(
            plan,
            principal=f"automation:{self.target}",
            automation=self.target,
            owner=self.owner,
            targets=(target,),
        )
        act = act_of(plan)
        authority, board, ledger = node.acting.board.own, node.acting.board, node.recorder.log
        if (why := authority.refusal(act, clock.boottime())) is not None:
            raise Refused(f"The executor refuses already, so that a stop cannot be measured: {why}", 409)
        began = clock.monotonic()
        made = await board.stop(
            ledger, scope="target", name=name, owner=self.owner, who=drill.who, because=f"{MARK} {drill.name}"
        )
        try:
            end = began + course.PATIENCE
            while authority.refusal(act, clock.boottime()) is None and clock.monotonic() < end:
                await clock.sleep(LOOK)
            stops = await node.db.read(stop_book.in_force)
            took = clock.monotonic() - began
            refused = authority.refusal(act, clock.boottime()) is not None
            stopped = decide(plan, msgspec.structs.replace(situation, stops=stops)).refusals
        finally:
            lifted = clock.wall()
            await node.db.write(
                lambda connection: stop_book.lift_drill(
                    connection, ledger, made.id, who=drill.who, now=lifted
                )
            )
            await board.look()
        gate = any(one.guard == "stop" for one in stopped)
        if refused and gate:
            drill = drill.went(HOLDS, took, waited=True)
            if took > PROMISED:
                drill = drill.but("stop", f"The stop held after {took:.1f} s; {PROMISED:g} s are promised.")
        for holds, who in ((refused, "The executor"), (gate, "The gate")):
            if not holds:
                words = f"{who} would have gone on acting {course.PATIENCE:.0f} s after the stop."
                drill = drill.but("stop", words)
        proofs = await node.acting.proving.prove()
        denied = sum(one.denied for one in proofs)
        drill = drill.went(f"{denied} of {len(proofs)} guards denied", 0.0, waited=True)
        for one in proofs:
            if not one.denied:
                drill = drill.but("guard", f"The guard {one.guard} did not deny: {one.reason}")
        return drill
