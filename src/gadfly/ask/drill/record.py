"""What a drill is, and what came of it. Times are seconds since the epoch, or since the drill began."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["rule", "check", "route", "automation"]
KINDS: tuple[Kind, ...] = ("rule", "check", "route", "automation")
State = Literal["running", "told", "not told", "not run"]

DRILL = "drill"
"""What the id of a drill begins with: `drill7`, also where it is acknowledged."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the way."""

    what: str
    seconds: float
    """How long it takes in earnest."""
    skipped: bool = False
    """It was reckoned, and not waited for."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What one contact was sent, or would have been."""

    owner: str
    to: str
    """The contact, with no more of its address than names it."""
    what: str
    """`firing` or `escalation`."""
    due: float
    """After so many seconds of a real failure it would have left."""
    state: Literal["waiting", "taken", "refused", "unanswered", "kept back"] = "waiting"
    after: float | None = None
    """Seconds from when it left until the receiver took it."""
    error: str = ""
    key: str = ""
    """Of its row in the outbox; empty: it never was there."""
    mailbox: bool = False
    """It goes by mail."""
    unknown: bool = False
    """It was tried, and no answer came: it may have been taken."""


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that did not happen, and why."""

    why: str
    """A word: silence, maintenance, inhibited, untold, no route, hours, refused, unanswered, late,
    often, acknowledged, guard, stop, broken off, not run."""
    words: str


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """One drill."""

    id: int
    kind: Kind
    target: str
    owner: str
    who: str
    at: float
    shortened: bool = False
    """Waits were reckoned, and not waited for (`--now`)."""
    ring: bool = False
    escalate: bool = False
    wait: float = 0.0
    """Seconds that an acknowledgement is waited for."""
    state: State = "running"
    ended: float | None = None
    steps: tuple[Step, ...] = ()
    letters: tuple[Letter, ...] = ()
    missed: tuple[Missed, ...] = ()
    acknowledged: float | None = None
    """Seconds since it began until somebody took it on."""
    acknowledged_by: str = ""
    promised: float | None = None
    """Of an automation: seconds within which the stop must hold."""

    @property
    def name(self) -> str:
        return f"{DRILL}{self.id}"

    def but(self, why: str, words: str) -> Drill:
        """The same, and something did not happen."""
        return msgspec.structs.replace(self, missed=(*self.missed, Missed(why=why, words=words)))

    def went(self, what: str, seconds: float, *, waited: bool = False) -> Drill:
        """The same, a piece of the way further. `waited`: in earnest, also where waits are reckoned."""
        step = Step(what=what, seconds=round(seconds, 3), skipped=self.shortened and not waited)
        return msgspec.structs.replace(self, steps=(*self.steps, step))

    def wrote(self, letter: Letter) -> Drill:
        """The same with one letter more."""
        return msgspec.structs.replace(self, letters=(*self.letters, letter))

    @property
    def took(self) -> float | None:
        """Seconds of a real failure until somebody has it in hand; of an automation, until it is stopped.
        None: nobody ever has."""
        if self.kind == "automation":
            return next((one.seconds for one in self.steps if one.what == HOLDS), None)
        taken = [one.due + (one.after or 0.0) for one in self.letters if one.state == "taken"]
        return min(taken, default=None)


HOLDS = "the stop holds"
"""The step of an automation's drill from the pull until the gate and the executor refuse."""
