"""Who a component is, asked once in a transaction, as a thousand may run on one host."""

from __future__ import annotations

from collections.abc import Callable

from gadfly.alert.whereabouts import by_address
from gadfly.config import Config
from gadfly.monitor.subject import Subject

UPWARDS = 64
"""Components looked at above one, when the book notes what stands on what."""


class Lookup:
    """`subject` tells who a component is; any thread may call it."""

    def __init__(self, subject: Callable[[str], Subject | None]) -> None:
        self._subject = subject
        self._seen: dict[str, Subject | None] = {}
        self._at_address: dict[str, str] = {}

    def configure(self, config: Config) -> None:
        """From now on by these declarations."""
        self._at_address = by_address(config)

    def forget(self) -> None:
        """A new transaction: what is asked, is asked anew."""
        self._seen.clear()

    def known(self, name: str) -> Subject | None:
        """Who that is, by its name."""
        if name not in self._seen:
            self._seen[name] = self._subject(name)
        return self._seen[name]

    def about(self, name: str) -> Subject | None:
        """Who that is, by its name or by an address that its probes ask."""
        found = self.known(name)
        if found is None and (called := self._at_address.get(name)):
            found = self.known(called)
        return found

    def climb(self, subject: Subject) -> tuple[str, ...]:
        """The names of all that it runs on and needs, near and far, as far as they are known."""
        found: dict[str, None] = {}
        queue = [subject]
        while queue and len(found) < UPWARDS:
            here = queue.pop()
            for name in (here.host, *here.needs):
                if name and name != subject.name and name not in found:
                    found[name] = None
                    above = self.known(name)
                    if above is not None:
                        queue.append(above)
        return tuple(found)
