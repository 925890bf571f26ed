"""Plain data from TOML into the typed structs of :mod:`gadfly.config`, naming every mistake on the way.

msgspec's own decoder stops at the first mistake and knows no spelling suggestions; this walk goes on, so that
one `gadfly config check` shows all that is wrong.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import keyword
import types
import typing
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

import msgspec

from gadfly import duration
from gadfly.catalogue.positions import Path
from gadfly.config import Config
from gadfly.config import act as config_act
from gadfly.config import functions as config_function
from gadfly.config import predict as config_predict
from gadfly.config.node import Preset
from gadfly.config.section import Duration, Section
from gadfly.preset import preset_value

NEEDED = {**config_act.NEEDED, **config_function.NEEDED, **config_predict.NEEDED}
MAX_LIST = 1_000
MAX_ENTRIES = 2_000_000
MAX_TEXT = 65_536

_WORDS = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


class Problem(msgspec.Struct, frozen=True):
    """Something that must be changed: where, and what."""

    path: Path
    message: str


class Mistake(Exception):
    """A value that does not conform, found where its path is known."""


def conform(data: dict[str, Any], preset: Preset, problems: list[Problem]) -> Config:
    """`data` as a Config, with the defaults of `preset`. Mistakes are appended to `problems`.

    Where a value is mistaken its default stands in the result (and for an entry that cannot do without the
    value, nothing), so that later checks can still look at the rest.
    """
    result = _Walk(preset, problems).section(Config, data, ())
    assert isinstance(result, Config)
    return result


class _Walk:
    def __init__(self, preset: Preset, problems: list[Problem]) -> None:
        self.preset = preset
        self.problems = problems

    def section(self, cls: type[Section], data: object, path: Path) -> Section | None:
        if not isinstance(data, dict):
            self._say(path, f"{_kind(data)} where a table is needed; write {_table_form(path)}")
            return None
        fields = fields_of(cls)
        for key in data:
            if key not in fields:
                self._say((*path, key), _unknown(key, fields))
        values: dict[str, object] = {}
        complete = True
        for name, (hint, default) in fields.items():
            if name in data:
                try:
                    value = self.value(hint, data[name], (*path, name))
                except Mistake as mistake:
                    self._say((*path, name), str(mistake))
                else:
                    if value is None and default is msgspec.NODEFAULT:  # a table that lacks what it needs
                        complete = False
                        continue
                    values[attribute(name)] = value
                    continue
            elif default is msgspec.NODEFAULT:
                why = NEEDED.get((cls, name), "this table cannot do without it")
                self._say(path, f"`{name}` is missing; {why}")
            if default is msgspec.NODEFAULT:
                complete = False
            elif (changed := preset_value(self.preset, cls, name)) is not None:
                values[attribute(name)] = changed
            elif _is_section(hint):
                values[attribute(name)] = self.section(hint, {}, (*path, name))
        return cls(**values) if complete else None

    def value(self, hint: Any, given: object, path: Path) -> object:
        """`given` as the type `hint` asks for; Mistake where it is not."""
        origin = get_origin(hint)
        if hint is Duration:
            return _duration(given)
        if origin is Literal:
            return _one_of(get_args(hint), given)
        if origin is tuple:
            return self._tuple(get_args(hint)[0], given, path)
        if origin is dict:
            return self._dict(get_args(hint)[1], given, path)
        if origin in (types.UnionType, typing.Union):
            return self._union(get_args(hint), given, path)
        if _is_section(hint):
            found = self.section(hint, given, path)
            needs = any(default is msgspec.NODEFAULT for _, default in fields_of(hint).values())
            return hint() if found is None and not needs else found
        return _scalar(hint, given)

    def _tuple(self, hint: Any, given: object, path: Path) -> tuple[object, ...]:
        # A component has one probe of a kind more often than several: one table needs no list around it.
        if _is_section(hint) and isinstance(given, dict):
            found = self.section(hint, given, path)
            return () if found is None else (found,)
        if not isinstance(given, list):
            raise Mistake(f"{_kind(given)} where a list is needed; write [ … ]")
        if len(given) > MAX_LIST:
            raise Mistake(f"{len(given)} elements; at most {MAX_LIST} are taken")
        values: list[object] = []
        for index, element in enumerate(given):
            if _is_section(hint):
                section = self.section(hint, element, (*path, index))
                values += [] if section is None else [section]
                continue
            try:
                values.append(self.value(hint, element, (*path, index)))
            except Mistake as mistake:
                self._say((*path, index), str(mistake))
        return tuple(values)

    def _dict(self, hint: Any, given: object, path: Path) -> dict[str, object]:
        if not isinstance(given, dict):
            raise Mistake(f"{_kind(given)} where a table is needed; write {_table_form(path)}")
        if len(given) > MAX_ENTRIES:
            raise Mistake(f"{len(given)} entries; at most {MAX_ENTRIES} are taken")
        values: dict[str, object] = {}
        for key, element in given.items():
            if _is_section(hint):
                section = self.section(hint, element, (*path, key))
                if section is not None:
                    values[key] = section
                continue
            try:
                values[key] = self.value(hint, element, (*path, key))
            except Mistake as mistake:
                self._say((*path, key), str(mistake))
        return values

    def _union(self, hints: tuple[Any, ...], given: object, path: Path) -> object:
        for hint in hints:
            if get_origin(hint) is tuple and isinstance(given, list):
                return self._tuple(get_args(hint)[0], given, path)
            if hint is not type(None) and get_origin(hint) is None and type(given) is hint:
                return _scalar(hint, given)
        words = [_WORDS.get(hint, "a list") for hint in hints if hint is not type(None)]
        raise Mistake(f"{_kind(given)} where {' or '.join(words)} is needed")

    def _say(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path, message))


def spelled_like(word: str, known: Iterable[str]) -> str:
    """` (did you mean "owner"?)`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def _unknown(key: str, fields: Iterable[str]) -> str:
    near = spelled_like(key, fields)
    return f"unknown key{near}" if near else f"unknown key; known here: {', '.join(fields)}"


@functools.cache
def fields_of(cls: type[Section]) -> dict[str, tuple[Any, object]]:
    """The fields of a struct in their order: the type, and the default or NODEFAULT."""
    hints = typing.get_type_hints(cls)
    return {
        written(field.name): (
            hints[field.name],
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory(),
        )
        for field in msgspec.structs.fields(cls)
    }


def written(field: str) -> str:
    """The key of a field; one that is a word of Python, such as `for`, has an underscore behind it there."""
    return field[:-1] if field.endswith("_") else field


def attribute(key: str) -> str:
    """The field of a key."""
    return f"{key}_" if keyword.iskeyword(key) else key


def _is_section(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Section)


def _duration(given: object) -> Duration:
    if isinstance(given, int | float) and not isinstance(given, bool):
        raise Mistake(f'a duration needs a unit: write "{given}s" if seconds are meant, or {duration.FORMS}')
    if not isinstance(given, str):
        raise Mistake(f"{_kind(given)} where a duration is needed; write {duration.FORMS}")
    try:
        return Duration(duration.parse(given))
    except ValueError as error:
        raise Mistake(str(error)) from None


def _one_of(choices: tuple[object, ...], given: object) -> object:
    if isinstance(given, str) and given in choices:
        return given
    near = spelled_like(given, map(str, choices)) if isinstance(given, str) else ""
    shown = f'"{given[:80]}"' if isinstance(given, str) else _kind(given)
    raise Mistake(f"{shown} is not one of {', '.join(map(str, choices))}{near}")


def _scalar(hint: Any, given: object) -> object:
    if hint is dt.date:
        if type(given) is dt.date:
            return given
        raise Mistake("a day is needed; write 2027-03-31 (no quotes)")
    if hint is dt.datetime:
        if isinstance(given, dt.datetime) and given.tzinfo is not None:
            return given
        raise Mistake("a date and time with a zone is needed; write 2026-12-01T22:00:00+01:00 (no quotes)")
    if hint is float and type(given) is int:
        return float(given)
    if type(given) is not hint:
        raise Mistake(f"{_kind(given)} where {_WORDS[hint]} is needed")
    if isinstance(given, str):
        if len(given) > MAX_TEXT:
            raise Mistake(f"{len(given)} characters; at most {MAX_TEXT} are taken")
        if "\0" in given:
            raise Mistake("a NUL character cannot be part of any value here")
    return given


def _kind(given: object) -> str:
    match given:
        case bool():
            return str(given).lower()
        case int() | float():
            return f"the number {given}"
        case str():
            return f'the text "{given[:40]}"'
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _table_form(path: Path) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return f"[{'.'.join(names)}]" if len(names) < 4 else "{ … }"
