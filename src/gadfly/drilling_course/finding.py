"""What is meant by the name that a drill is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gadfly.drilling_course.automation import StoppedAutomation
from gadfly.drilling_course.check import FailingCheck
from gadfly.drilling_course.course import Course
from gadfly.drilling_course.route import FailingRoute
from gadfly.drilling_course.rule import FailingRule
from gadfly.drilling_course.telling import Telling
from gadfly.errors import Refused

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle


def find(node: Node, target: str, kind: str, samples: Sequence[str]) -> Course:
    """The way to go. Refused: 404 for nothing, 409 for more than one thing."""
    config = node.config
    found: dict[str, Course] = {}
    for group in node.rules.groups():
        for rule in group.rules:
            names = (rule.rule.name, f"{group.group.name}/{rule.rule.name}")
            if target in names and not rule.rule.records and "rule" not in found:
                found["rule"] = Telling(node, FailingRule(node, group, rule, tuple(samples)))
    subject = node.subject(target)
    if subject is not None:
        found["check"] = Telling(node, FailingCheck(node, subject))
    sort, _, name = target.rpartition(":")
    if (sort in ("", "owner") and name in config.owner) or (
        sort in ("", "receiver") and name in config.receiver
    ):
        sort = sort or ("owner" if name in config.owner else "receiver")
        found["route"] = Telling(node, FailingRoute(node, name, sort))
    if target in config.automation:
        found["automation"] = StoppedAutomation(node, target, config.automation[target].owner)
    if kind:
        found = {sort: one for sort, one in found.items() if sort == kind}
    if len(found) > 1:
        raise Refused(
            f"{target[:100]!r} is a {' and a '.join(found)}; say which: --kind {next(iter(found))}.", 409
        )
    if not found:
        raise Refused(
            f"There is no {kind or 'rule, component, owner, receiver or automation'} {target[:100]!r}.", 404
        )
    if samples and "rule" not in found:
        raise Refused("Samples are for the drill of a rule.", 422)
    return next(iter(found.values()))
