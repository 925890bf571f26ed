"""Fire drills of a running node: who is told, how fast, and what does not happen.

What a drill decides it decides on a copy (:mod:`gadfly.ask.drill.shadow`); its letters go through the node's
own outbox, courier and receivers. The stop of an automation's drill is a real one, of a target that does not
exist.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gadfly.act.halt import stop_book
from gadfly.ask.drill.record import DRILL, HOLDS, Drill, State
from gadfly.drilling_course.course import Also, Setting, nothing
from gadfly.drilling_course.letters import resolve, settled, take_back, take_back_all, waits
from gadfly.errors import GadflyError, LimitError, Refused
from gadfly.ledger.entry import Entry
from gadfly.store import drills as store

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle
    from gadfly.drilling_course.course import Course

log = logging.getLogger("gadfly.drill")

APART = 60.0
"""Seconds between two drills of an owner: who is told too often looks away."""
EACH = 3
"""Drills of which one contact hears within that time: several owners may share it, or the head above them."""
AT_ONCE = 8
INSIDE = frozenset({"key", "mailbox", "unknown"})
"""Of a letter: what is nobody's business outside, or said in words."""
LONGEST = 3600.0
"""Seconds that a drill waits at most for a failure to be told, and for an answer."""
ACKNOWLEDGED = 86_400.0
"""Seconds after a drill within which it may still be taken on."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Drill).decode


class Drilling:
    """One for a node. Nothing runs and nothing is loaded until somebody drills."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lately: dict[str, float] = {}
        self._heard: dict[str, dict[int, float]] = {}
        """By contact: the drills of which it heard lately, and when."""
        self._running: dict[int, asyncio.Task[None]] = {}
        self._answers: dict[int, asyncio.Event] = {}

    async def stop(self) -> None:
        """Break off those that run; each is written down as not run."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def begin(
        self,
        target: str,
        kind: str,
        who: str,
        *,
        shortened: bool = False,
        ring: bool = False,
        escalate: bool = False,
        wait: float = 0.0,
        samples: Sequence[str] = (),
    ) -> Drill:
        """Begin it; it goes on by itself. Refused (404, 409) or LimitError where it cannot be begun."""
        from gadfly.drilling_course.finding import find  # it brings the evaluator of PromQL

        course = find(self._node, target, kind, samples)
        now, steady = self._node.clock.wall(), self._node.clock.monotonic()
        if len(self._running) >= AT_ONCE:
            raise LimitError(f"{AT_ONCE} drills run already; wait until one has ended.")
        whose = course.owner or f"{course.kind} {course.target}"
        before = self._lately.get(whose)
        if before is not None and steady - before < APART:
            raise LimitError(
                f"{whose[:200]} had a drill {steady - before:.0f} s ago; there is one a minute at most."
            )
        self._lately = {name: at for name, at in self._lately.items() if steady - at < APART}
        self._lately[whose] = steady

        def work(connection: sqlite3.Connection) -> Drill:
            made = Drill(
                id=store.add(connection, now, self._taken),
                kind=course.kind,
                target=course.target,
                owner=course.owner,
                who=who,
                at=now,
                shortened=shortened,
                ring=ring,
                escalate=escalate,
                wait=min(wait, LONGEST),
            )
            self._write(connection, made, "begun", who, now)
            return made

        drill = await self._node.db.write(work)
        self._answers[drill.id] = asyncio.Event()
        task = asyncio.create_task(self._run(drill, course, whose), name=f"gadfly-{drill.name}")
        self._running[drill.id] = task
        task.add_done_callback(lambda _: self._running.pop(drill.id, None))
        return drill

    def _taken(self, number: int) -> bool:
        """Whether a component is called as this drill would be: nobody may take on the one for the other."""
        return self._node.subject(f"{DRILL}{number}") is not None

    async def _run(self, drill: Drill, course: Course, whose: str) -> None:
        state: State | None = None
        found, begun = drill, self._lately.get(whose)

        async def keep(fresh: Drill, also: Also = nothing) -> None:
            nonlocal found
            await self._keep(fresh, also)
            found = fresh

        def room(contact: str) -> bool:
            return self._room(contact, drill.id)

        try:
            found = await course.run(drill, Setting(keep, self._answers[drill.id], room))
            state = "told" if course.told(found) else "not told"
        except asyncio.CancelledError:
            found = found.but("broken off", "The node was stopped meanwhile.")
        except GadflyError as error:
            found = found.but("not run", str(error))
        except Exception:
            log.exception("a drill failed: a defect of gadfly")
            found = found.but("not run", "It failed: a defect of gadfly; the log says more.")
        finally:
            self._answers.pop(drill.id, None)
            if state is None and not found.letters and self._lately.get(whose) == begun:
                self._lately.pop(whose, None)  # nobody heard of it
            await asyncio.shield(self._end(found, state))

    def _room(self, contact: str, drill: int) -> bool:
        """Whether it may hear of this drill, too; then that is noted."""
        steady = self._node.clock.monotonic()
        heard = {one: at for one, at in self._heard.get(contact, {}).items() if steady - at < APART}
        fits = drill in heard or len(heard) < EACH
        self._heard[contact] = {**heard, drill: steady} if fits else heard
        return fits

    async def _end(self, found: Drill, state: State | None) -> None:
        """`state` None: it was broken off, and what came of it is what its letters came to."""
        now = self._node.clock.wall()

        def work(connection: sqlite3.Connection) -> None:
            known = _read(connection, found.id)
            one = settled(connection, found)
            ended = msgspec.structs.replace(
                one,
                state=state or _state(one),
                ended=now,
                acknowledged=known.acknowledged,
                acknowledged_by=known.acknowledged_by,
            )
            # Also where it was broken off: what comes after a drill has ended only misleads.
            take_back(connection, known.letters, now, under_way=True)
            resolve(connection, ended, now)
            self._write(connection, ended, "ended", "node", now, result=self._fit(result(ended)))

        try:
            await self._node.db.write(work)
            self._node.db.bell("outbox").set()
        except GadflyError as error:
            log.error("what came of %s is not written down: %s", found.name, error)

    async def _keep(self, drill: Drill, also: Also) -> None:
        """As far as it has come."""

        def work(connection: sqlite3.Connection) -> None:
            known = _read(connection, drill.id)
            also(connection)
            self._save(
                connection,
                msgspec.structs.replace(
                    drill, acknowledged=known.acknowledged, acknowledged_by=known.acknowledged_by
                ),
            )

        await self._node.db.write(work)

    async def acknowledge(self, target: str, who: str) -> dict[str, Any] | None:
        """Somebody takes a drill on as they would the real thing; None: no drill is meant. Refused."""
        number = target.removeprefix(DRILL)
        if not target.startswith(DRILL) or not number.isdecimal() or len(number) > 12:
            return None
        now = self._node.clock.wall()
        principal = self._node.recorder.journal.token(who)

        # A component that came up later may be called so; what is real goes first.
        called = self._node.subject(target) is not None
        if called and any(one.component == target for one in await self._node.engine.alerts("firing")):
            return None

        def work(connection: sqlite3.Connection) -> Drill | None:
            if store.body(connection, int(number)) is None:
                return None
            known = _read(connection, int(number))
            if known.acknowledged is not None or now - known.at > ACKNOWLEDGED:
                if called:
                    return None
                raise Refused(f"{known.name} is over, or was taken on already.", 409)
            seconds = round(max(0.0, now - known.at), 1)
            taken = msgspec.structs.replace(known, acknowledged=seconds, acknowledged_by=principal)
            self._write(connection, taken, "acknowledged", principal, now, seconds=str(seconds))
            return taken

        taken = await self._node.db.write(work)
        if taken is None:
            return None
        if event := self._answers.get(taken.id):
            event.set()
        return {"id": taken.name, "who": who, "note": "", "at": now, "count": 1}

    async def recall(self) -> None:
        """At the start, before letters leave: what the process before this one did not end was broken off.
        Its letters go to nobody any more, and its stop is lifted."""
        now, ledger = self._node.clock.wall(), self._node.recorder.log

        def left(connection: sqlite3.Connection) -> bool:
            return bool(store.bodies(connection, 1, "running") or waits(connection) or _stops(connection))

        def work(connection: sqlite3.Connection) -> None:
            running = [
                settled(connection, _decode(text)) for text in store.bodies(connection, state="running")
            ]
            take_back_all(connection, now)
            for number in _stops(connection):
                stop_book.lift_drill(connection, ledger, number, who="node", now=now)
            for one in running:
                drill = one.but("broken off", "The node was restarted meanwhile.")
                ended = msgspec.structs.replace(drill, state=_state(drill), ended=now)
                resolve(connection, ended, now)
                self._write(connection, ended, "ended", "node", now, result=self._fit(result(ended)))

        if await self._node.db.read(left):
            await self._node.db.write(work)
            await self._node.acting.board.look()

    async def drills(self, limit: int) -> list[dict[str, Any]]:
        """The newest first, as the API shows them."""
        texts = await self._node.db.read(lambda connection: store.bodies(connection, limit))
        return [shown(_decode(text)) for text in texts]

    async def drill(self, name: str) -> dict[str, Any]:
        """One, by `drill7` or 7. Refused (404)."""
        number = name.removeprefix(DRILL)
        if not number.isdecimal() or len(number) > 12:
            raise Refused(f"There is no drill {name[:40]!r}.", 404)
        return shown(await self._node.db.read(lambda connection: _read(connection, int(number))))

    def _fit(self, words: str) -> str:
        """As the ledger may hold it: a receiver's words may name a mailbox."""
        return self._node.recorder.journal.fit(words)

    def _save(self, connection: sqlite3.Connection, drill: Drill) -> None:
        store.save(connection, drill.id, drill.state, _encode(drill))

    def _write(
        self, connection: sqlite3.Connection, drill: Drill, event: str, who: str, now: float, **more: str
    ) -> None:
        """The row and its entry."""
        self._save(connection, drill)
        what = {"check": "component", "automation": "automation"}.get(drill.kind, drill.kind)
        about: tuple[str, ...] = (f"{DRILL}:{drill.id}", f"{what}:{drill.target}"[:500])
        about += (f"owner:{drill.owner}",) if drill.owner else ()
        body = {"event": event, "drill": drill.name, "kind": drill.kind, "target": drill.target, **more}
        entry = Entry(kind="drill", who=who, about=about, body=body, at=now)
        self._node.recorder.journal.write(connection, [entry])


def result(drill: Drill) -> str:
    """What came of it, in one line."""
    took = drill.took
    if drill.kind == "automation" and took is not None:
        line = f"{HOLDS} after {took:.2f} s"
    elif drill.state == "told":
        names = list(dict.fromkeys(one.owner or one.to for one in drill.letters if one.state == "taken"))
        line = f"{', '.join(names)} told after {took or 0.0:.1f} s"
    else:
        words = {"not told": "nobody was told", "not run": "it could not be run"}
        line = words.get(drill.state, drill.state)
        if any(one.unknown for one in drill.letters):
            line = "whether anybody was told is not known"
    reasons = "; ".join(one.words.rstrip(".") for one in drill.missed[:3])
    return f"{line}{f' ({reasons})' if reasons else ''}"


def shown(drill: Drill) -> dict[str, Any]:
    """:class:`gadfly.web.answers.drills.Drill`."""
    return {
        **msgspec.structs.asdict(drill),
        "letters": [
            {name: value for name, value in msgspec.structs.asdict(one).items() if name not in INSIDE}
            for one in drill.letters
        ],
        "id": drill.name,
        "took": drill.took,
        "result": "" if drill.state == "running" else result(drill),
    }


def _read(connection: sqlite3.Connection, number: int) -> Drill:
    text = store.body(connection, number)
    if text is None:
        raise Refused(f"There is no drill {number}.", 404)
    return _decode(text)


def _stops(connection: sqlite3.Connection) -> list[int]:
    """Those in force that a drill pulled."""
    return [
        one.id
        for one in stop_book.in_force(connection)
        if one.scope == "target" and one.name.startswith(stop_book.DRILL)
    ]


def _state(drill: Drill) -> State:
    """Of one that was broken off: somebody may have been told by then."""
    return "told" if any(one.state == "taken" for one in drill.letters) else "not run"
