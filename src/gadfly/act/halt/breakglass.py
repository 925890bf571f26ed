"""Break-glass: authority that a person takes in an emergency, past those who could not be asked.

It is local (only the node's own token takes it, so whoever does is on the machine, and is recorded as the
user there), loud (every contact of every owner is told, and the page says so), ends by itself within an
hour, and owes a review by somebody else. It begins and ends by the latest time that anybody vouches for, so
that a clock that was set back gives it no second hour. While a review is owed nobody's autonomy is raised.
It stands in for *permission*, never for *sense*: a plan with no targets, on stale inputs, beyond what a
group can bear or against a stop is refused as ever. No automation acts under it.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from gadfly.act.books.transaction import Appends
from gadfly.act.clock import latest
from gadfly.act.guard.expiry import BACK
from gadfly.act.halt.stop import PERSONS
from gadfly.act.mail import notice
from gadfly.act.plan import Plan
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import witnessed_at

T = TypeVar("T")

LONGEST = 3600.0
"""Seconds; an emergency that lasts longer has an owner who can be asked by then."""
SHORTEST = 60.0
YIELD = frozenset(
    {
        *("grant", "standing", "consent", "freeze", "window", "review"),
        *("level", "autonomy", "sight", "storm", "consequence"),
    }
)
"""The guards that ask whether somebody said yes, and those that hold machines back until a person looks: this
person does. All others stand, and ``consequence`` does for what destroys or crosses cells: that still needs
somebody else's approval."""
REASON = 10
"""Characters that a reason has at least: every owner reads it within a minute."""
LONGEST_REASON = 2000

_COLUMNS = "id, who, because, at, ends, entry, ended, reviewed, reviewed_by, review"


class Glass(msgspec.Struct, frozen=True, kw_only=True):
    """One break-glass. Times are seconds since the epoch."""

    id: int
    who: str
    because: str
    at: float
    ends: float
    entry: int
    """The index of its ledger entry."""
    ended: float | None = None
    """When it was given back before its time."""
    reviewed: float | None = None
    reviewed_by: str = ""
    review: str = ""

    @property
    def owes(self) -> bool:
        """Whether a review is owed."""
        return self.reviewed is None


def vouched(connection: sqlite3.Connection, now: float) -> float:
    """The latest time that anybody vouches for: this node's clock (`now`), a decision, a witness."""
    return max(now, latest.latest(connection), witnessed_at(connection))


def stands(glass: Glass, time: float) -> bool:
    """Whether it is open at `time`, which is :func:`vouched`."""
    return glass.ended is None and glass.at <= time < glass.ends


def standing(connection: sqlite3.Connection, now: float) -> Glass | None:
    """The one that is open, if any. `now` is this node's clock."""
    time = vouched(connection, now)
    return next((one for one in owed(connection) if stands(one, time)), None)


def left(guards: Mapping[str, T], glass: Glass | None, who: str, plan: Plan, now: float) -> dict[str, T]:
    """The guards that a plan must still pass: all; for `who` broke the glass and wants it, those of sense."""
    if glass is None or who != glass.who or not stands(glass, now):
        return dict(guards)
    grave = plan.destructive or plan.crosses
    lifted = YIELD - {"consequence"} if grave else YIELD
    return {name: guard for name, guard in guards.items() if name not in lifted}


def note(
    connection: sqlite3.Connection, log: Appends, glass: Glass, plan: Plan, intent: int | None, now: float
) -> None:
    """Write down that this was wanted under the glass. `intent`: its number; None: it was refused even so."""
    about = [f"breakglass:{glass.id}"]
    about += [f"automation:{plan.automation}"] if plan.automation else []
    about += [f"intent:{intent}"] if intent is not None else []
    body = {
        "what": "acted" if intent is not None else "refused",
        "action": plan.action,
        "count": len(plan.targets),
        "plan": plan.hash,
        "because": glass.because,
    }
    log.append(connection, [Entry(kind="breakglass", who=glass.who, about=tuple(about), body=body, at=now)])


def take(
    connection: sqlite3.Connection,
    log: Appends,
    *,
    who: str,
    because: str,
    lasts: float,
    owners: Mapping[str, Owner],
    url: str,
    node: str,
    now: float,
) -> Glass:
    """Break it, and tell everybody. Refused where it cannot be; then nothing is written.

    That `who` is on this machine is the caller's to know (:func:`gadfly.web.act.breakglass`).
    """
    if not who.startswith(PERSONS):
        raise Refused(f"{who} cannot break the glass; a person must.", 403)
    if not SHORTEST <= lasts <= LONGEST:
        raise Refused(f"It lasts {SHORTEST:.0f} to {LONGEST:.0f} seconds; it can be taken again.", 422)
    if not REASON <= len(because.strip()) <= LONGEST_REASON:
        raise Refused(f"Say why in {REASON} to {LONGEST_REASON} characters: every owner reads it.", 422)
    time = vouched(connection, now)
    if time - now > BACK:
        raise Refused(
            f"This node's clock is {time - now:.0f} s behind what was written already, and while it is "
            "nothing acts: set it, or say that it is right: gadfly act clock",
            409,
        )
    if (open_ := standing(connection, now)) is not None:
        raise Refused(f"b{open_.id} is open until {_clock(open_.ends)}; use it.", 409)
    number = (connection.execute("SELECT MAX(id) FROM breakglass").fetchone()[0] or 0) + 1
    ends = time + lasts
    # Who is told is in the entry: loudness can be checked afterwards.
    told = notice.put(
        connection,
        owners,
        owners,
        notice.Notice(
            subject=f"Break-glass: {who} acts on {node} without approval until {_clock(ends)}",
            text=_letter(who, because, node, ends, url),
            at=now,
            url=url,
            node=node,
        ),
        loud=True,
    )
    body = {"what": "taken", "because": because, "ends": dt.datetime.fromtimestamp(ends, dt.UTC).isoformat()}
    about = [f"breakglass:{number}", *(f"owner:{name}" for name in list(owners)[:200])]
    entry = log.append(
        connection,
        [Entry(kind="breakglass", who=who, about=tuple(about), body={**body, "told": len(told)}, at=now)],
    )[0]
    connection.execute(
        "INSERT INTO breakglass (id, who, because, at, ends, entry) VALUES (?, ?, ?, ?, ?, ?)",
        (number, who, because, time, ends, entry),
    )
    return _select(connection, "id = ?", number)[0]


def give_back(connection: sqlite3.Connection, log: Appends, *, who: str, now: float) -> Glass:
    """End the open one before its time. Refused where none is open."""
    open_ = standing(connection, now)
    if open_ is None:
        raise Refused("No break-glass is open.", 404)
    body = {"what": "given back", "because": open_.because}
    log.append(
        connection,
        [Entry(kind="breakglass", who=who, about=(f"breakglass:{open_.id}",), body=body, at=now)],
    )
    ended = vouched(connection, now)
    connection.execute("UPDATE breakglass SET ended = ? WHERE id = ?", (ended, open_.id))
    return _select(connection, "id = ?", open_.id)[0]


def review(
    connection: sqlite3.Connection, log: Appends, number: int, *, who: str, words: str, now: float
) -> Glass:
    """Write down what somebody else found. Refused for whoever took it, while it is open, or twice."""
    found = _select(connection, "id = ?", number)
    if not found:
        raise Refused(f"There is no break-glass b{number}.", 404)
    glass = found[0]
    if stands(glass, vouched(connection, now)):
        raise Refused(
            f"b{number} is still open; give it back first, or wait until {_clock(glass.ends)}.", 409
        )
    if not glass.owes:
        raise Refused(f"b{number} was reviewed by {glass.reviewed_by} already.", 409)
    if who == glass.who or not who.startswith(PERSONS):
        raise Refused(
            f"{glass.who} took b{number}; somebody else must review it, with a token of their own.", 403
        )
    if not words.strip() or len(words) > LONGEST_REASON:
        raise Refused(f"A review has 1 to {LONGEST_REASON} characters.", 422)
    body = {"what": "break-glass reviewed", "words": words, "taken by": glass.who, "because": glass.because}
    log.append(
        connection, [Entry(kind="review", who=who, about=(f"breakglass:{number}",), body=body, at=now)]
    )
    connection.execute(
        "UPDATE breakglass SET reviewed = ?, reviewed_by = ?, review = ? WHERE id = ?",
        (now, who, words, number),
    )
    return _select(connection, "id = ?", number)[0]


def owed(connection: sqlite3.Connection) -> tuple[Glass, ...]:
    """Those that nobody reviewed yet, oldest first. While there is one, no autonomy is raised."""
    return _select(connection, "reviewed IS NULL ORDER BY id")


def newest(connection: sqlite3.Connection, limit: int = 100) -> tuple[Glass, ...]:
    """The newest, newest first."""
    return _select(connection, "1 ORDER BY id DESC LIMIT ?", limit)


def _select(connection: sqlite3.Connection, where: str, *given: float) -> tuple[Glass, ...]:
    text = f"SELECT {_COLUMNS} FROM breakglass WHERE {where}"  # noqa: S608 - fixed words
    rows = connection.execute(text, given)
    names = Glass.__struct_fields__
    return tuple(Glass(**dict(zip(names, row, strict=True))) for row in rows)


def _clock(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%H:%M:%S UTC")


def _letter(who: str, because: str, node: str, ends: float, url: str) -> str:
    return (
        f"{who} broke the glass on {node}: until {_clock(ends)} it acts there without approval.\n\n"
        f"Why: {because}\n\n"
        "Stops, and the guards against senseless plans, hold as ever. Everything done is in the ledger.\n"
        "It ends by itself and owes a review by somebody else.\n"
        "To stop all machines: gadfly stop\n\n"
        f"See: {url}\n"
    )
