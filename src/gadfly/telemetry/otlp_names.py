"""OpenTelemetry's names as Prometheus writes them: metrics, units, labels.

Source: the OpenTelemetry specification, "Prometheus and OpenMetrics compatibility", as Prometheus itself
(since 2.47) and the collector's exporters translate: `http.server.duration` in `ms` is
`http_server_duration_milliseconds`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"[a-zA-Z0-9:]+")
_NOT_LABEL = re.compile(r"[^a-zA-Z0-9_]")

UNITS = {
    # Time
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    # Bytes
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    "TiBy": "tibibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    # SI and the rest
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "1": "",
    "%": "percent",
}
"""UCUM's symbols, and the words that Prometheus writes for them."""
PER = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
"""The same behind a stroke."""

IDENTITY = ("service.name", "service.namespace", "service.instance.id")
"""Attributes of a resource that become `job` and `instance`."""


def unit_words(unit: str) -> tuple[str, str]:
    """The words for what is before a unit's stroke, and behind it; "" where there is none to be written.

    What stands in braces is an annotation, not a unit.
    """
    main, _, per = unit.partition("/")
    return _word(main, UNITS), _word(per, PER)


def _word(symbol: str, words: Mapping[str, str]) -> str:
    symbol = symbol.strip()
    if "{" in symbol or "}" in symbol:
        return ""
    return "_".join(_TOKEN.findall(words.get(symbol, symbol))).replace(":", "_")


def metric_name(name: str, unit: str, *, counter: bool = False, gauge: bool = False) -> str:
    """The name with its unit, `_total` for a counter, `_ratio` for a gauge whose unit is 1; "" for no name.
    One of which nothing can be written (`日本`) has a stroke for each character."""
    if not name:
        return ""
    tokens = _TOKEN.findall(name) or ["_" * len(name)]
    main, per = unit_words(unit)
    if main and main not in tokens:
        tokens.append(main)
    if per and per not in tokens:
        tokens += ["per", per]
    for wanted, word in ((counter, "total"), (gauge and unit.strip() == "1", "ratio")):
        if wanted:
            tokens = [*(token for token in tokens if token != word), word]
    found = "_".join(tokens)
    return f"_{found}" if found[0].isdigit() else found


def label_name(name: str) -> str:
    """The label for an attribute; "" for one without a name."""
    found = _NOT_LABEL.sub("_", name)
    if found[:1].isdigit():
        return f"key_{found}"
    if found.startswith("_") and not found.startswith("__"):
        return f"key{found}"
    return found


def labels(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes as labels. Those that become one label stand in it together, between semicolons, in the
    order of their names. Names with two strokes before and behind are Prometheus' own and are left out."""
    found: dict[str, str] = {}
    for name in sorted(attributes):
        label = label_name(name)
        own = label.startswith("__") and label.endswith("__") and label.strip("_")
        if label and not own:
            held = found.get(label)
            found[label] = attributes[name] if held is None else f"{held};{attributes[name]}"
    return found


def target(resource: Mapping[str, str]) -> dict[str, str]:
    """`job` and `instance`, as far as the resource says them."""
    found = {}
    if name := resource.get("service.name", ""):
        namespace = resource.get("service.namespace", "")
        found["job"] = f"{namespace}/{name}" if namespace else name
    if instance := resource.get("service.instance.id", ""):
        found["instance"] = instance
    return found


def target_info(resource: Mapping[str, str]) -> dict[str, str] | None:
    """The labels of `target_info`, which tells a resource's other attributes; None: there is nothing to tell,
    or nobody to tell it of."""
    identity = target(resource)
    others = {name: value for name, value in resource.items() if name not in IDENTITY}
    if not identity or not others:
        return None
    return {**labels(others), **identity, "__name__": "target_info"}
