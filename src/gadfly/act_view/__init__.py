"""What acts, as the web sees it: everything :class:`gadfly.web.acts.Acts` asks for, by the book."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from gadfly.act.approvals import consenting
from gadfly.act.automation import terms
from gadfly.act.clock import latest
from gadfly.act.grants import grant
from gadfly.act.halt import (
    breakglass,
    freezing,
    stop,
    stop_book,
)
from gadfly.act.ladder import standing_book
from gadfly.act.plans.planning import NOTHING, Supplied
from gadfly.act_view import duties
from gadfly.act_view.showing import Showing, number, stopped
from gadfly.alert.escalate import lineage
from gadfly.errors import Refused
from gadfly.ledger.log import witnessed_at


class ActView(Showing):
    """Made by the node for its server. `speaks_for` is :func:`gadfly.act_view.grants.speaks_for` over the
    tokens that are let in; `url` and `node` stand in letters. :meth:`keep` runs as long as the node."""

    async def run(
        self, name: str, targets: Sequence[str], who: str, reason: str, supplied: Supplied = NOTHING
    ) -> dict[str, Any]:
        """:class:`.act_plans.Decided`."""
        plan, decision = await self._acts.trigger(name, who, targets, reason, supplied)
        state = "allowed" if decision.intent else "waiting" if decision.request else "refused"
        await self._look()
        return {
            "state": state,
            "intent": str(decision.intent.id) if decision.intent else "",
            "approval": str(decision.request) if decision.request else "",
            "plan": self._plan(plan, decision),
        }

    async def approve(self, id: str, who: str, note: str, hash: str) -> dict[str, Any]:
        """The :class:`.act_plans.Approval`, with what the gate then said."""
        _, decision = await self._acts.approve(number(id), who, note, hash)
        then = f"it runs as intent {decision.intent.id}" if decision.intent else decision.words
        return {**await self._answered(id), "by": who, "note": note, "then": then}

    async def deny(self, id: str, who: str, reason: str) -> dict[str, Any]:
        """The :class:`.act_plans.Approval` as it is then."""
        await self._acts.deny(number(id), who, reason)
        return {**await self._answered(id), "by": who, "note": reason}

    async def stop(self, scope: str, name: str, who: str, reason: str) -> dict[str, Any]:
        """:class:`.act_board.Stop`. Committed, and shown to every executor, when it returns."""
        made = await self._stops.stop(
            self._ledger,
            scope=cast(stop.Scope, scope),
            name=name,
            owner=self._answering(scope, name),
            who=who,
            because=reason,
        )
        # Counted from the board: whoever stops something waits for no reader.
        self._counts = {**self._counts, "stops": len(self._stops.stops)}
        self.version += 1
        return stopped(made)

    async def resume(self, id: str, who: str, reason: str) -> None:
        """Lift a stop."""
        which, now = number(id.removeprefix("s")), self._clock.wall()
        await self._db.write(
            lambda connection: stop_book.lift(
                connection,
                self._ledger,
                which,
                who=who,
                speaks_for=self._speaks_for(who),
                owners=self._config().owner,
                because=reason,
                now=now,
            )
        )
        await self._stops.look()
        await self._look()

    async def raise_level(self, name: str, who: str, reason: str) -> None:
        """One rung up. While a break-glass is not reviewed nobody's autonomy grows."""
        config, now = self._config(), self._clock.wall()
        one = config.automation.get(name)
        if one is None:
            raise Refused(f"No automation {name[:200]!r} is declared.", 404)

        def work(connection: sqlite3.Connection) -> None:
            if owed := breakglass.owed(connection):
                raise Refused(
                    f"Break-glass b{owed[0].id} is not reviewed, and until then nobody's autonomy grows: "
                    f"gadfly act review b{owed[0].id}",
                    409,
                )
            standing_book.raise_level(
                connection,
                self._ledger,
                name,
                one.owner,
                who=who,
                speaks_for=self._speaks_for(who),
                owners=config.owner,
                because=reason,
                now=now,
                terms=terms(name, one),
            )

        await self._db.write(work)
        self.version += 1

    async def consent(
        self, owner: str, principal: str, action: str, target: str, lasts: float, who: str
    ) -> dict[str, Any]:
        """:class:`.act_board.Consent`."""
        config, now = self._config(), self._clock.wall()
        if owner not in config.owner:
            raise Refused(f"No owner {owner[:200]!r} is declared.", 404)
        kind, _, name = principal.partition(":")
        if not grant.PRINCIPAL.fullmatch(principal) or (
            kind == "automation" and name not in config.automation
        ):
            raise Refused(f"Nobody is called {principal[:200]!r}; a consent is to one that there is.", 422)
        try:
            grant.check_action(action)
        except ValueError as error:
            raise Refused(f"{error}.", 422) from None
        made = await self._db.write(
            lambda connection: consenting.consent(
                connection,
                self._ledger,
                owner=owner,
                principal=principal,
                action=action,
                target=target,
                who=who,
                speaks_for=self._speaks_for(who),
                owners=config.owner,
                now=now,
                lasts=lasts,
            )
        )
        await self._acts.consented(made)
        await self._look()
        return {**msgspec.structs.asdict(made), "id": str(made.id)}

    async def withdraw(self, id: str, who: str, reason: str) -> None:
        """Take a consent back."""
        owners, now = self._config().owner, self._clock.wall()
        await self._db.write(
            lambda connection: consenting.withdraw(
                connection,
                self._ledger,
                number(id),
                who=who,
                speaks_for=self._speaks_for(who),
                owners=owners,
                because=reason,
                now=now,
            )
        )
        self.version += 1

    async def freeze(self, name: str, on: str, who: str, reason: str, lasts: float | None) -> dict[str, Any]:
        """:class:`.act_board.Freeze`, in force when it returns."""
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> dict[str, Any]:
            freezing.order(
                connection,
                self._ledger,
                name,
                on=on,
                who=who,
                because=reason,
                ends=None if lasts is None else now + lasts,
                now=now,
            )
            return duties.ordered(connection)[-1]

        made = await self._db.write(work)
        self.version += 1
        return made

    async def clock(self, who: str, reason: str) -> None:
        """Ends are judged by the node's clock again, which had once run ahead."""
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> None:
            witness = witnessed_at(connection)
            latest.correct(connection, self._ledger, who=who, because=reason, witness=witness, now=now)

        await self._db.write(work)
        self.version += 1

    async def release(self, id: str, who: str, reason: str) -> None:
        """Release a brake or an automation that froze, or lift a freeze that somebody ordered."""
        config, now = self._config(), self._clock.wall()
        frozen = {duties.mark("a", name): (name, one.owner) for name, one in config.automation.items()}

        def work(connection: sqlite3.Connection) -> None:
            if id in frozen:
                name, owner = frozen[id]
                self._must_speak(who, owner, f"release {name}")
                standing_book.release(connection, self._ledger, name, owner, who=who, because=reason, now=now)
                return
            for one in duties.ordered(connection):
                if one["id"] == id:
                    if who != one["who"]:
                        self._must_speak(who, "", f"lift the freeze of {one['who']}")
                    freezing.lift(connection, self._ledger, number(id[1:]), who=who, because=reason, now=now)
                    return
            for target, symptom in duties.brakes(connection):
                if duties.mark("k", target, symptom) == id:
                    subject = self._view.subject(target)
                    self._must_speak(who, subject.owner if subject else "", f"release {target}")
                    standing_book.release_brake(
                        connection, self._ledger, target, symptom, who=who, because=reason, now=now
                    )
                    return
            raise Refused("No such brake is on; `gadfly act list` has those that are.", 404)

        await self._db.write(work)
        await self._look()

    async def review(self, id: str, who: str, words: str) -> None:
        """Close the review that a break-glass owes."""
        which = number(id.removeprefix("b"))
        now = self._clock.wall()
        await self._db.write(
            lambda connection: breakglass.review(
                connection, self._ledger, which, who=who, words=words, now=now
            )
        )
        self.version += 1

    async def give_back(self, who: str) -> None:
        """End the break-glass that is open."""
        now = self._clock.wall()
        await self._db.write(
            lambda connection: breakglass.give_back(connection, self._ledger, who=who, now=now)
        )
        self.version += 1

    async def breakglass(self, who: str, reason: str, lasts: float) -> dict[str, Any]:
        """:class:`.act_board.Breakglass`."""
        now = self._clock.wall()
        made = await self._db.write(
            lambda connection: breakglass.take(
                connection,
                self._ledger,
                who=who,
                because=reason,
                lasts=lasts,
                owners=self._config().owner,
                url=self._url,
                node=self._node,
                now=now,
            )
        )
        self._db.bell("outbox").set()
        self.version += 1
        return duties.open_glasses([made], made.at)[0]

    def _answering(self, scope: str, name: str) -> str:
        """Who answers for what is stopped. Refused where nothing has that name: a slip must not look like a
        stop."""
        config = self._config()
        if scope == "owner" and name in config.owner:
            return name
        if scope == "automation" and name in config.automation:
            return config.automation[name].owner
        if scope == "target" and (subject := self._view.subject(name)) is not None:
            return subject.owner
        if scope == "everything":
            return ""
        raise Refused(
            f"There is no {scope} {name[:200]!r}, so nothing was stopped; `gadfly stop` alone stops "
            "everything.",
            404,
        )

    def _must_speak(self, who: str, owner: str, deed: str) -> None:
        line = lineage(self._config().owner, owner)
        if set(line) & set(self._speaks_for(who)):
            return
        names = " or ".join(line) or "an owner; declare one"
        raise Refused(f"{who} may not {deed}: whoever speaks for {names} must have looked.", 403)
