"""What a rule is, wherever it was written."""

from __future__ import annotations

from dataclasses import dataclass

from gadfly.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Node,
    Paren,
    Selector,
    Subquery,
    Unary,
    Window,
)
from gadfly.rules.template import Template

ALERTS, FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"
"""The series that alerting rules write, as Prometheus' do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was checked. Times are seconds."""

    name: str
    """Of the alert, or of the metric that is recorded."""
    text: str
    """The expression as it was written."""
    node: Node
    records: bool
    hold: float = 0.0
    """`for`."""
    keep: float = 0.0
    """`keep_firing_for`."""
    labels: tuple[tuple[str, Template], ...] = ()
    annotations: tuple[tuple[str, Template], ...] = ()
    owner: str = ""
    because: str = ""
    review: str = ""
    line: int = 0

    @property
    def writes(self) -> frozenset[str]:
        """Names of the metrics that it writes."""
        return frozenset((self.name,)) if self.records else frozenset((ALERTS, FOR_STATE))


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after another at the same time."""

    name: str
    file: str
    rules: tuple[Rule, ...]
    interval: float | None = None
    """Seconds; None: `rules.every`."""
    limit: int = 0
    """Alerts or series of one rule at most; 0: any number."""


def reads(node: Node) -> frozenset[str] | None:
    """Names of the metrics that an expression reads; None: it may be any."""
    found: set[str] = set()
    queue: list[Node] = [node]
    while queue:
        match queue.pop():
            case Selector(matchers=matchers) | Window(selector=Selector(matchers=matchers)):
                name = next((one.value for one in matchers if one.name == "__name__" and one.op == "="), None)
                if name is None:
                    return None
                found.add(name)
            case Subquery(inner=inner) | Paren(inner=inner) | Unary(inner=inner):
                queue.append(inner)
            case Aggregate(inner=inner, param=param):
                queue += [inner] if param is None else [inner, param]
            case Call(args=args):
                queue += args
            case Binary(left=left, right=right):
                queue += [left, right]
            case _:  # a number or a text
                pass
    return frozenset(found)
