"""What the ledger says of what the gate keeps: its entries folded into stops, freezes, levels, words, acts.

Pure: entries go in, in order, and what must be in force comes out. The rows of the gate are what it decides
by; here stands what they must be, from entries that nobody can change unseen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gadfly.ledger.entry import Entry, seconds

KINDS = frozenset(
    {"stop", "freeze", "autonomy", "approval", "breakglass", "review", "proof", "intent", "outcome"}
)
LATELY = 3600.0
"""Seconds for which an act that is over still counts in a budget."""


class Act(NamedTuple):
    """An intent, as its entry has it."""

    plan: str
    who: str
    automation: str
    targets: int
    cost: str
    at: float


class Given(NamedTuple):
    """A consent, as its entry has it; `number` is 0 for those from before they had one."""

    number: int
    owner: str
    principal: str
    action: str
    target: str
    until: float


class Told:
    """The state that the entries taken so far leave. Names are as the ledger writes them: masked."""

    def __init__(self) -> None:
        self.stops: dict[int, tuple[str, str]] = {}
        """In force: scope and name by number."""
        self.freezes: list[tuple[str, str, float]] = []
        """Ordered and not lifted: name, selector, end (infinity: until somebody lifts it)."""
        self.levels: dict[str, str] = {}
        """What automations have earned, of those of which anything was ever said."""
        self.frozen: set[str] = set()
        self.approvals: dict[str, list[float]] = {}
        """Yeses that were not used, by plan: until when."""
        self.consents: list[Given] = []
        self.glasses: dict[int, float] = {}
        """Break-glasses that owe a review, and when they end."""
        self.open: dict[int, Act] = {}
        """Acts without an outcome, by their fencing number; those of unknown outcome are among them."""
        self.over: dict[int, Act] = {}
        """Those of the last hour that have one."""
        self.proofs: dict[str, tuple[bool, float]] = {}
        """By guard: whether it denied what it must, and when."""

    def take(self, entry: Entry) -> None:
        """The next entry, of one of :data:`KINDS`. Raises where it is not as the gate writes them."""
        _TAKES[entry.kind](self, entry, entry.body)

    def forget(self, now: float) -> None:
        """Leave out what is over at `now`, wall seconds."""
        self.over = {number: one for number, one in self.over.items() if one.at > now - LATELY}
        self.freezes = [one for one in self.freezes if one[2] > now]
        self.consents = [one for one in self.consents if one.until > now]
        self.approvals = {
            plan: left
            for plan, ends in self.approvals.items()
            if (left := [until for until in ends if until > now])
        }

    def _stop(self, entry: Entry, body: dict[str, Any]) -> None:
        number = int(_named(entry, "stop"))
        if body["what"] == "put":
            self.stops[number] = (body["scope"], body["name"])
            if body["scope"] == "everything":
                self.approvals.clear()
        else:
            self.stops.pop(number, None)

    def _freeze(self, entry: Entry, body: dict[str, Any]) -> None:
        match body["what"]:
            case "frozen":
                self.frozen.add(_named(entry, "automation"))
            case "released":
                self.frozen.discard(_named(entry, "automation"))
            case "ordered":
                self.freezes.append((body["name"], body["on"], _until(body["until"])))
            case _:
                same = [one for one in self.freezes if one[:2] == (body["name"], body["on"])]
                exact = [one for one in same if one[2] == _until(body.get("until", ""))]
                if found := exact or same:
                    self.freezes.remove(found[0])

    def _autonomy(self, entry: Entry, body: dict[str, Any]) -> None:
        if body["what"] in ("raised", "lowered"):
            self.levels[_named(entry, "automation")] = body["to"]

    def _approval(self, entry: Entry, body: dict[str, Any]) -> None:
        if "request" not in body:
            self._consent(entry, body)
        elif body["what"] == "approved":
            self.approvals.setdefault(body["plan"], []).append(seconds(body["until"]))
        else:
            self.approvals.pop(body["plan"], None)

    def _consent(self, entry: Entry, body: dict[str, Any]) -> None:
        number = int(body.get("consent", 0))
        # Before a token was a person's or a program's, an entry named the token.
        principal = re.sub("^token:", "program:", entry.about[1])
        if body["what"] == "withdrew":
            told = (_named(entry, "owner"), principal, body["action"], body["target"])
            known = [
                one for one in self.consents if one.number == number or (not one.number and one[1:5] == told)
            ]
            for one in known[:1]:
                self.consents.remove(one)
            return
        self.consents.append(
            Given(
                number,
                _named(entry, "owner"),
                principal,
                body["action"],
                body["target"],
                seconds(body["until"]),
            )
        )

    def _breakglass(self, entry: Entry, body: dict[str, Any]) -> None:
        if body["what"] == "taken":
            self.glasses[int(_named(entry, "breakglass"))] = _iso(body["ends"])

    def _review(self, entry: Entry, body: dict[str, Any]) -> None:
        if body["what"] == "break-glass reviewed":
            self.glasses.pop(int(_named(entry, "breakglass")), None)

    def _proof(self, entry: Entry, body: dict[str, Any]) -> None:
        self.proofs = {
            **dict.fromkeys(body["denied"], (True, entry.at)),
            **dict.fromkeys(body["failed"], (False, entry.at)),
        }

    def _intent(self, entry: Entry, body: dict[str, Any]) -> None:
        automation = next((one[11:] for one in entry.about if one.startswith("automation:")), "")
        act = Act(body["plan"], entry.who, automation, int(body["count"]), body["cost"], entry.at)
        self.open[int(body["fence"])] = act
        if body["approved"] and (left := self.approvals.get(body["plan"])):
            left.pop(0)

    def _outcome(self, entry: Entry, body: dict[str, Any]) -> None:
        if "cell" in body or body["state"] == "unknown":
            return
        number = int(_named(entry, "intent"))
        if (act := self.open.pop(number, None)) is not None and body["state"] != "cancelled":
            self.over[number] = act


_TAKES: dict[str, Callable[[Told, Entry, dict[str, Any]], None]] = {
    "stop": Told._stop,
    "freeze": Told._freeze,
    "autonomy": Told._autonomy,
    "approval": Told._approval,
    "breakglass": Told._breakglass,
    "review": Told._review,
    "proof": Told._proof,
    "intent": Told._intent,
    "outcome": Told._outcome,
}


def _named(entry: Entry, kind: str) -> str:
    """The name of the first subject of this kind. ValueError where there is none."""
    for one in entry.about:
        what, _, name = one.partition(":")
        if what == kind:
            return name
    raise ValueError(f"an entry of the kind {entry.kind} names no {kind}")


def _until(text: str) -> float:
    return seconds(text) if text[:1].isdigit() else float("inf")


def _iso(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()
