"""Lines in memory, read as the store's are."""

from __future__ import annotations

from gadfly.errors import StoreError
from gadfly.store.logs.line import Kept
from gadfly.store.logs.query import Page, Query, Sieve


class SimulatedLogs:
    """`lines`, the oldest first."""

    def __init__(self, now: float) -> None:
        self.trouble = ""
        self.lines: list[Kept] = []
        for n in range(250):
            self.say(f"GET /checkout/{n} 200", at=now - 300 + n)
        self.say("Out of memory: killed 4711 (shop)", at=now - 5, unit="kernel", severity=3)
        self.say("<img src=x onerror=alert(1)> \u202eevil\x1b[31m", at=now - 4, host="<b>h2</b>", severity=4)

    def say(self, text: str, at: float, host: str = "h1", unit: str = "web", severity: int = 6) -> None:
        number = self.last + 1 if self.lines else int(at * 1e6)
        self.lines.append(Kept(number, at, "syslog", host, unit, severity, text, '{"pid":"42"}'))

    @property
    def last(self) -> int:
        return self.lines[-1].number if self.lines else 0

    async def read(self, query: Query) -> Page:
        sieve = Sieve(query)
        if self.trouble:
            raise StoreError(self.trouble)
        last = self.last
        low, high = query.after if query.after is not None else -1, query.before or last + 1
        found = [line for line in self.lines if low < line.number < high and sieve.passes(line)]
        if query.after is None:
            found.reverse()
        page = found[: query.limit]
        if len(found) > len(page):
            return Page(page, page[-1].number, True)
        return Page(page, last if query.after is not None else 0, False)
