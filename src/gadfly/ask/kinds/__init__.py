"""The kinds of questions, one file each: `never-near.toml` holds the kind `never-near`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from gadfly.ask.kind import Kind, problems
from gadfly.errors import ConfigError

LARGEST = 65_536
"""Bytes of one file."""
MOST = 1_000
"""Files of one folder."""


def load(folder: Path | None = None) -> dict[str, Kind]:
    """Every kind by its name, in the order of their numbers.

    folder: further ones of an operator; one of the same name takes the place of ours.

    Raises ConfigError: for each problem its file, key, and what to do.
    """
    found = dict(_ours())
    if folder is not None:
        if not folder.is_dir():
            raise ConfigError(f"{folder}: there is no such folder of kinds")
        found |= _read_all(folder)
    return {one.name: one for one in sorted(found.values(), key=lambda one: (one.number, one.name))}


@cache
def _ours() -> dict[str, Kind]:
    return _read_all(Path(__file__).parent)


def _read_all(folder: Path) -> dict[str, Kind]:
    files = sorted(folder.glob("*.toml"))
    if len(files) > MOST:
        raise ConfigError(f"{folder}: {len(files):,} files; at most {MOST:,} kinds are read")
    found: dict[str, Kind] = {}
    wrong: list[str] = []
    numbers: dict[int, str] = {}
    for path in files:
        try:
            kind = _read(path)
        except ConfigError as error:
            wrong += error.problems
            continue
        if kind.number in numbers:
            wrong.append(f"{path}: number: {kind.number} is that of {numbers[kind.number]!r} already")
        numbers[kind.number] = kind.name
        found[kind.name] = kind
    if wrong:
        raise ConfigError(*wrong)
    return found


def _read(path: Path) -> Kind:
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST:
            raise ConfigError(f"{path}: {len(raw):,} bytes; a kind has at most {LARGEST:,}")
        kind = msgspec.convert(tomllib.loads(raw.decode()), Kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    except msgspec.ValidationError as error:
        words, _, place = str(error).partition(" - at `$")
        raise ConfigError(
            f"{path}: {place.strip('.`') + ': ' if place.strip('.`') else ''}{words}"
        ) from error
    if kind.name != path.stem:
        raise ConfigError(f"{path}: name: {kind.name!r} must be {path.stem!r}, as the file is called")
    wrong = list(problems(kind))
    if wrong:
        raise ConfigError(*(f"{path}: {one}" for one in wrong))
    return kind
