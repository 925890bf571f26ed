"""statsd: one line is one metric, its values, and its tags in the form of DogStatsD, InfluxDB, Graphite or
Librato.

::

    name:value|type|@rate|#tag:value,tag          DogStatsD, also with values packed: name:1:2:3|type
    name,tag=value:value|type                     InfluxDB
    name;tag=value:value|type                     Graphite
    name#tag=value:value|type                     Librato

Names and labels are made as statsd_exporter makes them: what cannot stand in a name becomes `_`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gadfly.errors import FormatError

LONGEST = 8192
"""Bytes of a line."""
NAME = 200
TAGS = 40
LEAST = 1e-6
"""The smallest rate: one of a million is sent."""
VALUES = 1024
"""Values packed into one line."""
LARGEST = 1e200
"""The largest number, below 0 too: no sum of such numbers becomes infinite."""
KINDS = frozenset({b"c", b"g", b"ms", b"h", b"d", b"s"})
_GROWS = frozenset({b"c", b"ms"})
"""Kinds whose sums are counters: a value below 0 would make them fall, which reads as a restart."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_:]")
_NO_LABEL = re.compile(r"[^A-Za-z0-9_]")
_RESERVED = frozenset({"le", "quantile"})


class Line(NamedTuple):
    """One line, with its name and tags still as they came."""

    name: bytes
    """With tags that stand in it."""
    tags: bytes
    """Those that stand at the end."""
    kind: bytes
    values: list[float]
    """Empty for a set."""
    members: list[bytes]
    """Of a set."""
    relative: bool
    """A gauge that changes by this much."""
    rate: float
    """The share of events that were sent, above 0 and at most 1."""


def parse(line: bytes) -> Line:
    """A line. FormatError, whose message is the word that it is counted under, where it is none."""
    if len(line) > LONGEST:
        raise FormatError("length")
    if line.startswith((b"_e{", b"_sc|")):
        raise FormatError("event")
    head, bar, rest = line.partition(b"|")
    name, colon, value = head.partition(b":")
    if not bar or not colon or not name or not value:
        raise FormatError("form")
    kind, *more = rest.split(b"|")
    if kind not in KINDS:
        raise FormatError("type")
    rate, tags = 1.0, b""
    for part in more:
        if part[:1] == b"@":
            rate = _number(part[1:], "rate")
            if not LEAST <= rate <= 1:
                raise FormatError("rate")
        elif part[:1] == b"#":
            tags = part[1:]
        # Others name a container, a time or a cardinality; what comes after them one day is passed over too.
    if kind == b"s":
        return Line(name, tags, kind, [], [value], False, rate)
    if b":" in value:
        values = [_number(one, "value") for one in value.split(b":", VALUES)]
    else:
        values = [_number(value, "value")]
    if kind in _GROWS and min(values) < 0:
        raise FormatError("value")
    return Line(name, tags, kind, values, [], kind == b"g" and value[:1] in (b"+", b"-"), rate)


def _number(text: bytes, reason: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise FormatError(reason) from None
    if not -LARGEST <= found <= LARGEST or b"_" in text:
        raise FormatError(reason)
    return found


def labels_of(name: bytes, tags: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The metric and its labels, sorted. FormatError with the word it is counted under.

    A tag without a value has the value `true`. Of tags of one name the last counts.
    """
    try:
        text, end = name.decode(), tags.decode()
    except UnicodeDecodeError:
        raise FormatError("name") from None
    place = next((at for at, letter in enumerate(text) if letter in ",;#"), len(text))
    metric = _NO_NAME.sub("_", text[:place])
    if not metric.strip("_:") or len(metric) > NAME:
        raise FormatError("name")
    if metric[0].isdigit():
        metric = f"_{metric}"
    labels: dict[str, str] = {}
    if place < len(text):
        mark = text[place]
        for part in text[place + 1 :].split("," if mark == "#" else mark):
            _add(labels, part, "=")
    for part in end.split(",") if end else ():
        _add(labels, part, ":")
    if len(labels) > TAGS:
        raise FormatError("tags")
    return metric, tuple(sorted(labels.items()))


def _add(labels: dict[str, str], part: str, mark: str) -> None:
    if not part:
        return
    key, found, value = part.partition(mark)
    key = _NO_LABEL.sub("_", key.strip())
    if not key:
        raise FormatError("tags")
    if key in _RESERVED or key[0].isdigit() or key.startswith("__"):
        key = f"tag_{key.lstrip('_')}"
    labels[key] = value.strip() if found else "true"
