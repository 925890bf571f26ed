"""collectd's binary protocol: parts of type, length and content; values belong to what the parts before say.

See collectd's wiki, "Binary protocol". A part says the host, plugin, type, time … for everything behind it,
until another part says otherwise. What is signed or encrypted,
:mod:`gadfly.telemetry.collectd_seal` opens.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from gadfly.errors import FormatError

LONGEST = 65_535
VALUES = 1024
"""Values of one list; types with more than ten are not known."""
WORD = 128
"""Bytes of a name, with the NUL behind it; collectd's own limit."""
MESSAGE = 4096
_HEAD = struct.Struct(">HH")
_TIME = 2.0**-30
"""Seconds of one step of the times of high resolution."""


class Part(IntEnum):
    """The types of parts."""

    host = 0x0000
    time = 0x0001
    plugin = 0x0002
    plugin_instance = 0x0003
    type = 0x0004
    type_instance = 0x0005
    values = 0x0006
    interval = 0x0007
    time_hr = 0x0008
    interval_hr = 0x0009
    message = 0x0100
    severity = 0x0101
    signature = 0x0200
    encryption = 0x0210


class Kind(IntEnum):
    """The types of values."""

    counter = 0
    gauge = 1
    derive = 2
    absolute = 3


class Name(NamedTuple):
    """Whose values."""

    host: str
    plugin: str
    plugin_instance: str
    type: str
    type_instance: str


class Values(NamedTuple):
    """Values of one name. Times are seconds."""

    name: Name
    at: float
    """Since the epoch; 0: the sender did not say."""
    interval: float
    kinds: bytes
    """A :class:`Kind` each."""
    values: tuple[float, ...]


class Notification(NamedTuple):
    """Something that happened, in words. `severity` as there: 1 failure, 2 warning, 4 okay."""

    name: Name
    at: float
    severity: int
    message: str


class Packet(NamedTuple):
    """What a datagram says."""

    values: list[Values]
    notifications: list[Notification]
    wrong: str
    """The word for what ended the reading; what stood before it is taken. Empty: all was read."""


Open = Callable[[int, bytes], bytes]
"""Gives what is to be read for a signature (with all that stands behind it) or an encrypted part; FormatError
where it is not to be believed."""
_READ = tuple(struct.Struct(form).unpack_from for form in (">Q", "<d", ">q", ">Q"))
"""By :class:`Kind`."""
_TEXTS = {int(Part[word]): word for word in Name._fields}
_TIMES = {
    int(Part.time): ("at", 1.0),
    int(Part.interval): ("interval", 1.0),
    int(Part.time_hr): ("at", _TIME),
    int(Part.interval_hr): ("interval", _TIME),
}
"""Which time, and the seconds of one step."""
_VALUES, _SIGNATURE, _ENCRYPTION = int(Part.values), int(Part.signature), int(Part.encryption)
_LAST = int(Kind.absolute)


class _Reader:
    """What the parts so far say."""

    def __init__(self, open_: Open) -> None:
        self.open = open_
        self.words = dict.fromkeys(_TEXTS.values(), "")
        self.at = 0.0
        self.interval = 0.0
        self.severity = 0
        self.values: list[Values] = []
        self.notifications: list[Notification] = []

    def read(self, data: bytes, depth: int, sealed: bool) -> None:
        at, end = 0, len(data)
        while at < end:
            if end - at < _HEAD.size:
                raise FormatError("truncated")
            part, length = _HEAD.unpack_from(data, at)
            if length < _HEAD.size or at + length > end:
                raise FormatError("truncated")
            body = data[at + _HEAD.size : at + length]
            if part == _SIGNATURE:
                # It covers all that stands behind it.
                self._inner(part, data[at:], depth)
                return
            if part == _ENCRYPTION:
                self._inner(part, data[at : at + length], depth)
            elif not sealed:
                self.open(-1, b"")  # raises where this is not enough
                sealed = True
                self._part(part, body)
            else:
                self._part(part, body)
            at += length

    def _inner(self, part: int, data: bytes, depth: int) -> None:
        if depth:
            raise FormatError("nested")
        self.read(self.open(part, data), depth + 1, True)

    def _part(self, part: int, body: bytes) -> None:
        if part == _VALUES:
            kinds, values = _values(body)
            self.values.append(Values(self._name(), self.at, self.interval, kinds, values))
        elif (word := _TEXTS.get(part)) is not None:
            self.words[word] = _text(body, WORD)
        elif (time := _TIMES.get(part)) is not None:
            setattr(self, time[0], _number(body) * time[1])
        elif part == Part.severity:
            self.severity = _number(body)
        elif part == Part.message:
            message = _text(body, MESSAGE)
            self.notifications.append(Notification(self._name(), self.at, self.severity, message))
        # Others are of a later version: their length says what to pass over.

    def _name(self) -> Name:
        name = Name(**self.words)
        if not name.host:
            raise FormatError("host")
        return name


def parse(data: bytes, open_: Open) -> Packet:
    """A datagram. Never raises: what cannot be read ends it, and what stood before is taken.

    `open_` is asked for each signature and encrypted part, and with -1 once before anything that is neither.
    """
    reader = _Reader(open_)
    wrong = ""
    try:
        reader.read(data, 0, False)
    except FormatError as error:
        wrong = str(error)
    return Packet(reader.values, reader.notifications, wrong)


def _text(body: bytes, longest: int) -> str:
    if not body or body[-1] != 0 or len(body) > longest:
        raise FormatError("text")
    return body[:-1].decode("utf-8", "replace")


def _number(body: bytes) -> int:
    if len(body) != 8:
        raise FormatError("number")
    return int.from_bytes(body, "big")


def _values(body: bytes) -> tuple[bytes, tuple[float, ...]]:
    if len(body) < 2:
        raise FormatError("values")
    count = int.from_bytes(body[:2], "big")
    if not 0 < count <= VALUES or len(body) != 2 + 9 * count:
        raise FormatError("values")
    kinds = body[2 : 2 + count]
    if max(kinds) > _LAST:
        raise FormatError("kind")
    base = 2 + count
    return kinds, tuple(float(_READ[kind](body, base + 8 * place)[0]) for place, kind in enumerate(kinds))
