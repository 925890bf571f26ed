"""The values in the tree of a `prometheus.yml`, each as it must be, or refused with its place."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from gadfly import duration
from gadfly.config.scrape import Scrape
from gadfly.promql.labels import is_label_name

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)

T = TypeVar("T")


class Wrong(Exception):
    """Where, and what."""


@contextlib.contextmanager
def noted(problems: list[str]) -> Iterator[None]:
    """What is refused inside is one of the problems, and the rest is looked at all the same."""
    try:
        yield
    except Wrong as error:
        problems.append(str(error))


def tables(
    config: dict[str, Any], key: str, where: str, known: tuple[str, ...]
) -> list[tuple[dict[str, Any], str]]:
    found = []
    for number, one in enumerate(listed(config.get(key), f"{where}.{key}")):
        place = f"{where}.{key}[{number}]"
        if one is None:
            raise Wrong(f"{place}: empty; take it out")
        known_only(table(one, place), place, known)
        found.append((one, place))
    return found


def only(config: dict[str, Any], key: str, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    found = table(config.get(key), f"{where}.{key}")
    known_only(found, f"{where}.{key}", known)
    return found


def known_only(found: dict[str, Any], where: str, known: tuple[str, ...]) -> None:
    if strangers := found.keys() - set(known):
        raise Wrong(f"{where}.{sorted(map(str, strangers))[0]}: not known here; take it out")


def one_of(found: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    """Refuses where more than one of the keys has a value."""
    said = [key for key in keys if found.get(key) not in (None, "")]
    if len(said) > 1:
        raise Wrong(f"{where}: {' and '.join(said)}; write one of them")


def file(value: Any, folder: Path, where: str) -> str:
    return f"file:{folder / text(value, where)}"


def table(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Wrong(f"{where}: names with values are needed")
    return value


def listed(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Wrong(f"{where}: a list is needed")
    return value


def text(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong(f"{where}: a text is needed")
    return str(value)


def texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(text(one, where) for one in listed(value, where))


def labels(value: Any, where: str) -> dict[str, str]:
    found: Mapping[str, Any] = table(value, where)
    for name in found:
        if not is_label_name(str(name)):
            raise Wrong(f'{where}: "{str(name)[:80]}" is not a label; write letters, digits and _')
        if isinstance(found[name], dict | list):
            raise Wrong(f"{where}.{name}: a text is needed")
    return {str(name): str(one).lower() if isinstance(one, bool) else str(one) for name, one in found.items()}


def of(kind: type[T], value: Any, where: str) -> T:
    if type(value) is not kind:
        raise Wrong(f"{where}: {value!r} is not what is needed there ({kind.__name__})")
    if isinstance(value, int) and value < 0:
        raise Wrong(f"{where}: {value} is below 0")
    return value


def addresses(value: Any, where: str) -> tuple[str, ...]:
    found = texts(value, where)
    for one in found:
        if not one or "/" in one:
            raise Wrong(f'{where}: "{one[:80]}" is no address; write host:port, and the path as metrics_path')
    return found


def choice(value: Any, known: tuple[str, ...], where: str) -> Any:
    if value not in known:
        raise Wrong(f"{where}: {value!r} is none of {', '.join(known)}")
    return value


def seconds(value: Any, default: float, where: str) -> float:
    if value is None:
        return default
    try:
        return duration.parse(text(value, where)) or default
    except ValueError as error:
        raise Wrong(f"{where}: {error}") from None


def megabytes(value: Any, where: str) -> int:
    found = _SIZE.fullmatch(str(value))
    if found is None:
        raise Wrong(f"{where}: {value!r} is no size; write 10MB")
    size = float(found[1]) * 1024 ** (" KMGT".index(found[2].upper()) if found[2] else 0)
    return math.ceil(size / (1 << 20)) if size else Scrape().body_mb
