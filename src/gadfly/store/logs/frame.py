"""A batch of lines as it stands in the journal: what of it is needed to find it, then its rows, unread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gadfly.store.logs.line import Kept, Line

Row = tuple[float, str, str, str, int, str, str]
"""A line without its number; the last is the JSON of its fields."""

NAME = 255
"""Characters of a source, host or unit that are kept."""
FIELDS = 64
FIELD_NAME = 128


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """`count` lines from `first` on, written between `oldest` and `newest`; marks: where senders are."""

    first: int
    count: int
    oldest: float
    newest: float
    marks: dict[str, str]
    rows: msgspec.Raw

    def lines(self) -> list[Kept]:
        """The lines, with their numbers."""
        return [Kept(number, *row) for number, row in enumerate(_rows.decode(self.rows), self.first)]


_rows = msgspec.msgpack.Decoder(list[Row])
_frame = msgspec.msgpack.Decoder(Frame)


def pack(first: int, rows: Sequence[Row], marks: Mapping[str, str]) -> tuple[Frame, bytes]:
    """The frame and its bytes."""
    times = [row[0] for row in rows] or [0.0]
    packed = msgspec.Raw(msgspec.msgpack.encode(rows))
    frame = Frame(first, len(rows), min(times), max(times), dict(marks), packed)
    return frame, msgspec.msgpack.encode(frame)


def unpack(payload: bytes) -> Frame:
    """msgspec.MsgspecError where it is none."""
    return _frame.decode(payload)


def rows_of(lines: Sequence[Line], longest: int) -> tuple[list[Row], int]:
    """What is kept of the lines, and how many texts were cut. NULs and half characters are replaced."""
    rows: list[Row] = []
    cut = 0
    for line in lines:
        text = line.text
        if len(text) > longest:
            text = text[:longest]
            cut += 1
        if "\0" in text or not text.isascii():
            text = _clean(text)
        rows.append(
            (
                min(max(float(line.at), 0.0), 253_402_300_799.0) if line.at == line.at else 0.0,
                _name(line.source),
                _name(line.host),
                _name(line.unit),
                min(max(line.severity, 0), 7),
                text,
                _fields(line.fields, longest) if line.fields else "",
            )
        )
    return rows, cut


def _clean(text: str) -> str:
    """Half a surrogate pair cannot be written as UTF-8."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


def _name(text: str) -> str:
    if len(text) <= NAME and text.isascii() and "\0" not in text:
        return text
    return _clean(text[:NAME])


def _fields(fields: Mapping[str, str], longest: int) -> str:
    """As many of them, in their order, as have room in the length of a line."""
    kept: dict[str, str] = {}
    room = longest
    for name, value in fields.items():
        room -= len(name) + len(value)
        if room < 0 or len(kept) == FIELDS:
            break
        kept[_clean(name[:FIELD_NAME])] = _clean(value)
    return msgspec.json.encode(kept).decode()
