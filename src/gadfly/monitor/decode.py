"""Reading a batch of datagrams at once: the same answers as :func:`gadfly.telemetry.frame.decode`, a thousand
at a time, as columns.

Headers lie side by side (64 bytes each), payloads apart: the kernel scatters each datagram so, and the header
columns of a batch fit in the first-level cache. A reason is a number of
:data:`gadfly.monitor.counters.REASON`,
0 where the frame is taken. The checks need no loop but for MACs and JSON, which are looked at last, so that
a flood of garbage costs least.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import FrameError
from gadfly.monitor.counters import REASON
from gadfly.telemetry.frame import (
    HEADER,
    MAGIC,
    MAX,
    STATUSES,
    VERSION,
    Frame,
    Kind,
    card,
    component_id,
    valid_name,
)

WIRE = np.dtype(
    [
        ("magic", ">u2"),
        ("version", "u1"),
        ("kind", "u1"),
        ("key", ">u4"),
        ("component", ">u8"),
        ("incarnation", ">u8"),
        ("sequence", ">u8"),
        ("sent", ">u8"),
        ("interval", ">u4"),
        ("status", "u1"),
        ("reserved", "u1", 3),
        ("mac", "u8", 2),
    ]
)
assert WIRE.itemsize == HEADER

_MAGIC = int.from_bytes(MAGIC, "big")
_FIRST = np.frombuffer(MAGIC + bytes([VERSION]) + b"\0", "<u4")[0]
_FIRST_MASK = np.uint32(0x00FFFFFF)
# As plain numbers: looking a member of an enum up takes as long as comparing a small batch with it.
_BEAT, _ANNOUNCE, _ENQUIRY, _REPLY = (
    int(kind) for kind in (Kind.beat, Kind.announce, Kind.enquiry, Kind.reply)
)

Reasons = NDArray[np.uint8]


def examine(wire: NDArray[Any], lengths: NDArray[Any]) -> Reasons:
    """Everything that is wrong with the form of a batch; `lengths` are whole datagrams' (1201 for any
    longer).

    `wire`: WIRE, one a datagram; bytes of it that were not received may be anything.
    """
    reasons: Reasons = np.zeros(len(wire), np.uint8)
    first = wire.view("<u4").reshape(len(wire), 16)
    # One look that a clean batch passes: magic and version, kind, status and reserved in two words.
    tail = first[:, 11]
    fine = (first[:, 0] & _FIRST_MASK == _FIRST) & (tail < len(STATUSES))
    kind = wire["kind"]
    fine &= (kind >= _BEAT) & (kind <= _REPLY)
    fine &= (lengths >= HEADER) & (lengths <= MAX)
    if fine.all():
        return reasons
    # Later lines overwrite earlier ones: the first check of frame.decode stands last.
    reasons[wire["status"] >= len(STATUSES)] = REASON["status"]
    reasons[wire["reserved"].any(axis=1)] = REASON["reserved"]
    reasons[(kind < _BEAT) | (kind > _REPLY)] = REASON["kind"]
    reasons[wire["version"] != VERSION] = REASON["version"]
    reasons[wire["magic"] != _MAGIC] = REASON["magic"]
    reasons[lengths > MAX] = REASON["long"]
    reasons[lengths < HEADER] = REASON["short"]
    return reasons


def bare(wire: NDArray[Any], lengths: NDArray[Any], reasons: Reasons) -> None:
    """Refuse, in place, a payload on a frame that carries none and the want of one where it must be."""
    payload = lengths > HEADER
    kind = wire["kind"]
    wrong = np.where(payload, (kind == _BEAT) | (kind == _ENQUIRY), (kind == _ANNOUNCE) | (kind == _REPLY))
    if wrong.any():
        reasons[wrong & (reasons == 0)] = REASON["payload"]


def read_cards(
    wire: NDArray[Any],
    lengths: NDArray[Any],
    reasons: Reasons,
    payload: Callable[[int], bytes],
    known: Callable[[int, bytes], bool] = lambda place, content: False,
) -> dict[int, bytes]:
    """Refuse, in place, cards that are no JSON object or name somebody else; returns the good by their place.

    `payload(i)` are the bytes behind header i. `known(i, bytes)` may say that this is the card already held;
    it is then left out.
    """
    cards: dict[int, bytes] = {}
    places = np.flatnonzero((lengths > HEADER) & (reasons == 0))
    components = wire["component"][places].tolist()
    kinds = wire["kind"][places].tolist()
    for place, component, kind in zip(places.tolist(), components, kinds, strict=True):
        content = payload(place)
        if kind != Kind.reply and known(place, content):
            continue
        if not _plain(content, component):
            try:
                card(Frame(Kind(kind), component, payload=content))
            except FrameError as error:
                reasons[place] = REASON[str(error)]
                continue
        cards[place] = content
    return cards


def _refuse_constant(word: str) -> float:
    raise ValueError(word)


_scan: Callable[[str, int], tuple[Any, int]] = json.scanner.make_scanner(  # type: ignore[attr-defined]
    json.JSONDecoder(parse_constant=_refuse_constant)
)


def _plain(content: bytes, component: int) -> bool:
    """Whether this is a good card of the plain kind that nearly all are; if not, frame.card must decide."""
    if not content.startswith(b'{"') or b"\\u" in content:
        return False
    try:
        text = content.decode()
        found, end = _scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        return False
    name = found.get("name")
    return end == len(text) and isinstance(name, str) and valid_name(name) and component_id(name) == component
