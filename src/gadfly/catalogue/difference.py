"""What a reload changes, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gadfly.catalogue.show import data_of
from gadfly.config import Config
from gadfly.config.section import Section

MAX_VALUE = 60


SETTINGS = (
    "node",
    "heartbeat",
    "alerting",
    "mail",
    "ledger",
    "gate",
    "ping",
    "statsd",
    "collectd",
    "logs",
    "rules",
    "predict",
    "ask",
    "scraping",
    "push",
    "discovered",
    "functions",
)
ENTRIES = (
    "owner",
    "receiver",
    "component",
    "witness",
    "automation",
    "grant",
    "freeze",
    "log_file",
    "log_rule",
    "rule",
    "prediction",
    "scrape",
    "function",
)
LISTS = ("route", "inhibit", "maintenance")


def difference(old: Config, new: Config) -> list[str]:
    """One line a change: what was added, removed, or has another value. Empty where nothing changed."""
    found: list[str] = []
    for section in SETTINGS:
        found += _section(section, getattr(old, section), getattr(new, section))
    for section in ENTRIES:
        found += _entries(section, getattr(old, section), getattr(new, section))
    for section in LISTS:
        found += _list(section, getattr(old, section), getattr(new, section))
    return found


def _entries(section: str, old: Mapping[str, Section], new: Mapping[str, Section]) -> Iterable[str]:
    for name in old:
        if name not in new:
            yield f"{section} {name} removed"
    for name, after in new.items():
        if name in old:
            yield from _section(f"{section} {name}", old[name], after)
        else:
            yield f"{section} {name} added"


def _list(section: str, old: Sequence[Section], new: Sequence[Section]) -> Iterable[str]:
    """Elements of a list have no names: one that changed is told by its place, counted from 1."""
    for place, (before, after) in enumerate(zip(old, new, strict=False), start=1):
        yield from _section(f"{section} {place}", before, after)
    for place in range(len(old) + 1, len(new) + 1):
        yield f"{section} {place} added"
    for place in range(len(new) + 1, len(old) + 1):
        yield f"{section} {place} removed"


def _section(title: str, old: Section, new: Section) -> Iterable[str]:
    if old == new:
        return
    before, after = dict(_leaves("", data_of(old))), dict(_leaves("", data_of(new)))
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not changed:
        yield f"{title}: an address changed in a part that is not shown"
    for key in changed:
        if key not in before:
            yield f"{title}: {key} = {_word(after[key])} added"
        elif key not in after:
            yield f"{title}: {key} removed (was {_word(before[key])})"
        else:
            yield f"{title}: {key} {_word(before[key])} → {_word(after[key])}"


def _leaves(path: str, value: Any) -> Iterable[tuple[str, object]]:
    if isinstance(value, list) and any(isinstance(element, dict) for element in value):
        # One probe of a kind is written as one table; several are told apart by their names.
        for index, element in enumerate(value):
            mark = "" if len(value) == 1 else f"[{element.get('name') or index}]"
            yield from _leaves(path + mark, element)
    elif isinstance(value, dict):
        for key, element in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), element)
    else:
        yield path, value


def _word(value: object) -> str:
    if isinstance(value, list):
        text = ", ".join(map(_word, value)) or "nothing"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value) if value != "" else "nothing"
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
