"""Functions that rewrite labels: label_replace, label_join."""

from __future__ import annotations

import re

import re2

from gadfly.errors import QueryError
from gadfly.promql.regex import compiled
from gadfly.promql.source import Labels

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def is_label_name(name: str) -> bool:
    """Whether a label may be called so."""
    return _NAME.fullmatch(name) is not None


def expanded(template: str, match: re2._Match) -> str:
    """The template with $1, $name and ${name} replaced by what these groups matched, or by nothing."""

    def put(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdigit():
            number = int(name)
            return (match[number] or "") if number <= (match.re.groups or 0) else ""
        return (match[name] or "") if name in match.re.groupindex else ""

    return _REFERENCE.sub(put, template)


def _with(labels: Labels, name: str, value: str) -> Labels:
    changed = {**labels, name: value}
    if not value:
        del changed[name]
    return changed


def replaced(series: list[Labels], target: str, template: str, source: str, pattern: str) -> list[Labels]:
    """label_replace: where the whole of `source` matches, `target` becomes the expanded template."""
    try:
        expression = compiled(pattern)
    except ValueError as error:
        raise QueryError(f"invalid regular expression in label_replace(): {pattern} ({error})") from None
    if not is_label_name(target):
        raise QueryError(f"invalid destination label name in label_replace(): {target}")
    cache: dict[str, str | None] = {}
    out = []
    for labels in series:
        value = labels.get(source, "")
        if value not in cache:
            match = expression.fullmatch(value)
            cache[value] = None if match is None else expanded(template, match)
        new = cache[value]
        out.append(labels if new is None else _with(labels, target, new))
    return out


def joined(series: list[Labels], target: str, separator: str, sources: tuple[str, ...]) -> list[Labels]:
    """label_join: `target` becomes the values of the sources, joined."""
    for source in sources:
        if not is_label_name(source):
            raise QueryError(f"invalid source label name in label_join(): {source}")
    if not is_label_name(target):
        raise QueryError(f"invalid destination label name in label_join(): {target}")
    return [
        _with(labels, target, separator.join([labels.get(source, "") for source in sources]))
        for labels in series
    ]
