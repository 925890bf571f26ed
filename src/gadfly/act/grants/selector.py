"""Which components are meant, as people write it: ``group = "workers" and not region = "eu"``.

Fields are `component` (its name), `kind`, `owner`, `group`, `host`, and any label. `=`, `!=`, and `=~` with a
regular expression for the whole value; `and` (or a comma) binds closer than `or`; `not` and parentheses as
everywhere. A component without the label has the empty value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Protocol

from gadfly.alert.match import costly

LONGEST = 2000
DEEPEST = 16
FORM = 'group = "workers" and region = "eu"'

_TOKEN = re.compile(r'\s*(?:(=~|!=|=|\(|\)|,)|"([^"\n]*)"|([A-Za-z_][A-Za-z0-9_.-]*))', re.ASCII)


class Selected(Protocol):
    """What a selector looks at: a subject of the picture, or a target of a plan."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def labels(self) -> Mapping[str, str]: ...


Matches = Callable[[Selected], bool]
_FIELDS: dict[str, Callable[[Selected], str]] = {
    "component": lambda one: one.name,
    "kind": lambda one: one.kind,
    "owner": lambda one: one.owner,
    "group": lambda one: one.group,
    "host": lambda one: getattr(one, "host", "") or one.labels.get("host", ""),
}


@functools.lru_cache(maxsize=20_000)
def parse(text: str) -> Matches:
    """The test that `text` means; the empty text means everything.

    ValueError, with a message for whoever wrote it, where it is no selector.
    """
    if not text.strip():
        return _everything
    if len(text) > LONGEST:
        raise ValueError(f"a selector has {LONGEST} characters at most")
    parser = _Parser(_tokens(text), text)
    found = parser.either(0)
    if parser.tokens:
        raise parser.wrong()
    return found


def _everything(_: Selected) -> bool:
    return True


def _tokens(text: str) -> list[tuple[str, str]]:
    """Pairs of kind (`sign`, `text`, `word`) and value, last first."""
    found, end = [], 0
    while token := _TOKEN.match(text, end):
        end = token.end()
        sign, value, word = token.groups()
        found.append(("sign", sign) if sign else ("word", word) if word else ("text", value))
    if text[end:].strip():
        raise ValueError(f'"{text[end:].strip()[:40]}" is not part of a selector; write {FORM}')
    return found[::-1]


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens = tokens
        self.text = text

    def either(self, depth: int) -> Matches:
        if depth > DEEPEST:
            raise ValueError(f"a selector has at most {DEEPEST} levels of parentheses and negations")
        parts = [self.all(depth)]
        while self._take("or"):
            parts.append(self.all(depth))
        return parts[0] if len(parts) == 1 else lambda one: any(part(one) for part in parts)

    def all(self, depth: int) -> Matches:
        parts = [self.one(depth)]
        while self._take("and", ","):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else lambda one: all(part(one) for part in parts)

    def one(self, depth: int) -> Matches:
        if depth > DEEPEST:
            raise ValueError(f"a selector has at most {DEEPEST} levels of parentheses and negations")
        if self._take("not"):
            inner = self.one(depth + 1)
            return lambda one: not inner(one)
        if self._take("("):
            found = self.either(depth + 1)
            if not self._take(")"):
                raise self.wrong()
            return found
        return self._comparison()

    def _comparison(self) -> Matches:
        field, sign, value = self._next("word"), self._next("sign"), self._next("text")
        read = _FIELDS.get(field) or (lambda one: one.labels.get(field, ""))
        if sign == "=":
            return lambda one: read(one) == value
        if sign == "!=":
            return lambda one: read(one) != value
        if sign != "=~":
            raise self.wrong()
        if costly(value):
            raise ValueError(f'"{value[:80]}" may take too long on some names; use few * and +')
        try:
            pattern = re.compile(value)
        except re.error as error:
            raise ValueError(f'"{value[:80]}" is not a regular expression: {error}') from None
        return lambda one: pattern.fullmatch(read(one)) is not None

    def _take(self, *words: str) -> bool:
        if self.tokens and self.tokens[-1][0] != "text" and self.tokens[-1][1] in words:
            self.tokens.pop()
            return True
        return False

    def _next(self, kind: str) -> str:
        if not self.tokens or self.tokens[-1][0] != kind:
            raise self.wrong()
        return self.tokens.pop()[1]

    def wrong(self) -> ValueError:
        near = f' near "{self.tokens[-1][1][:40]}"' if self.tokens else " at its end"
        return ValueError(f'"{self.text[:80]}" is not a selector{near}; write {FORM}')
