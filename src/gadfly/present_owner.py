"""Who answers now for what a question is about, as the catalogue says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gadfly.config import Config
from gadfly.monitor.subject import Subject

if TYPE_CHECKING:
    from gadfly.rules.standing import GroupStanding

Owned = Callable[[str, str], str]
"""Of a sort and a name; empty: nobody, or that is not known."""


def present(
    config: Config, groups: Sequence[GroupStanding], subject: Callable[[str], Subject | None]
) -> Owned:
    """Of components, checks (rules, and what looks at a component), automations, functions and grants."""

    def component(name: str) -> str:
        found = subject(name)
        return found.owner if found is not None else ""

    def check(name: str) -> str:
        for group in groups:
            for one in group.rules:
                if name == one.rule.name or name.startswith(f"{one.rule.name} ("):
                    given = {label: text.text for label, text in one.rule.labels}
                    return given.get("owner") or one.rule.owner
        if name in config.log_rule:
            return config.log_rule[name].owner
        return component(name.rpartition(" ")[0])  # `checkout http`

    def owned(sort: str, name: str) -> str:
        match sort:
            case "component" | "job":
                return component(name)
            case "check":
                return check(name)
            case "automation":
                one = config.automation.get(name)
                return one.owner if one else ""
            case "function":
                function = config.function.get(name)
                return function.owner if function else ""
            case "grant":
                grant = config.grant.get(name.partition(" ")[0])
                return grant.owner if grant else ""
        return ""

    return owned
