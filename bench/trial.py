"""One break of one component, and when each system told of it; the notebook that webhooks are entered in."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from webhook_sink import Delivery

PATHS = {
    "/gadfly": "gadfly",
    "/fastest": "prometheus fastest",
    "/default": "prometheus default",
    "/serf": "serf",
}


@dataclass
class Trial:
    """Times are monotonic seconds; `told` and `cleared` by system."""

    kind: str
    component: str
    broken: float = 0.0
    repaired: float = 0.0
    """When the repair began; only from here on a notice of recovery is true."""
    good: float = 0.0
    """The first good beat where it is known, else the moment of the repair."""
    told: dict[str, float] = field(default_factory=dict)
    cleared: dict[str, float] = field(default_factory=dict)

    def took(self, system: str) -> float | None:
        return self.told[system] - self.broken if system in self.told else None

    def recovery(self, system: str) -> float | None:
        return self.cleared[system] - self.good if system in self.cleared and self.good else None


class Notebook:
    """All trials of a run; safe to write in from the sink's thread."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.false: dict[str, list[str]] = {name: [] for name in PATHS.values()}
        """Components that a system called dead while nobody had broken them."""
        self._open: dict[str, Trial] = {}
        self._lock = threading.Lock()

    def begin(self, trial: Trial) -> None:
        """From now on the component is broken, and who says so is right."""
        with self._lock:
            self.trials.append(trial)
            self._open[trial.component] = trial

    def enter(self, delivery: Delivery) -> None:
        """Note what one webhook tells."""
        system = PATHS.get(delivery.path)
        if system is None:
            return
        for firing, component in _serf(delivery.body) if system == "serf" else _alertmanager(delivery):
            with self._lock:
                trial = self._open.get(component)
                if trial is None:
                    if firing:
                        self.false[system].append(component)
                elif firing:
                    trial.told.setdefault(system, delivery.at)
                elif trial.repaired and system in trial.told:
                    trial.cleared.setdefault(system, delivery.at)


def _alertmanager(delivery: Delivery) -> Iterable[tuple[bool, str]]:
    for alert in delivery.json["alerts"]:
        yield alert["status"] == "firing", alert["labels"].get("component", "")


def _serf(body: bytes) -> Iterable[tuple[bool, str]]:
    event, *members = body.decode().splitlines()
    for member in members:
        yield event == "member-failed", member.split("\t")[0]
