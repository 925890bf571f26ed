"""Asks every check at its time: the loop around :mod:`~gadfly.monitor.timing`, the probes and
:mod:`~gadfly.monitor.confirm`.

- One heap of turns, one sleeper. A check is in flight at most once; whoever asks meanwhile joins.
- Enquiries at once are bounded overall (:data:`SOCKETS`, and half of the process's file descriptors) and for
  each target (:data:`TARGET`); what finds no room waits in order, so a slow target holds up only itself.
- The prober doubts itself first: where this process stood still during an enquiry, a failure is `unknown`.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import resource
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.monitor.check import Check, checks
from gadfly.monitor.confirm import Belief, confirm
from gadfly.monitor.probe import PROBERS, Ask
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.timing import first_due, next_due, seed

SOCKETS = 8192
"""Enquiries at once: more than a thousand hanging targets, far less than the ports of one address."""
TARGET = 32
"""Enquiries at once to one host and port: what any server takes without noticing."""
GRAIN = 0.01
"""Seconds in which turns are started together: at a thousand a second ten at a time."""
NAP = 0.25
"""Longest sleep, so that standing still is noticed and a reload needs no alarm clock."""
STILL = 0.5
"""Seconds this process may stand still before it doubts what it found meanwhile."""

log = logging.getLogger(__name__)
Answered = tuple[Check, Result]


class Entry:
    """One check and where it stands."""

    __slots__ = ("askers", "belief", "check", "due", "seed", "state", "target")

    def __init__(self, check: Check) -> None:
        self.check = check
        self.seed = seed(check.key)
        self.target = check.target
        self.due = 0.0
        self.belief = Belief()
        self.state = "idle"
        """``idle``, ``waiting`` for room, ``asking``, or ``gone`` from the catalogue."""
        self.askers: list[asyncio.Future[Answered]] = []


def doubted(result: Result, still: float) -> Result:
    """The result, or `unknown` where this process stood still for so many seconds while it was found.

    A pass needed no time, and a refusal is proof whenever it is read.
    """
    if still <= STILL or result.refused or result.outcome in (Outcome.passing, Outcome.unknown):
        return result
    return Result(
        outcome=Outcome.unknown,
        reason=f"the node itself stood still for {still:.1f} s while it asked",
        seconds=result.seconds,
        phases=result.phases,
    )


class Prober:
    """Asks the checks of a catalogue. ``on_result`` gets every result that is believed; it must not block.

    ``probers`` and ``context`` are for embedding and tests; by default the real ones.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        on_result: Callable[[Check, Result], None],
        *,
        probers: Mapping[str, Ask] = PROBERS,
        context: Callable[[], Context] | None = None,
    ) -> None:
        self._clock = clock
        self._on_result = on_result
        self._probers = probers
        self._make_context = context or (lambda: Context(clock))
        self._context: Context | None = None
        self._entries: dict[tuple[str, str, str], Entry] = {}
        self._by_component: dict[str, list[Entry]] = {}
        self._turns: list[tuple[float, int, Entry]] = []
        self._order = 0
        self._wake = clock.monotonic()
        self._stills: deque[tuple[float, float]] = deque(maxlen=64)
        self._room = min(SOCKETS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._asking = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_target: dict[str, int] = {}
        self._waiting: deque[Entry] = deque()
        self._held: dict[str, deque[Entry]] = {}
        self._counts = dict.fromkeys(
            ("asked", *(outcome.name for outcome in Outcome), "refused", "doubted", "unbelieved", "broken"), 0
        )
        self.replace(checks(config))

    def replace(self, checks: Sequence[Check]) -> None:
        """The catalogue is now this. Unchanged checks keep their turns and what is believed of them."""
        now = self._clock.monotonic()
        before, self._entries, self._by_component, self._turns = self._entries, {}, {}, []
        new = sum(check.key not in before for check in checks)
        for check in checks:
            entry = before.pop(check.key, None)
            if entry is None:
                entry = Entry(check)
                entry.due = first_due(now, check.spec.every, entry.seed, new)
            elif entry.check != check:
                changed = Entry(check)
                changed.due = min(entry.due, first_due(now, check.spec.every, entry.seed, 1))
                before[check.key] = entry
                entry = changed
            self._entries[check.key] = entry
            self._by_component.setdefault(check.component, []).append(entry)
            self._push(entry, entry.due)
        for entry in before.values():
            self._let_go(entry)
        if self._context is not None:
            self._context.forget()

    async def run(self) -> None:
        """Ask until cancelled or :meth:`stop`; then every socket is closed."""
        self._context = self._make_context()
        self._wake = self._clock.monotonic()
        try:
            while True:
                now = self._clock.monotonic()
                if now - self._wake > STILL:
                    self._stills.append((now, now - self._wake))
                self._start_due(now)
                nap = min(NAP, max(GRAIN, self._turns[0][0] - now)) if self._turns else NAP
                self._wake = now + nap
                await self._clock.sleep(nap)
        finally:
            await self._close()

    async def stop(self) -> None:
        """End every enquiry and close what is open. :meth:`run` may be cancelled before or after."""
        await self._close()

    def ask_now(self, component: str) -> asyncio.Future[list[Answered]]:
        """Ask all checks of a component out of turn, joining those in flight; their own, raw answers.

        The answers count towards what is believed like any other. For a component without probes, and while
        :meth:`run` does not run, the list is empty.
        """
        if self._context is None:
            component = ""
        loop = asyncio.get_running_loop()
        asked: list[asyncio.Future[Answered]] = []
        for entry in self._by_component.get(component, ()):
            future: asyncio.Future[Answered] = loop.create_future()
            entry.askers.append(future)
            asked.append(future)
            self._start(entry)
        return asyncio.ensure_future(_all(asked))

    def stood_still(self, within: float) -> bool:
        """Whether this process stood still in the last so many seconds, so that its answers are in doubt."""
        since = self._clock.monotonic() - within
        return any(at >= since for at, _ in self._stills)

    def counters(self) -> dict[str, int]:
        """For the metrics: enquiries since the start by outcome, and those in flight and waiting now."""
        waiting = len(self._waiting) + sum(len(queue) for queue in self._held.values())
        return {**self._counts, "checks": len(self._entries), "asking": self._asking, "waiting": waiting}

    def _push(self, entry: Entry, due: float) -> None:
        entry.due = due
        self._order += 1
        heapq.heappush(self._turns, (due, self._order, entry))

    def _start_due(self, now: float) -> None:
        turns = self._turns
        while turns and turns[0][0] <= now:
            due, _, entry = heapq.heappop(turns)
            if entry.state == "gone" or due != entry.due:
                continue
            every = entry.check.spec.every
            # Half an interval on: a first turn that came early is not followed by a regular one at once.
            self._push(entry, next_due(now + every / 2, every, entry.seed))
            self._start(entry)

    def _start(self, entry: Entry) -> None:
        if entry.state != "idle" or self._context is None:
            return
        if self._at_target.get(entry.target, 0) >= TARGET:
            entry.state = "waiting"
            self._held.setdefault(entry.target, deque()).append(entry)
            return
        if self._asking >= self._room:
            entry.state = "waiting"
            self._waiting.append(entry)
            return
        entry.state = "asking"
        self._asking += 1
        self._at_target[entry.target] = self._at_target.get(entry.target, 0) + 1
        task = asyncio.get_running_loop().create_task(self._ask(entry, self._context))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, entry: Entry, context: Context) -> None:
        began = self._clock.monotonic()
        check = entry.check
        try:
            result = await self._probers[check.kind](check.spec, context)
        except Exception:
            # A defect of ours is not the target's failure.
            log.exception("probe %s of %s is broken; please report this", check.kind, check.component)
            self._counts["broken"] += 1
            result = Result(
                outcome=Outcome.unknown, reason=f"the {check.kind} probe is broken; see the node's log"
            )
        finally:
            self._finish(entry)
        judged = doubted(result, self._still_since(began))
        self._counts["doubted"] += judged is not result
        self._take(entry, judged)

    def _finish(self, entry: Entry) -> None:
        """Give the room to whoever waits for it: first the same target, then any."""
        if entry.state == "asking":
            entry.state = "idle"
        self._asking -= 1
        left = self._at_target[entry.target] - 1
        if left:
            self._at_target[entry.target] = left
        else:
            del self._at_target[entry.target]
        held = self._held.get(entry.target)
        while held and self._at_target.get(entry.target, 0) < TARGET:
            self._start_waiting(held)
        if held is not None and not held:
            del self._held[entry.target]
        while self._waiting and self._asking < self._room:
            self._start_waiting(self._waiting)

    def _start_waiting(self, queue: deque[Entry]) -> None:
        following = queue.popleft()
        if following.state == "waiting":
            following.state = "idle"
            self._start(following)

    def _take(self, entry: Entry, result: Result) -> None:
        check, counts = entry.check, self._counts
        counts["asked"] += 1
        counts[result.outcome.name] += 1
        counts["refused"] += result.refused
        askers, entry.askers = entry.askers, []
        for asker in askers:
            if not asker.done():
                asker.set_result((check, result))
        if entry.state == "gone":
            return
        entry.belief, tell, again = confirm(
            entry.belief, result.outcome, check.spec.retries, check.spec.every
        )
        if again is not None:
            soon = self._clock.monotonic() + again
            if soon < entry.due:
                self._push(entry, soon)
        if not tell:
            counts["unbelieved"] += 1
            return
        try:
            self._on_result(check, result)
        except Exception:
            log.exception("the result of %s could not be taken", check.key)

    def _still_since(self, began: float) -> float:
        """The longest time this process stood still since ``began``, the present one included."""
        now = self._clock.monotonic()
        past = max((length for at, length in self._stills if at >= began), default=0.0)
        return max(past, now - self._wake)

    def _let_go(self, entry: Entry) -> None:
        """It is not in the catalogue any more: what is in flight ends by itself, and is not told."""
        if entry.state != "asking":
            for asker in entry.askers:
                asker.cancel()
        entry.state = "gone"

    async def _close(self) -> None:
        context, self._context = self._context, None
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for entry in self._entries.values():
            for asker in entry.askers:
                asker.cancel()
        if context is not None:
            await context.close()


async def _all(asked: list[asyncio.Future[Answered]]) -> list[Answered]:
    return [await one for one in asked]
