"""Lists of targets as Prometheus' file_sd and HTTP SD have them: JSON, or YAML of the same shape. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gadfly.errors import FormatError
from gadfly.telemetry import yaml_depth

MOST = 1_000_000
"""Targets of one list."""
BYTES = 64 << 20
"""Bytes of one list."""


_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


class NoList(ValueError):
    """What came is not a list of targets; the message says why."""


def read(data: bytes, path: str) -> list[Mapping[str, str]]:
    """The targets in a file, as labels with `__address__`. NoList says what is wrong."""
    if len(data) > BYTES:
        raise NoList(f"longer than {BYTES >> 20} MB")
    meta = {"__meta_filepath": path}
    if path.endswith(".json"):
        return read_json(data, meta)
    if path.endswith((".yml", ".yaml")):
        return _targets(yaml(data), meta)
    raise NoList("a list of targets ends in .json, .yml or .yaml")


def read_json(data: bytes, meta: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The same from JSON; each target gets the labels `meta` too."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NoList(f"not JSON: {error}") from None
    return _targets(tree, meta)


def yaml(data: bytes) -> Any:
    """The tree of a YAML text. NoList where it is none."""
    import yaml as parser  # only where somebody has such a file

    try:
        yaml_depth.check(data)
        return parser.load(data, Loader=yaml_depth.loader())  # noqa: S506 - a safe loader
    except FormatError as error:
        raise NoList(str(error)) from None
    except Exception as error:  # its constructors raise IndexError, OverflowError, AttributeError and others
        raise NoList(f"not YAML: {' '.join(str(error).split())[:300]}") from None


def _targets(tree: Any, meta: Mapping[str, str]) -> list[Mapping[str, str]]:
    if tree is None:
        return []
    if not isinstance(tree, list):
        raise NoList('a list of {"targets": [...], "labels": {...}} is needed')
    found: list[Mapping[str, str]] = []
    for number, group in enumerate(tree, 1):
        if not isinstance(group, dict) or not group.keys() <= {"targets", "labels"}:
            raise NoList(f"group {number} has more, or other, than targets and labels")
        targets, labels = group.get("targets") or [], group.get("labels") or {}
        if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
            raise NoList(f"group {number}: targets are texts like host:port, in a list")
        if not isinstance(labels, dict):
            raise NoList(f"group {number}: labels are names with values")
        for name, value in labels.items():
            if not isinstance(name, str) or _NAME.fullmatch(name) is None:
                raise NoList(f"group {number}: {str(name)[:80]!r} is not a label")
            if not isinstance(value, str | int | float | bool):
                raise NoList(f"group {number}: the value of {name} is not a text")
        texts = {name: _text(value) for name, value in labels.items()}
        found += [{"__address__": one, **texts, **meta} for one in targets]
        if len(found) > MOST:
            raise NoList(f"more than {MOST} targets")
    return found


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
