"""Every key that the standard library's parser sees is found, on the line where it was written."""

from __future__ import annotations

import json
import random
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gadfly.catalogue.positions import Path, positions

EXAMPLE = '''\
# a comment with [brackets] and = signs
top = 1
"quoted key" . 'other' = "a # no comment"
text = """
[not.a.table]
key = "not a key"
ends with quotes: """""
raw = \'\'\'
x = 1\'\'\'

[table . "dotted.name"]
list = [ # comment
  1, "two",
  { three = 3, four.five = [ [4], [] ] },
]
when = 2026-12-01 22:00:00 # not a tail

[[many]]
name = "a"
[many.sub]
x = 1
[[many]]
name = "b"
[[many.deep]]
y = 1
[[many.deep]]
y = 2
'''


def test_the_example() -> None:
    lines = positions(EXAMPLE)
    assert lines["top",] == 2
    assert lines["quoted key", "other"] == 3
    assert lines["raw",] == 8
    assert lines["table", "dotted.name", "list"] == 12
    assert lines["table", "dotted.name", "list", 1] == 13
    assert lines["table", "dotted.name", "list", 2, "four", "five", 0, 0] == 14
    assert lines["table", "dotted.name", "when"] == 16
    assert lines["many", 0] == 18
    assert lines["many", 0, "sub", "x"] == 21
    assert lines["many", 1] == 22
    assert lines["many", 1, "deep", 1, "y"] == 27
    assert set(lines) == set(_paths(tomllib.loads(EXAMPLE)))


def test_windows_line_ends() -> None:
    assert positions('a = 1\r\n[b]\r\nc = """\r\n"""\r\nd = 1\r\n')["b", "d"] == 5


def _paths(data: object, path: Path = ()) -> list[Path]:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(data, dict):
        pairs = list(data.items())
    elif isinstance(data, list):
        pairs = list(enumerate(data))
    found: list[Path] = []
    for key, value in pairs:
        found += [(*path, key), *_paths(value, (*path, key))]
    return found


_keys = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text(max_size=6))
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_scalars = st.one_of(st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False), _texts, st.datetimes())
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=12,
)


class _Writer:
    """Writes data as TOML, each thing in one of the ways in which it may be written; notes the lines."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.text = ""
        self.lines: dict[Path, int] = {}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def table(self, data: dict[str, Any], path: Path, header: str) -> None:
        later = []
        for key, value in data.items():
            if (isinstance(value, dict) and value and self.chance.random() < 0.5) or (
                _is_tables(value) and self.chance.random() < 0.7
            ):
                later.append((key, value))
            else:
                self.pair(key, value, path)
                self.text += self.chance.choice(["\n", " # x = [\n", "\n\n"])
        for key, value in later:
            name = f"{header}.{self.key(key)}" if header else self.key(key)
            if isinstance(value, dict):
                self.lines[*path, key] = self.line
                self.text += f"[ {name} ]\n"
                self.table(value, (*path, key), name)
                continue
            for index, element in enumerate(value):
                self.lines.setdefault((*path, key), self.line)
                self.lines[*path, key, index] = self.line
                self.text += f"[[{name}]] # [[no]]\n"
                self.table(element, (*path, key, index), name)

    def pair(self, key: str, value: object, path: Path) -> None:
        self.lines[*path, key] = self.line
        self.text += self.key(key)
        while isinstance(value, dict) and len(value) == 1 and self.chance.random() < 0.5:
            path = (*path, key)
            ((key, value),) = value.items()
            self.text += self.chance.choice([".", " . "]) + self.key(key)
            self.lines[*path, key] = self.line
        self.text += self.chance.choice(["=", " = "])
        self.value(value, (*path, key))

    def value(self, value: object, path: Path) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for place, (key, element) in enumerate(value.items()):
                self.text += ", " if place else " "
                self.pair(key, element, path)
            self.text += "}"
        elif isinstance(value, list):
            self.text += "["
            for index, element in enumerate(value):
                self.text += self.chance.choice(["", "\n", " # ]\n  "])
                self.lines[*path, index] = self.line
                self.value(element, (*path, index))
                self.text += "," if index < len(value) - 1 else self.chance.choice(["", ",\n"])
            self.text += "]"
        elif isinstance(value, str):
            self.text += self.string(value)
        elif isinstance(value, bool):
            self.text += str(value).lower()
        else:
            self.text += value.isoformat(" ") if hasattr(value, "isoformat") else repr(value)

    def string(self, value: str) -> str:
        plain = all(character.isprintable() or character == "\n" for character in value)
        if plain and "'" not in value and "\n" not in value and self.chance.random() < 0.5:
            return f"'{value}'"
        if plain and "''" not in value and not value.endswith("'") and self.chance.random() < 0.5:
            return f"'''\n{value}'''"
        if plain and '"""' not in value and self.chance.random() < 0.5:
            body = value.replace("\\", "\\\\")
            return f'"""\n{body}"""' if not body.endswith('"""') else _basic(value)
        return _basic(value)

    def key(self, key: str) -> str:
        if key.isascii() and key.replace("-", "").replace("_", "").isalnum() and self.chance.random() < 0.7:
            return key
        return (
            f"'{key}'" if key.isprintable() and "'" not in key and self.chance.random() < 0.3 else _basic(key)
        )


def _basic(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(element, dict) for element in value)


@given(st.dictionaries(_keys, _values, max_size=5), st.integers())
def test_every_key_is_found_on_its_line(data: dict[str, Any], seed: int) -> None:
    writer = _Writer(seed)
    writer.table(data, (), "")
    parsed = tomllib.loads(writer.text)
    lines = positions(writer.text)
    assert set(lines) == set(_paths(parsed))
    assert lines == writer.lines
