"""Who is asked, in which order: an owner's contacts, then those of its owner, and so on upwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from gadfly.alert.contact import shown
from gadfly.config import Owner


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


def chain(owners: Mapping[str, Owner], name: str) -> tuple[Step, ...]:
    """All steps from this owner upwards; of one that is unknown or has no contact anywhere, the top owner's.

    No contact comes twice.
    """
    steps = _steps(owners, name) or _steps(owners, top_owner(owners))
    return tuple({step.contact.rpartition("#")[2]: step for step in reversed(steps)}.values())[::-1]


def find(owners: Mapping[str, Owner], reference: str) -> str | None:
    """The contact as the configuration has it now, for a reference made earlier; None: there no more."""
    name, _, digest = reference.removeprefix("owner:").rpartition("#")
    owner = owners.get(name)
    return next((one for one in owner.contact if _digest(one) == digest), None) if owner else None


def _steps(owners: Mapping[str, Owner], name: str) -> list[Step]:
    return [
        Step(
            owner=who,
            contact=contact if contact.startswith("receiver:") else f"owner:{who}#{_digest(contact)}",
            label=shown(contact),
            after=owners[who].after,
            hours=owners[who].hours,
        )
        for who in lineage(owners, name)
        for contact in owners[who].contact
    ]


def _digest(contact: str) -> str:
    return hashlib.blake2b(contact.encode(), digest_size=6, person=b"gadfly contact").hexdigest()
