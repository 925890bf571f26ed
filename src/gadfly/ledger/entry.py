"""A line of the ledger: what happened, who did it, what it is about, and when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import canonical

KINDS: dict[str, str] = {
    "flip": "A component's verdict changed.",
    "alert": "A bad verdict began to fire, or ended.",
    "notification": "Somebody was told, or could not be told.",
    "acknowledgement": "Somebody took an incident upon them.",
    "silence": "For a while nobody is to be told about something, or is again.",
    "configuration": "The configuration in force changed; the entry holds the difference.",
    "grant": "A permission began, changed or ended.",
    "intent": "An act is about to be done; written before any effect.",
    "decision": "The gate allowed or refused a plan, with every reason.",
    "outcome": "What another than the actor measured after an act.",
    "review": "Somebody looked at an automation's record and stands by it, or does not.",
    "approval": "Somebody approved or refused an act of another.",
    "stop": "Automations were stopped, or let go on.",
    "freeze": "For a while nothing may be changed, or may be again.",
    "breakglass": "Somebody took authority past the gate, loudly and for at most an hour.",
    "proof": "A guard was shown something that it must deny.",
    "drill": "A synthetic failure was sent the way of a real one, to see who is told.",
    "unexplained": "An effect was seen that no intent explains.",
    "autonomy": "An automation's level was raised or lowered.",
    "token": "A token that may write was made, used or ended.",
    "question": "An assumption was put to its owner.",
    "answer": "An owner answered a question.",
    "prediction": "A statement about the future, with its probability and deadline.",
    "resolution": "A prediction's time came: it came true, did not, or was void.",
    "function": "A function was deployed or rolled back, or is about to change something.",
    "node": "The node itself started or stopped, or changed its key.",
}
"""Every kind of entry. What is not listed is not taken, so that a reader knows what the words mean."""

LIMIT = 65_535
"""Bytes of one entry: an entry bundle (C2SP tlog-tiles) has 16 bits for the length."""
SUBJECTS = 256
"""Subjects of one entry. A burst is one fact about a group, not a thousand names."""
NAME = 512
"""Bytes of a subject or a principal."""
VERSION = 1

_UTC = datetime.UTC


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`who` did or saw `kind`, concerning `about`.

    `who` is a principal: ``node``, ``person:anna``, ``program:deploy``, ``automation:NAME``,
    ``function:NAME``, ``witness:NAME``.
    `about` are subjects: ``component:checkout``, ``owner:payments``, ``incident:3``, ``intent:7``.
    `at` is seconds since the epoch; microseconds are kept.
    """

    kind: str
    who: str
    about: tuple[str, ...] = ()
    body: dict[str, Any] = {}
    at: float


class _Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    about: tuple[str, ...]
    at: str
    body: dict[str, Any]
    kind: str
    v: Literal[1]
    who: str


_decoder = msgspec.json.Decoder(_Wire)


def encode(entry: Entry) -> bytes:
    """The canonical bytes of `entry`, which are its leaf in the tree.

    LimitError where it is too large; LedgerError where it is not an entry, saying why.
    """
    if entry.kind not in KINDS:
        raise LedgerError(f"{entry.kind!r} is no kind of entry; the kinds are {', '.join(KINDS)}.")
    if len(entry.about) > SUBJECTS:
        raise LimitError(f"An entry is about {SUBJECTS} subjects at most, not {len(entry.about)}.")
    if not entry.who:
        raise LedgerError("An entry without `who` is one that nobody answers for.")
    if not isinstance(entry.body, dict):
        raise LedgerError("The body of an entry is a JSON object.")
    try:
        text = canonical.canonical(
            {
                "about": entry.about,
                "at": rfc3339(entry.at),
                "body": entry.body,
                "kind": entry.kind,
                "v": VERSION,
                "who": entry.who,
            }
        )
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise LedgerError(f"This {entry.kind} has no canonical JSON: {error}.") from error
    if len(text) > LIMIT:
        raise LimitError(f"An entry has {LIMIT} bytes at most; this {entry.kind} has {len(text)}.")
    if len(entry.who) > NAME or any(not name or len(name) > NAME for name in entry.about):
        raise LimitError(f"A subject or principal has 1 to {NAME} characters.")
    return text


def decode(text: bytes) -> Entry:
    """The entry that `text` is. LedgerError where it is none, or not in canonical form."""
    wire = parse(text)
    entry = Entry(kind=wire.kind, who=wire.who, about=wire.about, body=wire.body, at=seconds(wire.at))
    if encode(entry) != text:
        raise LedgerError("The entry is not in canonical form: it was not written by a ledger.")
    return entry


def parse(text: bytes) -> _Wire:
    """The parts of an entry as they stand there, unchecked but for their types."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LedgerError(f"This is not an entry of a ledger: {error}.") from error


def subjects(who: str, about: tuple[str, ...]) -> Iterable[str]:
    """Under what an entry is found again: what it is about, and who wrote it unless that was the node."""
    if who == "node" and len(about) < 2:
        return about
    return list(dict.fromkeys(about if who == "node" else (*about, who)))


def rfc3339(at: float) -> str:
    """`at` in UTC with microseconds, as ``2026-11-22T16:44:33.000000Z``."""
    whole, micro = divmod(round(at * 1_000_000), 1_000_000)
    return f"{_second(whole)}.{micro:06d}Z"


def seconds(text: str) -> float:
    """The inverse of :func:`rfc3339`. LedgerError for any other text."""
    try:
        whole = int(datetime.datetime.fromisoformat(text[:19] + "+00:00").timestamp())
        at = (whole * 1_000_000 + int(text[20:26])) / 1_000_000
        if rfc3339(at) != text:
            raise ValueError  # noqa: TRY301
    except (ValueError, OverflowError) as error:
        raise LedgerError(f"{text!r} is not a time as the ledger writes it.") from error
    return at


_last: tuple[int, str] = (0, "1970-01-01T00:00:00")


def _second(whole: int) -> str:
    global _last
    known, text = _last  # entries come many a second; one reading of a tuple is safe in every thread
    if known != whole:
        text = datetime.datetime.fromtimestamp(whole, _UTC).strftime("%Y-%m-%dT%H:%M:%S")
        _last = whole, text
    return text
