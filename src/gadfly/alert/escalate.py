"""Who is asked, in which order: an owner's contacts, then those of its owner, and so on upwards.

While an owner has a delegate, the delegate's contacts come before its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping

import msgspec

from gadfly import redact
from gadfly.config.owner import Delegate, Owner


class Step(msgspec.Struct, frozen=True):
    """One contact of the chain. `after` seconds without an acknowledgement, the next step is taken."""

    owner: str
    contact: str
    """A reference: `owner:NAME#DIGEST` or `receiver:NAME`. The address may be secret, so it is found late."""
    label: str
    """How it is shown: no more of the address than names it."""
    after: float
    hours: str


def lineage(owners: Mapping[str, Owner], name: str) -> list[str]:
    """The owner, its owner and so on. A circle ends where it would begin again; unknown names end it too."""
    found: list[str] = []
    while name in owners and name not in found:
        found.append(name)
        name = owners[name].owner
    return found


def top_owner(owners: Mapping[str, Owner]) -> str:
    """Who answers where nobody else does: the first owner of the file that has contacts and nobody above.

    Empty where there is none.
    """
    return next((name for name, owner in owners.items() if owner.contact and not owner.owner), "")


def chain(owners: Mapping[str, Owner], name: str, wall: float | None = None) -> tuple[Step, ...]:
    """All steps from this owner upwards; of one that is unknown or has no contact anywhere, the top owner's.

    `wall`: seconds since the epoch, to see delegates; without it there are none. No contact comes twice.
    """
    steps = list(_steps(owners, name, wall)) or list(_steps(owners, top_owner(owners), wall))
    found: dict[str, Step] = {}
    for step in steps:
        found.setdefault(address(step.contact), step)
    return tuple(found.values())


def address(reference: str) -> str:
    """What two references to the same contact share, whoever's it is."""
    return reference.rpartition("#")[2]


def delegates(owners: Mapping[str, Owner], name: str, wall: float) -> list[Delegate]:
    """Who stands in for this owner at `wall`, in order."""
    return [
        one
        for one in owners[name].delegate
        if one.to in owners
        and (one.since is None or one.since.timestamp() <= wall)
        and wall < one.until.timestamp()
    ]


def spoken_for(owners: Mapping[str, Owner], names: Collection[str], wall: float) -> frozenset[str]:
    """These owners, and those in whose place one of them stands at `wall`: who is asked may also answer."""
    stood_in = {name for name in owners for one in delegates(owners, name, wall) if one.to in names}
    return frozenset(names) | stood_in


def unchanged(owners: Mapping[str, Owner], wall: float) -> tuple[float, float]:
    """From when until when (wall seconds, the second not included) delegates are what they are at `wall`."""
    edges = [
        edge.timestamp()
        for owner in owners.values()
        for one in owner.delegate
        for edge in (one.since, one.until)
        if edge is not None
    ]
    return (
        max((edge for edge in edges if edge <= wall), default=-math.inf),
        min((edge for edge in edges if edge > wall), default=math.inf),
    )


def find(owners: Mapping[str, Owner], reference: str) -> str | None:
    """The contact as the configuration has it now, for a reference made earlier; None: there no more."""
    name, _, digest = reference.removeprefix("owner:").rpartition("#")
    owner = owners.get(name)
    return next((one for one in owner.contact if _digest(one) == digest), None) if owner else None


def _steps(owners: Mapping[str, Owner], name: str, wall: float | None) -> Iterator[Step]:
    for who in lineage(owners, name):
        standing_in = [] if wall is None else [one.to for one in delegates(owners, who, wall)]
        for asked in (*standing_in, who):
            for contact in owners[asked].contact:
                yield Step(
                    owner=asked,
                    contact=contact
                    if contact.startswith("receiver:")
                    else f"owner:{asked}#{_digest(contact)}",
                    label=redact.contact(contact),
                    after=owners[asked].after,
                    hours=owners[asked].hours,
                )


def _digest(contact: str) -> str:
    return hashlib.blake2b(contact.encode(), digest_size=6, person=b"gadfly contact").hexdigest()
