"""The files that a catalogue is read from, joined into one tree that remembers where everything stands."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from gadfly.catalogue.positions import Path, positions
from gadfly.errors import ConfigError

MAX_BYTES = 512 * 1024 * 1024
MAX_FILES = 10_000

# Of these a folder may declare different ones in different files; of any other table, different keys.
NAMED = (
    "owner",
    "component",
    "receiver",
    "automation",
    "grant",
    "freeze",
    "scrape",
    "prediction",
    "function",
)

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Source:
    """One file: its data, and the line of every key, found when first asked for."""

    def __init__(self, name: str, text: str) -> None:
        """ConfigError, with the line, where `text` is not TOML. `name` is shown in front of each problem."""
        self.name = name
        self.text = text
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(_syntax(name, text, str(error))) from None
        except RecursionError:
            raise ConfigError(f"{name}:1: nested too deeply") from None

    @functools.cached_property
    def lines(self) -> Mapping[Path, int]:
        return positions(self.text)

    def locate(self, path: Path) -> tuple[int, str]:
        """The line of `path`, or of the nearest table around it, and the path as its writer knows it.

        The index of an element is left out where the file has a single table instead of a list.
        """
        found: Path = ()
        line, shown = 1, ""
        missing = False
        for part in path:
            if not missing and (*found, part) in self.lines:
                found = (*found, part)
                line = self.lines[found]
            elif isinstance(part, int):
                continue
            else:
                missing = True
            shown = f"{shown}[{part}]" if isinstance(part, int) else _dotted(shown, part)
        return line, shown


class Merged:
    """Several sources as one: `data`, and for each path the source it comes from."""

    def __init__(self, sources: list[Source]) -> None:
        """ConfigError where two sources declare the same thing; the message names both places."""
        self.data: dict[str, Any] = {}
        self._sources = sources
        self._origin: dict[Path, tuple[Source, Path]] = {}
        self._duplicates: list[str] = []
        for source in sources:
            for key, value in source.data.items():
                self._add(source, key, value)
        if self._duplicates:
            raise ConfigError(*self._duplicates)

    def describe(self, found: Iterable[tuple[Path, str]]) -> list[str]:
        """One line each: file, line, path, message; in the order of the files and their lines."""
        lines = []
        for path, message in found:
            source, local = self._find(path)
            line, shown = source.locate(local)
            text = f"{source.name}:{line}: {shown + ': ' if shown else ''}{message}"
            lines.append((source.name, line, text))
        return list(dict.fromkeys(text for _, _, text in sorted(lines)))

    def _add(self, source: Source, key: str, value: object) -> None:
        if isinstance(value, list) and isinstance(self.data.setdefault(key, []), list):
            joined = self.data[key]
            for index, element in enumerate(value):
                self._origin[key, len(joined)] = (source, (key, index))
                joined.append(element)
            self._origin.setdefault((key,), (source, (key,)))
        elif isinstance(value, dict) and isinstance(self.data.setdefault(key, {}), dict):
            self._origin.setdefault((key,), (source, (key,)))
            for name, entry in value.items():
                self._once(self.data[key], source, (key, name), entry)
        else:
            self._once(self.data, source, (key,), value)

    def _once(self, table: dict[str, Any], source: Source, path: Path, value: object) -> None:
        name = str(path[-1])
        if name in table:
            first = self._origin[path][0]
            here, shown = source.locate(path)
            there, _ = first.locate(path)
            what = "an entry has" if path[0] in NAMED else "a setting has"
            self._duplicates.append(
                f"{source.name}:{here}: {shown}: already declared at {first.name}:{there}; {what} one place"
            )
            return
        table[name] = value
        self._origin[path] = (source, path)

    def _find(self, path: Path) -> tuple[Source, Path]:
        for length in (2, 1):
            if path[:length] in self._origin:
                source, local = self._origin[path[:length]]
                return source, (*local, *path[length:])
        return self._sources[0], path


def read(path: FilePath) -> Merged:
    """The file, or every `*.toml` of the folder by name. ConfigError for each that cannot be read."""
    files = _files(path)
    problems: list[str] = []
    sources = []
    for file in files:
        try:
            sources.append(Source(str(file), _text(file)))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return Merged(sources)


def _files(path: FilePath) -> list[FilePath]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.glob("*.toml") if not file.name.startswith("."))
    if not files:
        raise ConfigError(f"{path}:1: the folder holds no file that ends in .toml")
    if len(files) > MAX_FILES:
        raise ConfigError(f"{path}:1: {len(files)} files; at most {MAX_FILES} are read")
    return files


def _text(file: FilePath) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{file}:1: longer than {MAX_BYTES >> 20} MiB; split it into a folder of files")
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"{file}:1: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{line}: not UTF-8; save the file as UTF-8") from None


def _syntax(name: str, text: str, message: str) -> str:
    found = re.search(r"\s*\(at line (\d+), column (\d+)\)$", message)
    if found:
        return f"{name}:{found[1]}: not TOML: {message[: found.start()]} (column {found[2]})"
    line = text.rstrip("\n").count("\n") + 1
    return f"{name}:{line}: not TOML: {message.removesuffix(' (at end of document)')} at the end of the file"


def _dotted(before: str, name: str) -> str:
    word = (
        name
        if _BARE.fullmatch(name)
        else '"' + name.encode("unicode_escape").decode().replace('"', '\\"') + '"'
    )
    return f"{before}.{word}" if before else word
