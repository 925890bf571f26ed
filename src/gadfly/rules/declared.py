"""Rules of the configuration, ``[rule.NAME]``, as groups of one rule each."""

from __future__ import annotations

from collections.abc import Mapping

from gadfly.config.rules import Rule as Declared
from gadfly.rules.files import expression
from gadfly.rules.rule import Group, Rule
from gadfly.rules.template import Template
from gadfly.rules.template_functions import KNOWN
from gadfly.rules.template_parse import parse as parse_template

FILE = "gadfly.toml"


def rule(name: str, one: Declared) -> Rule:
    """A rule of it. Raises `QueryError`, `TemplateError`."""
    node = expression(one.when)
    summary = parse_template(one.summary, KNOWN) if one.summary else _summary(one.when)
    labels = {"severity": one.severity, **one.labels}
    return Rule(
        name=name,
        text=one.when,
        node=node,
        records=False,
        hold=float(one.for_),
        keep=float(one.keep_firing_for),
        labels=tuple((label, parse_template(text, KNOWN)) for label, text in labels.items()),
        annotations=(("summary", summary), ("because", Template(one.because, (one.because,)))),
        owner=one.owner,
        because=one.because,
        review=one.review.isoformat() if one.review else "",
    )


def _summary(when: str) -> Template:
    """The condition and its value; what stands in the condition is no template."""
    value = parse_template("{{ $value }}", KNOWN)
    return Template(when, (f"{' '.join(when.split())}: the value is ", *value.nodes))


def groups(declared: Mapping[str, Declared]) -> list[Group]:
    """Each rule in a group of its own: each is looked at as often as it says."""
    return [Group(name, FILE, (rule(name, one),), float(one.every)) for name, one in declared.items()]
