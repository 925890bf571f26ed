"""What became of one action on one target, reported exactly, and the edge that actions work through.

::

    unstarted   nothing was done, and nothing will be: it was refused before the first effect
    finished    it ran to its end; `ok` is what it said of itself, which proves nothing
    unknown     it was begun and its end was not seen: it may have had its effect, all of it or part

Only a measurement of the target resolves an `unknown`; doing it again never does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from gadfly import secret
from gadfly.act.action.allow import Allowed
from gadfly.act.action.keeping import Keeping
from gadfly.errors import ConfigError

SAID = 2000
"""Characters of output that are kept for the ledger, from the end: there the errors stand."""


PART = 4
"""Bytes of a secret's beginning that tell nothing of it."""


class State(StrEnum):
    """How far it came."""

    unstarted = "unstarted"
    finished = "finished"
    unknown = "unknown"


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One action on one target, as the actor saw it."""

    state: State
    ok: bool = False
    words: str
    """One line for people: `systemctl ended with 0`."""
    output: str = ""
    """The end of what it said; no secret that was handed to it stands there."""
    seconds: float = 0.0


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """What actions may touch of this machine. Every function is handed in by whoever wires the node."""

    monotonic: Callable[[], float]
    """Seconds; for how long things took."""
    allowed: Allowed = Allowed()
    """Where HTTP may go. Nowhere, unless the configuration says so."""
    commands: bool = True
    """Whether programs are run at all."""
    time: float = 60.0
    """Seconds for one action: a restart is done in one minute, or somebody should look."""
    output: int = 65_536
    """Bytes of output or answer that are read at most."""
    keeping: Keeping | None = None
    """Ends what programs have started, where this process is killed. None: only the programs end."""
    signal: Callable[[str, int], str] | None = None
    """Send a signal to the process of a component: empty where it was sent, else why not."""
    count: Callable[[str], int] | None = None
    """How many members a group has now."""
    tell: Callable[[str, str, str], Awaitable[str]] | None = None
    """Write to an owner: owner, subject, text; returns to whom it goes, once that is on disk."""
    function: Callable[[str, Mapping[str, Any], str, str], Awaitable[Effect]] | None = None
    """Call a function: its name, what it is told, on whose behalf, and a key that is never used twice."""


def unstarted(words: str) -> Effect:
    """Nothing was done."""
    return Effect(state=State.unstarted, words=words)


def revealed(references: Mapping[str, str]) -> dict[str, bytes]:
    """The secrets by name. ValueError, without any secret in it, where one cannot be had."""
    try:
        return {name: secret.resolve(reference) for name, reference in references.items()}
    except ConfigError as error:
        raise ValueError(str(error)) from None


def tail(data: bytes, secrets: Iterable[bytes] = ()) -> str:
    """The end of an output as text, each secret in it struck out, also one that the limit cut in two."""
    for value in secrets:
        data = data.replace(value, b"...")
        for length in range(len(value) - 1, PART - 1, -1):
            if data.endswith(value[:length]):
                data = data[:-length] + b"..."
                break
    text = data.decode("utf-8", "replace")
    text = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
    return text.strip()[-SAID:]
