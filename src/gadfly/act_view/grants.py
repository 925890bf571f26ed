"""Who may do what: the grants of the catalogue, and the leave that each automation has by being declared."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from gadfly.act.approvals import consenting
from gadfly.act.automation import end_of
from gadfly.config import Config
from gadfly.store.tokens import APPROVE, Token
from gadfly.web.redact import veiled


def shown(config: Config) -> list[dict[str, Any]]:
    """:class:`.act_board.Grant`, those that forbid first."""
    found = [
        {
            "name": name,
            "effect": effect,
            "to": to,
            "may": veiled(text),
            "on": grant.on,
            "owner": grant.owner,
            "until": grant.until.timestamp(),
            "because": grant.because,
            "source": "declared",
        }
        for name, grant in config.grant.items()
        for effect, texts in (("forbid", grant.never), ("permit", grant.may))
        for text in texts
        for to in grant.to
    ]
    found += [
        {
            "name": name,
            "effect": "permit",
            "to": f"automation:{name}",
            "may": veiled(one.run),
            "on": one.targets or one.on,
            "owner": one.owner,
            # The last second of the day that is written, which is not the first of the next.
            "until": end_of(one.expires) - 1,
            "because": one.purpose,
            "source": name,
        }
        for name, one in config.automation.items()
    ]
    return sorted(found, key=lambda one: (one["effect"], one["to"], one["may"]))


def consents(connection: sqlite3.Connection, now: float) -> list[dict[str, Any]]:
    """What owners said yes to, as grants; the next to end first."""
    return [
        {
            "name": f"consent {one.id}",
            "to": one.principal,
            "may": one.action,
            "on": f'component = "{one.target}"' if one.target else "",
            "owner": one.owner,
            "until": one.ends,
            "because": f"{one.who} consented for {one.owner} (consent {one.id})",
            "source": "consent",
        }
        for one in consenting.in_force(connection, now)
    ]


def speaks_for(who: str, tokens: Iterable[Token], owners: Collection[str], now: float) -> frozenset[str]:
    """The owners in whose name a principal may decide: a person by what any of its tokens may that are good
    at `now` (seconds since the epoch), a program in nobody's."""
    scopes = {
        scope
        for one in tokens
        if one.person and one.principal == who and (one.expires is None or one.expires > now)
        for scope in one.scopes
    }
    if scopes & {"admin", APPROVE}:
        return frozenset(owners)
    return frozenset(scope.partition(":")[2] for scope in scopes if scope.startswith(f"{APPROVE}:"))
