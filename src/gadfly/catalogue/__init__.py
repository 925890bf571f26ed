"""What is declared to exist: ``gadfly.toml``, or a folder of such files, read, checked and compared.

:func:`load` gives a :class:`gadfly.config.Config` or names everything that is wrong, each problem one line::

    gadfly.toml:12: component.checkout.probe.http.every: "15x" is not a duration; write 250ms, 5s, 1m30s, …

Theory of operation: :mod:`.source` reads the files into one tree, :mod:`.conform` turns the tree into typed
structs, :mod:`.checks` looks at what types cannot say. Each collects problems under the path of a key; only
when there are any does :mod:`.positions` scan the files again for the lines on which those keys stand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gadfly.catalogue.checks import check
from gadfly.catalogue.conform import Problem, conform
from gadfly.catalogue.difference import difference
from gadfly.catalogue.show import as_data, as_toml
from gadfly.catalogue.source import Merged, Source, read
from gadfly.catalogue.warn import warnings
from gadfly.config import Config
from gadfly.config.node import Node, Preset
from gadfly.errors import ConfigError
from gadfly.preset import PRESETS

__all__ = ["as_data", "as_toml", "difference", "load", "loads", "warnings"]

MAX_PROBLEMS = 100


def load(path: Path | None) -> Config:
    """The configuration in `path`: a file, a folder of ``*.toml`` files, or None for the defaults alone.

    ConfigError with one line a problem, all of them where that is possible, at most a hundred.
    """
    return _config(Merged([]) if path is None else read(path))


def loads(text: str, name: str = "gadfly.toml") -> Config:
    """As :func:`load`, from text; `name` stands in front of each problem."""
    return _config(Merged([Source(name, text)]))


def _config(merged: Merged) -> Config:
    problems: list[Problem] = []
    config = conform(merged.data, _preset(merged.data), problems)
    check(config, problems)
    if problems:
        lines = merged.describe((found.path, found.message) for found in problems)
        if len(lines) > MAX_PROBLEMS:
            lines[MAX_PROBLEMS:] = [f"… and {len(lines) - MAX_PROBLEMS} more problems"]
        raise ConfigError(*lines)
    return config


def _preset(data: dict[str, Any]) -> Preset:
    """The preset, looked at before all else because it decides the defaults of all else."""
    node = data.get("node")
    given = node.get("preset") if isinstance(node, dict) else None
    for preset in PRESETS:
        if preset == given:
            return preset
    return Node().preset
