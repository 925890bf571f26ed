"""One line of Prometheus' text format 0.0.4 or of OpenMetrics 1.0: its grammar, and nothing else.

What is accepted is what Prometheus 2.42's own lexers accept, which is more than the formats' descriptions
say: in text, commas between labels may be left out and blanks stand nearly everywhere. `docs/scrape.md` lists
the differences that are left.

Sources: prometheus.io/docs/instrumenting/exposition_formats; OpenMetrics 1.0.0.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

NAME = rb"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_BRACES = rb'\{(?:[^"}\n]++|"(?:\\.|[^\\"])*+")*+\}'
_TEXT = re.compile(
    rb"(" + NAME + rb"(?:[ \t]*+" + _BRACES + rb")?+)[ \t]*+([^{ \t\n]++)(?:[ \t]++([0-9]++))?+[ \t]*+"
)
_OPENMETRICS = re.compile(
    rb"(" + NAME + rb"(?:" + _BRACES + rb")?+) ([^ \n]++)(?: (?!# \{)([^ \n]++))?+"
    rb"(?: # (" + _BRACES + rb") ([^ \n]++)(?: ([^ \n]++))?+)?+"
)
_HEAD = re.compile(rb"(" + NAME + rb")[ \t]*+(?:\{(.*)\})?+", re.DOTALL)
_LABEL = rb'([a-zA-Z_][a-zA-Z0-9_]*+){0}={0}"((?:\\.|[^\\"])*+)"'
_TEXT_LABEL = re.compile(rb"[ \t]*+" + _LABEL.replace(b"{0}", rb"[ \t]*+") + rb"[ \t]*+,?+[ \t]*+")
_STRICT_LABEL = re.compile(_LABEL.replace(b"{0}", b"") + rb"(,(?=[a-zA-Z_])|\Z)")
_FLOAT = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_ESCAPED = re.compile(rb'\\([\\"n])')
_COMMENT = re.compile(rb"[ \t]*+#[ \t]++(HELP|TYPE)[ \t]++(?:(" + NAME + rb")([^\n]*+))?+")
_DESCRIPTION = re.compile(rb"# (HELP|TYPE|UNIT) (" + NAME + rb") ([^\n]*+)")

TEXT_TYPES = frozenset({"counter", "gauge", "histogram", "summary", "untyped"})
OPENMETRICS_TYPES = frozenset(
    {"counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"}
)
SHOWN = 80
"""Characters of a bad line that a message shows."""
FAR = 1 << 53
"""Milliseconds from the epoch; no time is farther."""


class Malformed(ValueError):
    """A line is not in the format. The message is for whoever serves it; it does not name the line."""


class Sample(NamedTuple):
    """A line with a number."""

    head: bytes
    """Name and labels as they are written."""
    value: float
    at: int | None
    """Milliseconds since the epoch, where the line says it."""


class Described(NamedTuple):
    """A `# TYPE`, `# HELP` or `# UNIT` line."""

    what: str
    metric: str
    text: str


def shown(line: bytes) -> str:
    """The line, shortened, for a message."""
    text = line[: SHOWN + 1].decode("utf-8", "backslashreplace")
    return ascii(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def number(text: bytes) -> float:
    """A value as Go's ParseFloat reads it, without its hexadecimal and underscored forms."""
    if _FLOAT.fullmatch(text) is None:
        raise Malformed(f"{shown(text)} is not a number")
    value = float(text)
    if math.isinf(value) and b"n" not in text.lower():
        raise Malformed(f"{shown(text)} is larger than any number in 64 bits")
    return value


def text_sample(line: bytes) -> Sample | None:
    """A line of the text format; None for a blank one."""
    found = _TEXT.fullmatch(line)
    if found is None:
        if not line.strip(b" \t"):
            return None
        raise Malformed(f"{shown(line)} is not name{{labels}} value [milliseconds]")
    head, value, at = found.groups()
    if at is None:
        return Sample(head, number(value), None)
    if len(at) > 16 or int(at) > FAR:
        raise Malformed(f"the time {shown(at)} is too far away")
    return Sample(head, number(value), int(at))


def openmetrics_sample(line: bytes) -> Sample:
    """A line of OpenMetrics. An exemplar must be one, and is let go: the store has no place for it."""
    found = _OPENMETRICS.fullmatch(line)
    if found is None:
        raise Malformed(f"{shown(line)} is not name{{labels}} value [seconds] [# {{labels}} value [seconds]]")
    head, value, at, exemplar, its_value, its_time = found.groups()
    if exemplar is not None:
        if not head.partition(b"{")[0].endswith((b"_total", b"_bucket")):
            raise Malformed(f"{shown(head)} has an exemplar, which only counters and buckets may have")
        _strict(exemplar[1:-1])
        number(its_value)
        if its_time is not None:
            _seconds(its_time)
    return Sample(head, number(value), None if at is None else _seconds(at))


def _seconds(text: bytes) -> int:
    seconds = number(text)
    if not abs(seconds) < FAR / 1000:
        raise Malformed(f"the time {shown(text)} is too far away")
    return int(seconds * 1000)


def labels(head: bytes, *, strict: bool) -> dict[str, str]:
    """The labels of a head, `__name__` among them; empty values are kept. `strict`: OpenMetrics' grammar."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise Malformed(f"{shown(head)} is not name{{labels}}")
    name, inside = found.groups()
    pairs = [] if inside is None else _strict(inside) if strict else _lenient(inside)
    named = {"__name__": name.decode()}
    for label, value in pairs:
        word = label.decode()
        if word in named:
            raise Malformed(f'the label "{word}" stands twice in {shown(head)}')
        try:
            named[word] = (_ESCAPED.sub(_unescape, value) if b"\\" in value else value).decode()
        except UnicodeDecodeError:
            raise Malformed(f'the value of "{word}" is not UTF-8 in {shown(head)}') from None
    return named


def _unescape(found: re.Match[bytes]) -> bytes:
    return b"\n" if found[1] == b"n" else found[1]


def _lenient(inside: bytes) -> list[tuple[bytes, bytes]]:
    pairs = []
    end = 0
    if not inside.strip(b" \t"):
        return []
    while end < len(inside):
        found = _TEXT_LABEL.match(inside, end)
        if found is None:
            raise Malformed(f'{shown(inside[end:])} is not label="value"')
        pairs.append((found[1], found[2]))
        end = found.end()
    return pairs


def _strict(inside: bytes) -> list[tuple[bytes, bytes]]:
    pairs = []
    end = 0
    while end < len(inside):
        found = _STRICT_LABEL.match(inside, end)
        if found is None:
            raise Malformed(f'{shown(inside[end:])} is not label="value", …')
        pairs.append((found[1], found[2]))
        end = found.end()
    return pairs


def text_comment(line: bytes) -> Described | None:
    """A line of the text format that begins with `#`; None where it is only a remark."""
    found = _COMMENT.match(line)
    if found is None:
        return None
    what, metric, rest = found.groups()
    if metric is None:
        raise Malformed(f"{shown(line)} names no metric")
    text = _utf8(rest[1:], line)
    if what == b"TYPE":
        return _typed(metric, text, TEXT_TYPES, line)
    return Described("HELP", metric.decode(), text.replace("\\\\", "\\").replace("\\n", "\n"))


def openmetrics_comment(line: bytes) -> Described:
    """A line of OpenMetrics that begins with `#`, other than `# EOF`."""
    found = _DESCRIPTION.fullmatch(line)
    if found is None:
        raise Malformed(f"{shown(line)} is none of # TYPE, # HELP, # UNIT and # EOF")
    what, metric, rest = found.groups()
    text = _utf8(rest, line)
    if what == b"TYPE":
        return _typed(metric, text, OPENMETRICS_TYPES, line)
    if what == b"UNIT" and text and not metric.decode().endswith(f"_{text}"):
        raise Malformed(f"the unit {text[:SHOWN]!a} is not the end of the name {shown(metric)}")
    if what == b"HELP":
        text = _ESCAPED.sub(_unescape, rest).decode()
    return Described(what.decode(), metric.decode(), text)


def _typed(metric: bytes, text: str, types: frozenset[str], line: bytes) -> Described:
    if text not in types:
        raise Malformed(f"{shown(line)} has none of the types {', '.join(sorted(types))}")
    return Described("TYPE", metric.decode(), "unknown" if text == "untyped" else text)


def _utf8(text: bytes, line: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise Malformed(f"{shown(line)} is not UTF-8") from None
