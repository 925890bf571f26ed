"""A component's own check says that it is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gadfly.ask.drill.mark import MARK
from gadfly.ask.drill.record import Drill, Kind
from gadfly.drilling_course.failing import Failure
from gadfly.monitor.change import Change
from gadfly.monitor.verdict import Verdict

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.monitor.subject import Subject


class FailingCheck:
    """The verdict is given; that a probe notices by itself is not drilled."""

    kind: Kind = "check"

    def __init__(self, node: Node, subject: Subject) -> None:
        self._node = node
        self._subject = subject
        self.target = subject.name
        self.owner = subject.owner

    async def fail(self, drill: Drill) -> Failure:
        node = self._node
        checks = node.checks.get(self.target, ())
        sort = f"its {checks[0].kind} probe failed" if checks else "its heartbeat had stopped"
        verdict = Verdict.missing if self._subject.kind == "job" and not checks else Verdict.down
        change = Change(
            at=node.clock.wall(),
            component=self.target,
            slot=-1,
            before=Verdict.healthy,
            after=verdict,
            reason=f"{MARK} as if {sort}",
            subject=self._subject,
        )
        return Failure(drill, change, node.config)
