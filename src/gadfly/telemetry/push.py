"""What is pushed as to Prometheus' Pushgateway: the group in the path, the families in the body. Pure.

Source: github.com/prometheus/pushgateway, README, version 1.5.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from gadfly.errors import FormatError
from gadfly.telemetry import exposition_line as grammar

BASE64 = "@base64"
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
OWN = ("push_time_seconds", "push_failure_time_seconds")
"""Series that every group has beside what is pushed; nobody may push them."""
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
MOST = 100_000
"""Samples of one push."""


class Family(NamedTuple):
    """A metric with all its samples: what a push replaces is families."""

    kind: str
    help: str
    samples: tuple[tuple[dict[str, str], float], ...]
    """Labels, `__name__` among them, and the value."""


def grouping(path: str) -> dict[str, str]:
    """The labels of `NAME/LABEL/VALUE…` behind `/metrics/job`; after `@base64/`, NAME is so encoded."""
    parts = path.split("/")
    labels: dict[str, str] = {}
    if parts[0] == BASE64:
        name, value, rest = f"job{BASE64}", parts[1] if len(parts) > 1 else "", parts[2:]
    else:
        name, value, rest = "job", parts[0], parts[1:]
    while rest and rest[-1] == "" and len(rest) % 2:
        rest.pop()
    if len(rest) % 2:
        raise FormatError(f"The path ends with a label without a value: {rest[-1][:80]!r}.")
    for label, text in ((name, value), *zip(rest[::2], rest[1::2], strict=True)):
        if label.endswith(BASE64):
            label, text = label.removesuffix(BASE64), _decoded(text)
        if _LABEL.fullmatch(label) is None or label.startswith("__"):
            raise FormatError(f"{label[:80]!r} cannot be a label of a group.")
        labels[label] = text
    if not labels["job"]:
        raise FormatError("A group needs the name of its job: /metrics/job/NAME.")
    return labels


def _decoded(text: str) -> str:
    stripped = text.rstrip("=")
    try:
        return base64.b64decode(stripped + "=" * (-len(stripped) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise FormatError(f"{text[:80]!r} is not URL-safe base64 of a text.") from None


def families(body: bytes, group: dict[str, str]) -> dict[str, Family]:
    """The families of a body in the text format; the group's labels replace its own of the same names.

    FormatError, with the number of the line, where it is not in the format, has a time, or says a sample
    twice.
    """
    kinds: dict[str, str] = {}
    helps: dict[str, str] = {}
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    seen: set[tuple[tuple[str, str], ...]] = set()
    for number, line in enumerate(body.split(b"\n"), 1):
        try:
            if line.lstrip(b" \t")[:1] == b"#":
                told = grammar.text_comment(line)
                if told is not None:
                    (kinds if told.what == "TYPE" else helps)[told.metric] = told.text
                continue
            sample = grammar.text_sample(line)
            if sample is None:
                continue
            if sample.at is not None:
                raise FormatError("a pushed sample has no time of its own")  # noqa: TRY301 - told with its line
            labels = grammar.labels(sample.head, strict=False)
            metric = labels["__name__"]
            if metric in OWN:
                raise FormatError(f"{metric} is the node's own to say")  # noqa: TRY301 - told with its line
            labels = {name: text for name, text in {**labels, **group}.items() if text}
            key = tuple(sorted(labels.items()))
            if key in seen:
                raise FormatError(f"{grammar.shown(sample.head)} stands twice")  # noqa: TRY301 - with its line
            seen.add(key)
            if len(seen) > MOST:
                raise FormatError(f"more than {MOST} samples in one push")  # noqa: TRY301 - with its line
        except (grammar.Malformed, FormatError) as error:
            raise FormatError(f"Line {number}: {error}.") from None
        found.setdefault(_family(metric, kinds), []).append((labels, sample.value))
    return {
        name: Family(kinds.get(name, "unknown"), helps.get(name, ""), tuple(samples))
        for name, samples in found.items()
    }


def _family(metric: str, kinds: dict[str, str]) -> str:
    for kind, suffixes in SUFFIXES.items():
        for suffix in suffixes:
            base = metric.removesuffix(suffix)
            if base != metric and kinds.get(base) == kind:
                return base
    return metric
