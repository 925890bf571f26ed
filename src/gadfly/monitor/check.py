"""One declared probe of one component: what is scheduled, asked and reported."""

from __future__ import annotations

import msgspec

from gadfly.config import Config
from gadfly.config.probe import Probe, Probes
from gadfly.monitor.probe.request import parse


class Check(msgspec.Struct, frozen=True):
    """``(component, kind, name)`` is its identity; a changed spec is another question of the same check."""

    component: str
    kind: str
    name: str
    spec: Probe

    @property
    def key(self) -> tuple[str, str, str]:
        return self.component, self.kind, self.name

    @property
    def target(self) -> str:
        """Whom it asks: checks with one target share a bound on enquiries at once."""
        spec = self.spec
        url = getattr(spec, "url", "")
        if url:
            try:
                return parse(url).where
            except ValueError:
                return str(url)
        return str(getattr(spec, "address", "") or getattr(spec, "name_server", "") or "")


def checks(config: Config) -> list[Check]:
    """Every probe that the catalogue declares. Unnamed ones of one kind are told apart by their number."""
    found = []
    for component, declared in config.component.items():
        for kind in Probes.__struct_fields__:
            specs: tuple[Probe, ...] = getattr(declared.probe, kind)
            taken: set[str] = set()
            for number, spec in enumerate(specs, 1):
                name = spec.name or (str(number) if number > 1 else "")
                while name in taken:
                    name += "'"
                taken.add(name)
                found.append(Check(component, kind, name, spec))
    return found
