"""Checks: rules, probes, heartbeats, schedules of jobs, and rules of logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gadfly.alert import reported
from gadfly.alert.alert import URGENT
from gadfly.ask_facts.alerts import firing
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.naming import CALLS, HEARTBEAT, SCHEDULE, probe_check, rule_check
from gadfly.ask_facts.stores import Stores, severity
from gadfly.config import Config
from gadfly.monitor.declared import of_function
from gadfly.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Paren,
    Selector,
    Subquery,
    Unary,
    Window,
    bare,
)
from gadfly.rules.rule import Group, Rule
from gadfly.rules.template import Template

COMPARISONS = {">": True, ">=": True, "<": False, "<=": False}
"""Whether what is beyond the threshold is above it."""
TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
RATES = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv"})
AGGREGATIONS = {"avg": "mean", "avg_over_time": "mean", "max_over_time": "max", "min_over_time": "min"}
ABSENT = frozenset({"absent", "absent_over_time"})
RUNBOOK = ("runbook_url", "runbook")
UNDONE = ("todo", "tbd", "fixme", "example.com")


class Condition(NamedTuple):
    """What an alerting expression compares, where it is one reading against one number."""

    reading: Node
    threshold: float
    above: bool


def facts(stores: Stores) -> Tables:
    """The table `check`."""
    found = Columns("check")
    for group, rule in rules(stores):
        _rule(found, stores, group, rule)
    _probes(found, stores)
    _others(found, stores)
    return together(found)


def rules(stores: Stores) -> Iterator[tuple[Group, Rule]]:
    """Every alerting rule with its group."""
    return ((group, rule) for group in stores.groups for rule in group.rules if not rule.records)


def rule_name(rule: Rule, stores: Stores) -> str:
    """What its check is called."""
    return rule_check(rule.name, severity(rule), stores)


def condition(node: Node) -> Condition | None:
    """The comparison at its top; None: it is none of one reading with a number."""
    top = bare(node)
    if not isinstance(top, Binary) or top.op not in COMPARISONS:
        return None
    left, right = bare(top.left), bare(top.right)
    limit, turned = _number(right), _number(left)
    if limit is not None:
        return Condition(left, limit, COMPARISONS[top.op])
    if turned is not None:
        return Condition(right, turned, COMPARISONS[TURNED[top.op]])
    return None


def _number(node: Node) -> float | None:
    match bare(node):
        case Number(value=value):
            return value
        case Unary(op=op, inner=inner) if (number := _number(inner)) is not None:
            return -number if op == "-" else number
        case Binary(op=op, left=left, right=right) if op in ("*", "/", "+", "-"):
            first, second = _number(left), _number(right)
            if first is None or second is None or (op == "/" and not second):
                return None
            return {"*": first * second, "+": first + second, "-": first - second}.get(
                op, first / second if second else 0.0
            )
        case _:
            return None


def _rule(found: Columns, stores: Stores, group: Group, rule: Rule) -> None:
    labels = {name: template.text for name, template in rule.labels if constant(template)}
    notes = {name: template.text for name, template in rule.annotations}
    held = condition(rule.node)
    nodes = list(walk(rule.node))
    component = _component(stores, nodes, labels)
    severity = labels.get("severity") or None
    runbook = next((notes[name] for name in RUNBOOK if notes.get(name)), None)
    found.add(
        name=rule_name(rule, stores),
        component=component,
        owner=labels.get("owner") or rule.owner or None,
        expr=rule.text,
        reads=_reads(nodes),
        aggregation=_aggregation(nodes),
        threshold=held.threshold if held else None,
        above=held.above if held else None,
        hold=rule.hold,
        span=max((one.span / 1000 for one in nodes if isinstance(one, Window | Subquery)), default=None),
        interval=group.interval or float(stores.config.rules.every),
        severity=severity,
        pages=reported.verdict(labels) in URGENT,
        no_data="fail" if any(isinstance(one, Call) and one.name in ABSENT for one in nodes) else "ok",
        runbook=runbook,
        runbook_state="todo" if runbook and any(word in runbook.lower() for word in UNDONE) else None,
        purpose=rule.because or None,
    )


def constant(template: Template) -> bool:
    """Whether it is the same text for every alert."""
    return all(isinstance(one, str) for one in template.nodes)


def walk(node: Node) -> Iterator[Node]:
    """It and everything in it, windows with the selectors in them."""
    queue = [node]
    while queue:
        one = queue.pop()
        yield one
        match one:
            case Window(selector=selector):
                queue.append(selector)
            case Subquery(inner=inner) | Paren(inner=inner) | Unary(inner=inner):
                queue.append(inner)
            case Aggregate(inner=inner, param=param):
                queue += [inner] if param is None else [inner, param]
            case Call(args=args):
                queue += args
            case Binary(left=left, right=right):
                queue += [left, right]
            case _:
                pass


def _component(stores: Stores, nodes: list[Node], labels: Mapping[str, str]) -> str | None:
    """Which component a rule is about, where its labels or its selectors name one that is known."""
    known = stores.names
    chosen = [
        {one.name: one.value for one in node.matchers if one.op == "="}
        for node in nodes
        if isinstance(node, Selector)
    ]
    for named in (labels, *chosen):
        for name in reported.named(named):
            if name in known:
                return name
    return None


def _reads(nodes: list[Node]) -> str | None:
    """The metrics that it reads, in the order of their names."""
    names = {
        one.value
        for node in nodes
        if isinstance(node, Selector)
        for one in node.matchers
        if one.name == "__name__" and one.op == "="
    }
    return " ".join(sorted(names)) or None


def _aggregation(nodes: list[Node]) -> str | None:
    """How it sums up what it reads; the outermost word of those that are known."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, Aggregate):
            quantile = _number(node.param) if node.op == "quantile" and node.param is not None else None
            found.append(AGGREGATIONS.get(node.op, node.op) if quantile is None else _quantile(quantile))
        elif isinstance(node, Call) and node.name in AGGREGATIONS:
            found.append(AGGREGATIONS[node.name])
        elif isinstance(node, Call) and node.name in ("histogram_quantile", "quantile_over_time"):
            quantile = _number(node.args[0])
            found.append("quantile" if quantile is None else _quantile(quantile))
        elif isinstance(node, Call) and node.name in RATES:
            found.append("rate")
    for first in ("mean", "max", "min"):  # an average anywhere hides its extremes, whatever is around it
        if first in found:
            return first
    return found[0] if found else None


def _quantile(share: float) -> str:
    return f"p{share * 100:g}".replace(".", "")


def _probes(found: Columns, stores: Stores) -> None:
    for one in stores.checks:
        found.add(
            name=probe_check(one),
            component=one.component,
            kind="health" if one.kind == "command" else "blackbox",
            reads="probe_success",
            interval=float(one.spec.every),
            hold=float(one.spec.every) * one.spec.retries,
            severity="critical",
            pages=True,
            no_data="unknown",
        )


def _others(found: Columns, stores: Stores) -> None:
    for name, every in stores.beats.items():
        found.add(
            name=f"{name} {HEARTBEAT}",
            component=name,
            kind="heartbeat",
            interval=every,
            severity="critical",
            pages=True,
            no_data="fail",
        )
    fired = firing(stores)
    for (
        one
    ) in stores.subjects:  # those that beat undeclared: a check once it fired, as there may be very many
        name = f"{one.name} {HEARTBEAT}"
        if one.name not in stores.beats and name in fired:
            found.add(
                name=name,
                component=one.name,
                kind="heartbeat",
                severity="critical",
                pages=True,
                no_data="fail",
            )
    for name, declared in stores.config.component.items():
        if declared.kind == "job":
            found.add(
                name=f"{name} {SCHEDULE}",
                component=name,
                kind="job",
                hold=float(declared.grace),
                severity="critical",
                pages=True,
                no_data="fail",
            )
    for name, function in stores.config.function.items():
        found.add(
            name=f"{of_function(name)} {CALLS}",
            component=of_function(name),
            owner=function.owner,
            kind="job",
            severity="critical",
            pages=True,
            no_data="unknown",
            purpose=function.purpose,
        )
    _of_logs(found, stores.config)


def _of_logs(found: Columns, config: Config) -> None:
    for name, one in config.log_rule.items():
        if one.alert or one.more_than:
            found.add(
                name=name,
                component=one.host or None,
                owner=one.owner or None,
                expr=one.match,
                severity="critical",
                pages=True,
                no_data="ok",
                purpose=one.because or None,
            )
