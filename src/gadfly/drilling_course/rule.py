"""A rule sees a synthetic series."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gadfly.alert.reported import Reported
from gadfly.ask.drill import firing
from gadfly.ask.drill.mark import LABEL
from gadfly.ask.drill.record import Drill, Kind
from gadfly.drilling_course.course import LONGEST
from gadfly.drilling_course.failing import Failure
from gadfly.duration import format as words
from gadfly.errors import GadflyError, LimitError, QueryError, Refused
from gadfly.promql import Limits, Matcher
from gadfly.rules.ruler import latest

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.rules.standing import GroupStanding, RuleStanding

AROUND = Limits(samples=200_000, series=2_000)
"""What is read of the real series, to find labels for the synthetic ones."""


class FailingRule:
    """`samples`: what it is to see; empty: what is found by trying."""

    kind: Kind = "rule"

    def __init__(
        self, node: Node, group: GroupStanding, rule: RuleStanding, samples: tuple[str, ...]
    ) -> None:
        about = rule.rule
        given = {name: text.text for name, text in about.labels}
        self.target = about.name
        self.owner = about.owner or given.get("owner", "")
        self._node = node
        self._group, self._rule, self._samples = group, about, samples

    async def fail(self, drill: Drill) -> Failure:
        node, rule, group = self._node, self._rule, self._group
        now = node.clock.wall()
        first = latest(group.group, group.interval, now) + group.interval
        try:
            found = await asyncio.to_thread(
                firing.fire,
                group.group,
                rule,
                interval=group.interval,
                failed=now,
                first=first,
                url=node.url(),
                real=lambda matchers: self._real(matchers, now),
                given=self._samples,
            )
        except (QueryError, LimitError) as error:
            raise Refused(f"The rule cannot be fed: {error}", 422) from None
        if found is None:
            raise Refused(
                "These samples do not make it fire."
                if self._samples
                else "No synthetic series was found that makes it fire. Either it cannot fire, or it must be "
                "told what to see: --sample 'metric{a=\"b\"} 97'.",
                422,
            )
        held = f", which has a `for` of {words(rule.hold)}" if rule.hold else ""
        drill = drill.went(f"the rule fires{held} (fed: {'; '.join(found.series) or 'nothing'})", found.after)
        if not drill.shortened:
            if found.after > LONGEST:
                raise Refused(f"It fires after {words(found.after)}; drill it with --now.", 409)
            await node.clock.sleep(found.after)
        reported = Reported(
            labels={**found.alert.labels, LABEL: "1"},
            annotations=found.alert.annotations,
            starts=node.clock.wall(),
            source=f"rule:{rule.name}",
            owner=rule.owner,
        )
        return Failure(drill, reported, node.config)

    def _real(self, matchers: Sequence[Matcher], now: float) -> dict[str, str] | None:
        """The labels of a series that there is."""
        source = self._node.series.source
        if source is None:
            return None
        try:
            chunk = source.select(matchers, round((now - 300) * 1000), round(now * 1000), AROUND)
        except GadflyError:
            return None
        return dict(chunk.labels[0]) if len(chunk.labels) else None
