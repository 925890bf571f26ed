"""The kinds of questions, one file each: `never-near.toml` holds the kind `never-near`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from gadfly.ask.kind import Kind
from gadfly.errors import ConfigError


def load(folder: Path | None = None) -> dict[str, Kind]:
    """Every kind by its name, in the order of their numbers.

    folder: further ones of an operator; a file of the same name takes the place of ours.

    Raises ConfigError: a file and key, and what is wrong there.
    """
    files = {one.name: one for one in Path(__file__).parent.glob("*.toml")}
    if folder is not None:
        files |= {one.name: one for one in folder.glob("*.toml")}
    found = [_read(files[name]) for name in sorted(files)]
    return {one.name: one for one in sorted(found, key=lambda one: (one.number, one.name))}


def _read(path: Path) -> Kind:
    try:
        kind = msgspec.convert(tomllib.loads(path.read_text()), Kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if kind.name != path.stem:
        raise ConfigError(f"{path}: name: {kind.name!r} must be {path.stem!r}, as the file is called")
    return kind
