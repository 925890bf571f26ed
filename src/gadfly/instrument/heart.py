"""The heart of a program: says "I am alive" at its own pace, whatever the program or the network does."""

from __future__ import annotations

import os
import sys
import time

from gadfly.instrument.vitals import Vitals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Self

    from gadfly.instrument.beating import Beating

    Check = Callable[[], "str | bool | tuple[str, str] | None"]

SAYABLE = ("pass", "warn", "fail", "starting", "stopping", "stalled")


class Heart:
    """Beats for one component, from a daemon thread, between start and stop.

    `every` is seconds between beats; None means what this user's node on this machine wishes
    (`heartbeat.every`) where the beats go to it, else 1. `to` is where they go: ``host:port``, ``[v6]:port``,
    ``group:port%interface`` or ``http://node:7171``; None means $GADFLY_TO, else this user's node on this
    machine, else the multicast group 239.192.71.70:7170. `key` is the shared secret; None means $GADFLY_KEY.

    `host` is the component that it runs on; empty means what the machine calls itself, which in a container
    or pod is not its host's name. What runs on a host that is down is told as that host's alert.

    `progress`: call :meth:`progress` at least once in so many seconds, or the beats say `stalled`. Within
    ``async with`` the event loop is watched as well: `loop` seconds without a turn are `stalled`. `check` is
    called (in a thread of its own, at every beat but not more often than once a second) and returns a status
    word, a pair of status and reason, or True, False or None (fine).

    `systemd=True` tells systemd READY, STATUS, STOPPING and, while nothing is stalled, feeds its watchdog.

    Wrong arguments raise ValueError here; from then on nothing raises: what goes wrong is in :attr:`trouble`.
    A forked child stays quiet until it calls :meth:`start` itself, which makes a new incarnation.
    """

    def __init__(
        self,
        name: str,
        every: float | None = None,
        *,
        kind: str = "service",
        owner: str = "",
        group: str = "",
        host: str = "",
        needs: Iterable[str] = (),
        health: str = "",
        labels: Mapping[str, str] | None = None,
        version: str = "",
        to: str | None = None,
        key: str | bytes | None = None,
        progress: float | None = None,
        loop: float = 5.0,
        check: Check | None = None,
        systemd: bool = False,
    ) -> None:
        from gadfly.instrument.destination import EVERY, FASTEST, parse
        from gadfly.telemetry.frame import valid_name

        if not valid_name(name):
            raise ValueError(f"{name!r} is no name: 1 to 200 bytes of printable text, no space at its ends")
        if host and not valid_name(host):
            raise ValueError(f"host={host!r} is no name of a component")
        if every is not None and not every >= FASTEST:
            raise ValueError(f"every={every!r}: at least {FASTEST} seconds lie between two beats")
        if (progress is not None and not progress > 0) or not loop > 0:
            raise ValueError("progress and loop are seconds, more than 0")
        if isinstance(needs, str):
            raise ValueError("needs is a list of names")  # noqa: TRY004 - as the other arguments
        if to:
            parse(to)
        self.name = name
        self._every = every
        self.every = EVERY if every is None else float(every)
        self.check = check
        self.systemd = systemd
        self.to = to
        self._key = key
        self.settle()
        self.about: dict[str, Any] = {
            "kind": kind,
            "owner": owner,
            "group": group,
            "host": host,
            "needs": tuple(needs),
            "health": health,
            "labels": dict(labels or {}),
            "version": version,
        }
        self._more: dict[str, object] = {}
        self._progress = progress
        self._loop_limit = loop
        self._vitals = self._new_vitals()
        self._beating: Beating | None = None
        self._tick: object = None

    def start(self) -> Self:
        """Begin to beat, as a new incarnation. Does nothing when already beating."""
        if self.running:
            return self
        try:
            from gadfly.instrument.beating import Beating

            self.settle()
            said = self._vitals.said
            self._vitals = self._new_vitals()
            self._vitals.said = said
            self._beating = Beating(self, self._vitals, {**self.about, **self._more})
            self._beating.start()
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as error:  # a bad $GADFLY_TO, no thread or socket to be had
            self._beating = None
            print(f"gadfly: {self.name} does not beat: {error}", file=sys.stderr)
        return self

    def settle(self) -> bool:
        """Take the interval that the node wishes now, if none was asked for; whether it is another one."""
        from gadfly.instrument.destination import interval

        before = self.every
        if self._every is None:
            self.every = interval(self.to)
        return self.every != before

    def stop(self, wait: float = 2.0) -> None:
        """Say goodbye and stop; waits at most so many seconds for the goodbye to be on its way."""
        if self._beating is not None:
            self._beating.stop(wait)
        self._beating = None

    def finish(self, status: str, reason: str = "", **more: object) -> None:
        """Stop for good: the goodbye tells this status, reason and further fields of the announce."""
        _check_word(status)
        if self._beating is not None:
            self._beating.stop(2.0, (status, reason), more)
        self._beating = None

    def progress(self) -> None:
        """Call this where the program's real work advances. Costs less than a microsecond."""
        self._vitals.advance(time.monotonic())
        if self._beating is not None and self._beating.stalled:
            self._beating.wake()

    def say(self, status: str, reason: str = "") -> None:
        """Set status (pass, warn, fail, starting, stopping) and the reason; it is told at once."""
        _check_word(status)
        self._vitals.said = (status, reason)
        if self._beating is not None:
            self._beating.wake()

    def announce(self, **more: object) -> None:
        """Add fields to the announce (JSON values) and tell them at once."""
        from gadfly.instrument.card import fit

        fit(more)  # raises TypeError here, where the value comes from, and not in the thread
        self._more.update(more)
        if self._beating is not None:
            self._beating.announce(more)

    @property
    def status(self) -> str:
        """What the program says of itself; setting it clears the reason."""
        return self._vitals.said[0]

    @status.setter
    def status(self, status: str) -> None:
        self.say(status)

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self._vitals.said[1]

    @reason.setter
    def reason(self, reason: str) -> None:
        self.say(self.status, reason)

    @property
    def state(self) -> tuple[str, str]:
        """Status and reason as the beats tell them now: the worst of what is said, checked and seen."""
        return self._vitals.state(time.monotonic())

    @property
    def running(self) -> bool:
        """Whether it beats, in this process."""
        return self._beating is not None and self._beating.pid == os.getpid()

    @property
    def incarnation(self) -> int:
        """Nanoseconds since the epoch at this run's start; 0 when it does not beat."""
        return self._beating.pulse.incarnation if self._beating is not None else 0

    @property
    def beats(self) -> int:
        """Frames that left in this run."""
        return self._beating.sent if self._beating is not None else 0

    @property
    def trouble(self) -> str:
        """Why the last beat could not leave; empty when it did."""
        return self._beating.trouble if self._beating is not None else "not beating"

    @property
    def secret(self) -> bytes | None:
        """The key in use, from the argument or $GADFLY_KEY."""
        key = os.environ.get("GADFLY_KEY", "") if self._key is None else self._key
        return (key.encode() if isinstance(key, str) else key) or None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        self._watch_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import asyncio

        self._unwatch_loop()
        await asyncio.get_running_loop().run_in_executor(None, self.stop)

    async def run(self) -> None:
        """Beat until cancelled: for a task of its own, beside the program's others."""
        import asyncio

        async with self:
            await asyncio.get_running_loop().create_future()

    def _watch_loop(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        vitals = self._vitals

        def turn() -> None:
            vitals.turn(time.monotonic())
            if self._beating is not None and self._beating.stalled:
                self._beating.wake()
            self._tick = loop.call_later(min(1.0, self._loop_limit / 4), turn)

        turn()
        if self._beating is not None:
            self._beating.wake()  # the thread may be waiting already, for a beat far ahead

    def _unwatch_loop(self) -> None:
        import asyncio

        if isinstance(self._tick, asyncio.Handle):
            self._tick.cancel()
        self._vitals.no_loop()

    def _new_vitals(self) -> Vitals:
        return Vitals(time.monotonic(), self._progress, self._loop_limit)

    def __repr__(self) -> str:
        return f"<Heart {self.name!r} {'beating' if self.running else 'still'}>"


def _check_word(status: str) -> None:
    if status not in SAYABLE:
        raise ValueError(f"{status!r} is not one of {', '.join(SAYABLE)}")
