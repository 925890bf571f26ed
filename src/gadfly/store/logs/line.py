"""A line of a log, as it came and as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
"""By number, as syslog counts (RFC 5424, table 2); the smaller the graver."""
INFO = 6
NOTHING: Mapping[str, str] = MappingProxyType({})


class Line(NamedTuple):
    """As whoever received it hands it over."""

    at: float
    """When it was written, as its sender says; seconds since the epoch. When it came, where nobody says."""
    source: str
    """The way it came: `syslog`, `journald`, `file:NAME`, `otlp`."""
    host: str
    unit: str
    """The service or program that wrote it."""
    severity: int
    """0 to 7, see `SEVERITIES`; 6 where nobody says."""
    text: str
    fields: Mapping[str, str] = NOTHING
    """What else was said of it."""


class Kept(NamedTuple):
    """As it is read from the store. The number is its place: later taken is greater, never used twice."""

    number: int
    """Microseconds since the epoch at which it was taken, or one more than the line before it."""
    at: float
    source: str
    host: str
    unit: str
    severity: int
    text: str
    fields: str
    """JSON of the fields; empty where there are none."""


def severity_name(number: int) -> str:
    """The word for it."""
    return SEVERITIES[min(max(number, 0), 7)]
