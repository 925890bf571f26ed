"""Prometheus' text format, version 0.0.4: writing it.

Source: prometheus.io/docs/instrumenting/exposition_formats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]


class Family(NamedTuple):
    """A metric: each sample is a suffix of the name, labels, and a number."""

    name: str
    type: str
    help: str
    samples: list[Sample]


def render(families: Iterable[Family]) -> str:
    """The families as text, each line ended; empty for none."""
    lines = []
    for family in families:
        if family.help:
            lines.append(f"# HELP {family.name} {_escape(family.help)}")
        lines.append(f"# TYPE {family.name} {family.type}")
        for suffix, labels, value in family.samples:
            inside = ",".join([f'{name}="{_escape_value(text)}"' for name, text in labels])
            braces = f"{{{inside}}}" if inside else ""
            lines.append(f"{family.name}{suffix}{braces} {number(value)}")
    return "".join([f"{line}\n" for line in lines])


def number(value: float) -> str:
    """A float as the format writes it: the shortest that reads back the same, `+Inf`, `-Inf` or `NaN`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _escape_value(text: str) -> str:
    return _escape(text).replace('"', '\\"')
