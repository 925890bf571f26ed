"""Text with fields, as ``orders-worker@{component}``, filled strictly.

A field that is not known is a mistake at load; a field without a value is one at the filling, because an
empty name has meant "everything" to more than one tool. What a value may do to the text around it is the
escape's business: every kind of action has its own, so that a value can never become syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

FIELDS = ("component", "group", "cell", "region", "environment", "owner", "kind", "automation", "intent")
"""What every action may use, beside ``{label.NAME}`` of the target and ``{parameter.NAME}`` of the act."""
LONGEST = 4096
"""Characters of a template."""
VALUE = 200
"""Characters of a value: as long as a component's name may be."""

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAMED = re.compile(r"(label|parameter)\.[A-Za-z_][A-Za-z0-9_.-]{0,62}")


class Piece(NamedTuple):
    """Text as it stands, or the name of a field."""

    text: str
    field: bool


class Template(NamedTuple):
    """A parsed text. ``{{`` and ``}}`` are the braces themselves."""

    pieces: tuple[Piece, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(piece.text for piece in self.pieces if piece.field)

    @property
    def fixed(self) -> str:
        """The text up to the first field."""
        return self.pieces[0].text if self.pieces and not self.pieces[0].field else ""

    def fill(self, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
        """The text with `values` in it. ValueError where one is absent, empty, too long or not printable."""
        return "".join(
            escape(_value(piece.text, values)) if piece.field else piece.text for piece in self.pieces
        )


def parse(text: str, more: tuple[str, ...] = ()) -> Template:
    """Read a text. `more` are fields beside :data:`FIELDS`. ValueError, for whoever wrote it, where it is
    none."""
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters; at most {LONGEST} are taken")
    pieces: list[Piece] = []
    end = 0
    for found in _FIELD.finditer(text):
        pieces.append(Piece(text[end : found.start()], False))
        end = found.end()
        if found[0] in ("{{", "}}"):
            pieces.append(Piece(found[0][0], False))
        elif found[1] is None:
            raise ValueError(
                f'"{text[:80]}": a single "{found[0]}"; write "{found[0] * 2}" for the brace itself'
            )
        elif found[1] not in (*FIELDS, *more) and not _NAMED.fullmatch(found[1]):
            known = ", ".join(f"{{{name}}}" for name in (*FIELDS, *more))
            raise ValueError(
                f"{{{found[1][:40]}}} is no field; known are {known}, {{label.NAME}} and {{parameter.NAME}}"
            )
        else:
            pieces.append(Piece(found[1], True))
    pieces.append(Piece(text[end:], False))
    return Template(_joined(pieces))


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for piece in pieces:
        if not piece.field and found and not found[-1].field:
            found[-1] = Piece(found[-1].text + piece.text, False)
        elif piece.field or piece.text:
            found.append(piece)
    return tuple(found)


def _value(field: str, values: Mapping[str, str]) -> str:
    value = values.get(field, "")
    if not value:
        raise ValueError(f"{{{field}}} has no value here; nothing is done with an empty name")
    if len(value) > VALUE:
        raise ValueError(f"{{{field}}} has {len(value)} characters; at most {VALUE} are taken")
    if not value.isprintable():
        raise ValueError(f"{{{field}}} holds characters that cannot be printed")
    return value
