"""The files in Prometheus' form that a configuration names, and which of them a reload finds changed."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from gadfly.catalogue import prometheus_file
from gadfly.config import Config
from gadfly.rules import files, yaml_tree


def digests(config: Config) -> dict[str, str]:
    """A digest of each file under what it is and its path; empty where it cannot be read. Blocks."""
    rules = [
        path
        for pattern in config.rules.files
        for path in (sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern])
    ]
    return {
        **{f"rule file {path}": _digest(Path(path), yaml_tree.LARGEST) for path in rules[: files.FILES]},
        **{
            f"scraping file {path}": _digest(Path(path).expanduser(), prometheus_file.BYTES)
            for path in config.scraping.files
        },
    }


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[str]:
    """One line a file: it came, went, or holds something else."""
    for name in old:
        if name not in new:
            yield f"{name} removed"
    for name, now in new.items():
        if name not in old:
            yield f"{name} added"
        elif old[name] != now:
            yield f"{name} changed"


def _digest(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(most + 1)).hexdigest()
    except OSError:
        return ""
