"""The point of effect of the simulated fleet: a permission is verified here, with the real code, before a unit
is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gadfly.act.executing import capability
from gadfly.act.executing.lease import Authority
from gadfly.act.halt.stop import Act
from gadfly.act.plan import Plan
from gadfly.errors import Refused
from scenario.fleet import Unit


class Executor:
    """Does what a permission permits. `skew` is by how many seconds its clock is ahead of the gate's."""

    def __init__(self, name: str, key: Ed25519PublicKey, skew: float = 0.0) -> None:
        self.name = name
        self.authority = Authority()
        self._key = key
        self._skew = skew
        self._fences: dict[str, int] = {}

    def perform(
        self,
        permission: str,
        plan: Plan,
        cell: str,
        units: Sequence[Unit],
        effect: Callable[[Unit], None],
        *,
        now: float,
        verified: bool = True,
    ) -> str:
        """Do it to `units`, all of one cell. Empty, or why nothing was done.

        `verified` False is an executor that looks at nothing: what is to be shown to be necessary.
        """
        if verified:
            try:
                found = capability.verify(
                    self._key,
                    permission,
                    plan=plan.hash,
                    executor=self.name,
                    cell=cell,
                    fence=max((self._fences.get(unit.name, 0) for unit in units), default=0),
                    now=now + self._skew,
                )
            except Refused as error:
                return str(error)
            act = Act(
                principal=plan.principal,
                automation=plan.automation,
                owner=plan.owner,
                targets=[unit.name for unit in units],
                owners=[unit.owner for unit in units],
                entry=found.intent,
            )
            if (reason := self.authority.refusal(act, now)) is not None:
                return reason
            for unit in units:
                self._fences[unit.name] = found.fence
        for unit in units:
            effect(unit)
        return ""
