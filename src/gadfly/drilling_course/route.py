"""A letter to one owner or receiver, whatever the routes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gadfly.alert.reported import Reported
from gadfly.ask.drill.mark import LABEL
from gadfly.ask.drill.record import Drill, Kind
from gadfly.config.alerting import Route
from gadfly.drilling_course.failing import Failure

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle


class FailingRoute:
    """`sort`: `owner` or `receiver`."""

    kind: Kind = "route"

    def __init__(self, node: Node, name: str, sort: str) -> None:
        self._node = node
        self._sort = sort
        self.target = name
        self.owner = name if sort == "owner" else ""

    async def fail(self, drill: Drill) -> Failure:
        route = (Route(receiver=self.target),) if self._sort == "receiver" else ()
        labels = {"alertname": "Fire drill", "severity": "critical", LABEL: "1"}
        reported = Reported(
            labels={**labels, "owner": self.owner} if self.owner else labels,
            annotations={"summary": f"A letter along the way to {self.target}"},
            starts=self._node.clock.wall(),
            source=f"drill:{drill.name}",
        )
        config = msgspec.structs.replace(self._node.config, route=route)
        return Failure(drill, reported, config, straight=self.owner)
