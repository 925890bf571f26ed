"""What owners are told of their automations: a word is wanted, one is frozen, a rollback was refused.

Written into the outbox in the transaction of the fact; :meth:`Letters.tell` is the action `notify`.
"""

from __future__ import annotations

import sqlite3

from gadfly.act.approvals.unanswered import Unanswered
from gadfly.act.gate import Decision
from gadfly.act.mail import notice
from gadfly.act.plan import Plan
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.store.sqlite import Database

LISTED = 20
"""Targets that a letter names; of more it says how many."""


class Letters:
    """One for a node, called `name`."""

    def __init__(self, db: Database, config: Config, clock: Clock, name: str) -> None:
        self._db = db
        self._clock = clock
        self._name = name
        self.configure(config)

    def configure(self, config: Config) -> None:
        """From now on to these owners."""
        self._config = config
        self._url = (config.node.url.rstrip("/") or f"http://{config.node.listen}") + "/"

    async def tell(self, owner: str, subject: str, text: str) -> str:
        """Write to an owner; to whom it goes, once it is on disk. ValueError where nobody has a contact."""

        def work(connection: sqlite3.Connection) -> tuple[str, ...]:
            return self._put(connection, owner, subject, f"{text}\n\nSee: {self._url}\n")

        told = await self._db.write(work)
        if not told:
            raise ValueError(f"neither {owner} nor an owner above has a contact; the catalogue must name one")
        self._db.bell("outbox").set()
        return ", ".join(told)

    def ask(self, connection: sqlite3.Connection, plan: Plan, decision: Decision) -> None:
        """Somebody's word is wanted."""
        if decision.request is None:
            return
        subject, lines = self._question(plan, decision.request, decision.words)
        others = []
        if any(one.guard == "consent" for one in decision.refusals):
            others = sorted({one.owner for one in plan.targets} - {plan.owner, ""})
        lines += [
            f"Consent, for {one}: gadfly act consent {one} {plan.principal} {plan.action} --for 1h"
            for one in others
        ]
        self._put(connection, plan.owner, subject, "\n".join(lines) + f"\n\nSee: {self._url}\n", *others)

    def ask_next(self, connection: sqlite3.Connection, one: Unanswered) -> None:
        """Nobody answered in time: the next in the chain is asked."""
        subject, lines = self._question(one.plan, one.request, one.lacks)
        why = f"You are asked because nobody has answered in time; you answer as {one.step.owner}.\n\n"
        text = "\n".join(lines) + f"\n\nSee: {self._url}\n"
        notice.post(connection, [one.step], self._notice(f"Nobody has answered: {subject}", why + text))

    def _question(self, plan: Plan, request: int, lacks: str) -> tuple[str, list[str]]:
        """Subject and lines."""
        subject = f"May {plan.automation or plan.principal} act on {_count(plan)}? {plan.action}"
        return subject, [
            f"{plan.principal} would do this: {plan.action} {plan.argument}".rstrip(),
            f"On: {_names(plan)}.",
            f"Because: {plan.trigger}.",
            f"Afterwards must hold: {plan.expect}. How it is taken back: {plan.undo or 'it cannot be'}.",
            f"It waits because: {lacks}.",
            "",
            f"Approve it: gadfly act approve {request}",
            f"Refuse it:  gadfly act deny {request} --reason 'why not'",
        ]

    def frozen(self, connection: sqlite3.Connection, plan: Plan, intent: int, why: str, words: str) -> None:
        """An automation acts no more until a person has looked."""
        subject = f"{plan.automation} is frozen: {why}"
        lines = [
            f"{plan.automation} acts no more until somebody who answers for it has looked: {why}.",
            f"The last was intent {intent} on {_names(plan)}: {words}.",
            "",
            f"Its story: gadfly act show {plan.automation}",
        ]
        self._put(connection, plan.owner, subject, "\n".join(lines) + f"\n\nSee: {self._url}\n")

    def unable(self, connection: sqlite3.Connection, plan: Plan, words: str) -> None:
        """What the gate allows cannot even be begun."""
        subject = f"{plan.automation} cannot act: {words}"
        lines = [
            f"{plan.automation} is allowed to act and nothing could be begun: {words}.",
            f"It would have been: {plan.action} {plan.argument}".rstrip(),
            f"On: {_names(plan)}. Because: {plan.trigger}.",
            "It is tried again, ever more seldom; you are told again when it could be begun and then not.",
        ]
        self._put(connection, plan.owner, subject, "\n".join(lines) + f"\n\nSee: {self._url}\n")

    def left(self, connection: sqlite3.Connection, plan: Plan, why: str) -> None:
        """What failed is not taken back by the machine, for this reason: a sentence."""
        subject = f"{plan.automation} failed and was not taken back"
        lines = [
            f"This was to be done as {plan.trigger}: {plan.action} {plan.argument}".rstrip(),
            f"On: {_names(plan)}.",
            why,
            "Somebody must look, and take it back by hand where it needs to be.",
        ]
        self._put(connection, plan.owner, subject, "\n".join(lines) + f"\n\nSee: {self._url}\n")

    def _put(
        self, connection: sqlite3.Connection, owner: str, subject: str, text: str, *others: str
    ) -> tuple[str, ...]:
        return notice.put(connection, self._config.owner, [owner, *others], self._notice(subject, text))

    def _notice(self, subject: str, text: str) -> notice.Notice:
        return notice.Notice(
            subject=subject, text=text, at=self._clock.wall(), url=self._url, node=self._name
        )


def _count(plan: Plan) -> str:
    return plan.targets[0].name if len(plan.targets) == 1 else f"{len(plan.targets)} components"


def _names(plan: Plan) -> str:
    names = ", ".join(target.name for target in plan.targets[:LISTED])
    more = len(plan.targets) - LISTED
    return f"{names} and {more} more" if more > 0 else names
