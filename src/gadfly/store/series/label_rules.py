"""What a set of labels must be to name a series, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gadfly.config.series import Series as Settings

METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
SHOWN = 300
"""Characters of an exemplar."""

Key = tuple[str, ...]
"""Names and values in turn, by name; a label with an empty value is a label that is not there."""


def key(labels: Mapping[str, str]) -> Key:
    """The one form of these labels."""
    return tuple(text for pair in sorted(labels.items()) if pair[1] for text in pair)


def objection(key: Key, settings: Settings) -> str | None:
    """Why these labels cannot name a series: a key of `batch.REASONS`. None: they can."""
    if len(key) > 2 * settings.labels:
        return "labels"
    named = False
    for name, value in zip(key[::2], key[1::2], strict=True):
        try:
            size = len(name) + len(value.encode())
        except UnicodeEncodeError:
            return "label_name"
        if size > settings.label_bytes:
            return "label_length"
        if name == "__name__":
            named = METRIC.match(value) is not None
        elif not LABEL.match(name):
            return "label_name"
    return None if named else "label_name"


def show(key: Key) -> str:
    """`name{label="value"}`, shortened."""
    pairs = dict(zip(key[::2], key[1::2], strict=True))
    name = pairs.pop("__name__", "")
    inner = ",".join(f"{label}={_quoted(value)}" for label, value in list(pairs.items())[:20])
    text = f"{name}{{{inner}}}" if inner else name
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _quoted(value: str) -> str:
    short = value if len(value) <= 80 else value[:79] + "…"
    return '"' + short.encode("unicode_escape").decode().replace('"', '\\"') + '"'
