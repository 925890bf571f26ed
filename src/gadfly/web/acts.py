"""Exactly what the web needs of the part that acts, as :mod:`gadfly.web.node` has it for the rest.

Where a method returns ``object``, the thing has the fields of the struct of that name below
:mod:`gadfly.web.answers`. ``who`` is the principal, ``person:NAME`` or ``program:NAME``: whoever keeps
the book compares it with the one that asked, in the transaction that writes the answer. Methods that change
something have committed, with their ledger entry, when they return; they raise
:class:`gadfly.errors.Refused` (404: no such thing; 403: not this principal; 409: not in this state) in words
that say who must do what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gadfly.act.plans.planning import NOTHING, Supplied


class Acts(Protocol):
    """Automations, what they may do, and how they are stopped."""

    @property
    def version(self) -> int:
        """Grows whenever anything on the board changes."""

    async def board(self) -> object:
        """:class:`Board`; its ``version`` was read before the rest."""

    async def automation(self, name: str) -> object | None:
        """:class:`AutomationStory`, or None where no such one is declared."""

    async def plan(self, name: str, targets: Sequence[str], who: str, supplied: Supplied = NOTHING) -> object:
        """:class:`Plan`: resolved and judged by every guard, with no effect and no entry."""

    async def run(
        self, name: str, targets: Sequence[str], who: str, reason: str, supplied: Supplied
    ) -> object:
        """:class:`Decided`: what the gate said. Where allowed it runs already."""

    async def approvals(self, state: str) -> Sequence[object]:
        """:class:`Approval`, the next to end first. ``state``: waiting or all (of late)."""

    async def approve(self, id: str, who: str, note: str, hash: str) -> object:
        """The :class:`Approval` as it is then. 409 where ``hash`` is given and not its plan's."""

    async def deny(self, id: str, who: str, reason: str) -> object:
        """The :class:`Approval` as it is then."""

    async def grants(self) -> Sequence[object]:
        """:class:`Grant`, those that are implied among them."""

    async def load(self) -> Sequence[object]:
        """:class:`Load` of every owner, the most loaded first."""

    async def report(self, owner: str, since: float, until: float) -> Sequence[object]:
        """:class:`Report` of one owner, or of all where ``owner`` is empty."""

    async def stop(self, scope: str, name: str, who: str, reason: str) -> object:
        """:class:`Stop`. Every executor knows of it within a second."""

    async def resume(self, id: str, who: str, reason: str) -> None:
        """Lift a stop."""

    async def raise_level(self, name: str, who: str, reason: str) -> None:
        """One rung up, as its record has earned it."""

    async def consent(
        self, owner: str, principal: str, action: str, target: str, lasts: float, who: str
    ) -> object:
        """:class:`Consent`: an owner's yes to what others do to its components."""

    async def withdraw(self, id: str, who: str, reason: str) -> None:
        """Take a consent back."""

    async def freeze(self, name: str, on: str, who: str, reason: str, lasts: float | None) -> object:
        """:class:`Freeze`, in force when it returns."""

    async def clock(self, who: str, reason: str) -> None:
        """Ends are judged by the node's clock again, which had once run ahead."""

    async def release(self, id: str, who: str, reason: str) -> None:
        """Release a brake, or lift a freeze that somebody ordered."""

    async def review(self, id: str, who: str, words: str) -> None:
        """Write down what was found."""

    async def breakglass(self, who: str, reason: str, lasts: float) -> object:
        """:class:`Breakglass`."""

    async def give_back(self, who: str) -> None:
        """End a break-glass before its time."""
