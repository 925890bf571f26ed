"""From what stands on a desk to letters; `gadfly.alert.tell` decides, `gadfly.alert.message` words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import msgspec

from gadfly import hours
from gadfly.alert import message
from gadfly.alert.alert import URGENT, Alert
from gadfly.alert.book import Book
from gadfly.alert.escalate import Step, address, chain, find, unchanged
from gadfly.alert.incident import Desk, Incident, Thread
from gadfly.alert.listing import cause_words, each, first, item, link, thread_owner
from gadfly.alert.notification import LISTED, Notification
from gadfly.alert.outbox import Letter
from gadfly.alert.tell import Facts, Kind, plan
from gadfly.config import Config

RECEIVER = "receiver:"
"""How a contact begins that is a receiver."""


class Telling:
    """Writes the letters of one configuration. Changes threads and what is told; saves nothing."""

    def __init__(self, config: Config, node: str) -> None:
        self._config = config
        self._node = node
        self._chains: dict[str, tuple[Step, ...]] = {}
        self._wall = 0.0
        self._span = (0.0, 0.0)
        self.url = config.node.url.rstrip("/") or f"http://{config.node.listen}"

    def _turn(self, wall: float) -> None:
        """Forget whom to ask in which order when a delegate comes or goes."""
        if not self._span[0] <= wall < self._span[1]:
            self._wall, self._span = wall, unchanged(self._config.owner, wall)
            self._chains.clear()

    def steps(self, target: str) -> tuple[Step, ...]:
        """The contacts of `owner:NAME` or `receiver:NAME`, in the order in which they are drawn in."""
        found = self._chains.get(target)
        if found is None:
            kind, _, name = target.partition(":")
            found = (
                chain(self._config.owner, name, self._wall)
                if kind == "owner"
                else (Step(owner="", contact=target, label=target, after=0.0, hours=""),)
            )
            self._chains[target] = found
        return found

    def may(self, alert: Alert, target: str, wall: float) -> bool:
        """Whether the hours of who answers allow to tell of it now."""
        if alert.verdict in URGENT or not target.startswith("owner:"):
            return True
        self._turn(wall)
        written = self._hours(target)
        return not written or hours.parse(written).covers(wall)

    def opens(self, target: str, wall: float) -> float:
        """When the hours of who answers begin next (seconds since the epoch)."""
        self._turn(wall)
        written = self._hours(target)
        return hours.parse(written).next_start(wall) if written else wall

    def consider(
        self, book: Book, incident: Incident, desk: Desk, now: float, wall: float, *, brewing: float = 0.0
    ) -> list[Letter]:
        """The letters to write now. Sets `desk.due`. `brewing`: see :class:`gadfly.alert.tell.Facts`."""
        self._turn(wall)
        thread = desk.thread
        decision = plan(self._facts(book, incident, desk, brewing), thread.terms, now)
        if decision.kind is None:
            desk.due = decision.due
            if desk.later:
                begins = now + max(1.0, self.opens(thread.target, wall) - wall)
                desk.due = min(begins, desk.due) if desk.due is not None else begins
            return []
        letters = self._send(book, incident, desk, decision.kind, now, wall)
        after = plan(self._facts(book, incident, desk, brewing), thread.terms, now)
        desk.due = after.due if after.kind is None else now
        return letters

    def acknowledged(self, book: Book, incident: Incident, desk: Desk, wall: float) -> list[Letter]:
        """Tell the contacts, where there is more than one, that somebody took it on."""
        if len(desk.thread.contacts) < 2:
            return []
        self._turn(wall)
        return self._letters(book, incident, desk, Kind.acknowledged, desk.thread.contacts, wall)

    def _hours(self, target: str) -> str:
        steps = self.steps(target)
        return steps[0].hours if steps else ""

    def _facts(self, book: Book, incident: Incident, desk: Desk, brewing: float) -> Facts:
        thread = desk.thread
        bad = (book.alerts[name].verdict for name in desk.standing) if not thread.urgent else ()
        return Facts(
            fresh=len(desk.fresh),
            standing=len(desk.standing),
            quiet=len(desk.quiet),
            ended=len(desk.ended),
            passed=len(desk.passed),
            opened=thread.opened,
            joined=incident.grew,
            messages=thread.messages,
            last=thread.last,
            stepped=thread.stepped,
            patience=self._patience(thread),
            acknowledged=bool(incident.acknowledged),
            brewing=brewing,
            worse=thread.messages > 0 and any(verdict in URGENT for verdict in bad),
        )

    def _next(self, thread: Thread) -> Step | None:
        """Who is drawn in next: the first who was not yet; delegates may have come or gone meanwhile."""
        asked = {address(contact) for contact in thread.contacts}
        return next((one for one in self.steps(thread.target) if address(one.contact) not in asked), None)

    def _patience(self, thread: Thread) -> float | None:
        coming = self._next(thread) if thread.contacts else None
        if coming is None:
            return None
        last = [one for one in self.steps(thread.target) if one.contact == thread.contacts[-1]]
        return (last[0] if last else coming).after

    def _send(
        self, book: Book, incident: Incident, desk: Desk, kind: Kind, now: float, wall: float
    ) -> list[Letter]:
        thread = desk.thread
        if kind is Kind.firing:
            to = thread.contacts = tuple(step.contact for step in self.steps(thread.target)[:1])
            thread.stepped = now
        elif kind is Kind.escalation:
            coming = self._next(thread)
            to = (coming.contact,) if coming else ()
            thread.contacts += to
            thread.stepped = now
        elif kind is Kind.passed:
            to = tuple(one for one in thread.contacts if self._reachable(one))
        else:
            to = thread.contacts
        letters = (
            []
            if kind is Kind.resolved and not thread.terms.resolved
            else self._letters(book, incident, desk, kind, to, wall)
        )
        thread.last = now
        thread.messages += 1
        self._mark(book, desk, kind)
        if kind is Kind.resolved or (kind is Kind.passed and not (desk.standing or desk.quiet or desk.ended)):
            thread.messages, thread.contacts, thread.urgent = 0, (), False
        book.touch_thread(thread)
        return letters

    def _reachable(self, contact: str) -> bool:
        """Whether the configuration still has it: who is declared no longer misses nothing."""
        if contact.startswith(RECEIVER):
            return contact.removeprefix(RECEIVER) in self._config.receiver
        return find(self._config.owner, contact) is not None

    def _mark(self, book: Book, desk: Desk, kind: Kind) -> None:
        """What the message said is told now."""
        target = desk.thread.target
        if kind is Kind.passed:
            for name in desk.passed:
                alert = book.alerts[name]
                alert.told = tuple(one for one in alert.told if one != target)
                book.touch(alert)
            desk.passed.clear()
        if kind in (Kind.firing, Kind.update):
            told_only = (target,)
            for name in desk.fresh:
                alert = book.alerts[name]
                alert.told = (*alert.told, target) if alert.told else told_only
                book.touch(alert)
            desk.standing |= desk.fresh
            desk.fresh.clear()
            desk.thread.urgent = any(book.alerts[name].verdict in URGENT for name in desk.standing)
        if kind in (Kind.update, Kind.resolved):
            for alert in desk.ended.values():
                alert.told = tuple(one for one in alert.told if one != target)
                book.touch(alert)
            desk.ended.clear()

    def _letters(
        self, book: Book, incident: Incident, desk: Desk, kind: Kind, to: Iterable[str], wall: float
    ) -> list[Letter]:
        thread = desk.thread
        shown = {step.contact: step for step in self.steps(thread.target)}
        letters = []
        for contact in to:
            thread.sequence += 1
            step = shown.get(contact)
            notification = self._notification(book, incident, desk, kind, wall, step.owner if step else "")
            letters.append(
                Letter(contact=contact, label=step.label if step else contact, notification=notification)
            )
        return letters

    def _notification(
        self, book: Book, incident: Incident, desk: Desk, kind: Kind, wall: float, contact_owner: str
    ) -> Notification:
        owner = thread_owner(desk.thread.target)
        if kind is Kind.passed:
            new, ended = desk.passed, dict[str, Alert]()
        else:
            new, ended = desk.fresh, desk.ended
        firing = [book.alerts[name] for name in new]
        listed = first(firing, LISTED)
        count = len(firing)
        handed = [alert for alert in firing if alert.was and alert.answering == owner]
        if kind not in (Kind.resolved, Kind.passed):
            standing = [book.alerts[name] for name in desk.standing]
            count += len(standing)
            listed += first(standing, LISTED - len(listed))
        listed += first(ended.values(), LISTED - len(listed))
        items = tuple(map(item, listed))
        if kind is Kind.passed:  # whatever was opened for it where it arrives is to be closed there
            items = tuple(msgspec.structs.replace(one, ends=wall) for one in items)
        owner = owner or next((alert.subject.owner for alert in listed), "")
        story = message.Story(
            kind=kind,
            incident=f"i{incident.id}",
            cause=cause_words(book, incident, listed, count + len(ended)),
            items=items,
            firing=count,
            ended=len(ended),
            opened=incident.opened,
            at=wall,
            owner=owner,
            url=link(f"{self.url}/", listed, count + len(ended)),
            flapping=sum(alert.flapping for alert in listed if alert.resolved is None),
            escalated_to=contact_owner,
            acknowledged=incident.acknowledged,
            note=incident.note,
            before=each(alert.was[-1] for alert in handed),
            handed=tuple(alert.title for alert in first(handed, LISTED)),
            now=each(alert.answering for alert in firing) if kind is Kind.passed else "",
        )
        return Notification(
            key=uuid.uuid4().hex,
            kind=kind.value,
            status="resolved" if kind in (Kind.resolved, Kind.passed) else "firing",
            incident=story.incident,
            sequence=desk.thread.sequence,
            target=desk.thread.target,
            at=wall,
            opened=incident.opened,
            subject=message.subject(story),
            text=message.text(story, self._config.owner),
            cause=story.cause,
            items=items,
            total=count + len(ended),
            url=story.url,
            node=self._node,
            acknowledged=incident.acknowledged,
        )
