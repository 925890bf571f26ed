"""Prometheus' relabelling: rules over a set of labels. Pure.

Source of the meaning of every action: Prometheus 2.42, model/relabel.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

from gadfly.config.scrape import Relabel
from gadfly.promql.labels import expanded, is_label_name
from gadfly.promql.regex import compiled

Labels = dict[str, str]
Rule = Callable[[Labels], Labels | None]
"""Gives the labels afterwards, perhaps the same object, or None where they are dropped."""

_TEMPLATE = re.compile(r"(?:[a-zA-Z_]|\$(?:\w|\{\w+\}))(?:\w|\$(?:\w|\{\w+\}))*", re.ASCII)
"""What Prometheus takes for a label with references; written so that each character has one way only."""
_LARGEST = (1 << 64) - 1


def objections(rule: Relabel) -> list[tuple[str, str]]:
    """What is wrong with a rule: the field, and a message for whoever wrote it."""
    found = []
    action = rule.action
    try:
        compiled(rule.regex)
    except ValueError as error:
        found.append(("regex", f'"{rule.regex[:80]}" is not an expression of RE2: {error}'))
    writes = action in ("replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal")
    if writes and not rule.target_label:
        found.append(("target_label", f"`{action}` needs the label that it is about"))
    elif writes and not (
        _TEMPLATE.fullmatch(rule.target_label) if action == "replace" else is_label_name(rule.target_label)
    ):
        found.append(("target_label", f'"{rule.target_label[:80]}" is not a label'))
    if action == "hashmod" and not 0 < rule.modulus <= _LARGEST:
        found.append(("modulus", "`hashmod` needs a modulus of 1 or more"))
    if action == "labelmap" and not _TEMPLATE.fullmatch(rule.replacement):
        found.append(("replacement", f'"{rule.replacement[:80]}" cannot be a label'))
    if action in ("labeldrop", "labelkeep") and (rule.source_labels or rule.target_label or rule.modulus):
        found.append(("action", f"`{action}` looks at names of labels; only `regex` may stand beside it"))
    return found


def process(rules: Sequence[Rule], labels: Labels) -> Labels | None:
    """The labels after all rules; None where one dropped them. `labels` is not changed."""
    for rule in rules:
        after = rule(labels)
        if after is None:
            return None
        labels = after
    return labels


def prepared(rules: Sequence[Relabel]) -> list[Rule]:
    """The rules with their expressions compiled. ValueError where one is none."""
    return [_MAKE[rule.action](rule) for rule in rules]


def _value(rule: Relabel) -> Callable[[Mapping[str, str]], str]:
    names, separator = rule.source_labels, rule.separator
    if len(names) == 1:
        name = names[0]
        return lambda labels: labels.get(name, "")
    return lambda labels: separator.join([labels.get(name, "") for name in names])


def _with(labels: Labels, name: str, value: str) -> Labels:
    if labels.get(name, "") == value:
        return labels
    if value:
        return {**labels, name: value}
    return {key: text for key, text in labels.items() if key != name}


def _choosing(*, wanted: bool) -> Callable[[Relabel], Rule]:
    def made(rule: Relabel) -> Rule:
        value, expression = _value(rule), compiled(rule.regex)
        return lambda labels: labels if (expression.fullmatch(value(labels)) is not None) is wanted else None

    return made


def _comparing(*, wanted: bool) -> Callable[[Relabel], Rule]:
    def made(rule: Relabel) -> Rule:
        value, target = _value(rule), rule.target_label
        return lambda labels: labels if (labels.get(target, "") == value(labels)) is wanted else None

    return made


def _replace(rule: Relabel) -> Rule:
    value, expression = _value(rule), compiled(rule.regex)

    def replaced(labels: Labels) -> Labels:
        match = expression.fullmatch(value(labels))
        if match is None:
            return labels
        target = expanded(rule.target_label, match)
        if not is_label_name(target):
            return _with(labels, rule.target_label, "")
        return _with(labels, target, expanded(rule.replacement, match))

    return replaced


def _casing(change: Callable[[str], str]) -> Callable[[Relabel], Rule]:
    def made(rule: Relabel) -> Rule:
        value, target = _value(rule), rule.target_label
        return lambda labels: _with(labels, target, change(value(labels)))

    return made


def _hashmod(rule: Relabel) -> Rule:
    value, target, modulus = _value(rule), rule.target_label, rule.modulus

    def hashed(labels: Labels) -> Labels:
        digest = hashlib.md5(value(labels).encode(), usedforsecurity=False).digest()
        return _with(labels, target, str(int.from_bytes(digest[8:], "big") % modulus))

    return hashed


def _labelmap(rule: Relabel) -> Rule:
    expression = compiled(rule.regex)

    def mapped(labels: Labels) -> Labels:
        changed = labels
        for name, value in sorted(labels.items()):
            match = expression.fullmatch(name)
            if match is not None:
                changed = _with(changed, expanded(rule.replacement, match), value)
        return changed

    return mapped


def _thinning(*, wanted: bool) -> Callable[[Relabel], Rule]:
    def made(rule: Relabel) -> Rule:
        expression = compiled(rule.regex)

        def thinned(labels: Labels) -> Labels:
            return {
                name: value
                for name, value in labels.items()
                if (expression.fullmatch(name) is not None) is wanted
            }

        return thinned

    return made


_MAKE: dict[str, Callable[[Relabel], Rule]] = {
    "replace": _replace,
    "keep": _choosing(wanted=True),
    "drop": _choosing(wanted=False),
    "keepequal": _comparing(wanted=True),
    "dropequal": _comparing(wanted=False),
    "hashmod": _hashmod,
    "labelmap": _labelmap,
    "labeldrop": _thinning(wanted=False),
    "labelkeep": _thinning(wanted=True),
    "lowercase": _casing(str.lower),
    "uppercase": _casing(str.upper),
}
