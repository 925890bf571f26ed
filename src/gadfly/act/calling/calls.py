"""What calls for an automation now: states that last, alerts that fire, schedules that are due.

A state counts from when it was first seen here to stand, on the monotonic clock: no jump of the wall clock
calls for anything, and after a start everything is looked at for as long as anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from gadfly.act.calling.trigger import Trigger
from gadfly.act.calling.trigger import parse as parse_trigger
from gadfly.act.grants import selector
from gadfly.act.plan import Plan
from gadfly.act.view import View
from gadfly.clock import Clock
from gadfly.config.act import Automation
from gadfly.monitor import jobs
from gadfly.monitor.subject import Subject

FEW = 1000
"""Components that call one automation at a time at most, chosen after its selector: more are a storm. What
one selects is never hidden by what it does not, up to the most that the view tells of one state."""


Predicted = Callable[[str, float], Mapping[str, float]]
"""By a prediction's name and a probability: the components, and a number that stays while they stand."""


def nothing_predicted(name: str, level: float) -> Mapping[str, float]:
    """Where there are no predictions."""
    return {}


class Call(NamedTuple):
    """One automation, and what it is called to."""

    automation: str
    words: str
    subjects: tuple[Subject, ...] | None
    """None: all that it selects, whoever that is when it runs."""
    state: str = ""
    """The word of the picture that called."""


class _Held(NamedTuple):
    since: float
    """As the picture has it, to notice that it ended and began again."""
    seen: float
    """Monotonic seconds of the first look."""


class Calls:
    """`alerting` gives the components of which an alert fires, and since when (wall seconds); `predicted`
    those of which a prediction foretells its event with more than a probability."""

    def __init__(
        self,
        view: View,
        clock: Clock,
        alerting: Callable[[], Mapping[str, float]] = dict,
        predicted: Predicted = nothing_predicted,
    ) -> None:
        self._view = view
        self._clock = clock
        self._alerting = alerting
        self._predicted = predicted
        self._triggers: dict[str, tuple[Automation, Trigger]] = {}
        self._held: dict[tuple[str, str], _Held] = {}
        self._due: dict[str, float] = {}

    def configure(self, automations: Mapping[str, Automation]) -> None:
        """From now on by these. A schedule that is still the same keeps its next turn."""
        before, wall = self._triggers, self._clock.wall()
        self._triggers = {name: (one, parse_trigger(one.on)) for name, one in automations.items() if one.on}
        for name, (_, trigger) in self._triggers.items():
            same = name in before and before[name][1].schedule == trigger.schedule
            if trigger.kind == "schedule" and not (same and name in self._due):
                self._turn(name, trigger, wall)
        self._due = {name: due for name, due in self._due.items() if name in self._triggers}

    def look(self) -> list[Call]:
        """All that calls now. What still stands calls again at the next look: the caller paces itself."""
        found: list[Call] = []
        fresh: dict[tuple[str, str], _Held] = {}
        for name, (automation, trigger) in self._triggers.items():
            if trigger.kind == "schedule":
                if (due := self._due.get(name)) is not None and self._clock.wall() >= due:
                    self._turn(name, trigger, self._clock.wall())
                    found.append(Call(name, f"schedule: {trigger.schedule}", None))
            elif trigger.kind != "manual":
                subjects = self._standing(name, automation, trigger, fresh)
                if subjects:
                    state = trigger.state if trigger.kind == "component" else ""
                    found.append(Call(name, automation.on, subjects, state))
        self._held = fresh
        return found

    def over(self, plan: Plan) -> str:
        """Why nothing calls for this plan any more, in words; empty where it still is called for, or nothing
        but its time or a person ever called for it."""
        if plan.automation not in self._triggers or plan.undoes:
            return ""
        _, trigger = self._triggers[plan.automation]
        if trigger.kind not in ("component", "alert", "prediction"):
            return ""
        alerting = self._alerting() if trigger.kind == "alert" else {}
        for target in plan.targets:
            seen = self._view.see(target.name)
            if trigger.kind == "alert":
                if target.name not in alerting:
                    return f"no alert fires of {target.name} any more"
            elif trigger.kind == "prediction":
                if target.name not in self._predicted(trigger.state, trigger.level):
                    return (
                        f"{trigger.state} is not foretold of {target.name} with so much probability any more"
                    )
            elif seen is not None and trigger.state not in (seen.verdict.name, seen.liveness.name):
                return f"{target.name} is not {trigger.state} any more, it is {seen.verdict.name}"
        return ""

    def _standing(
        self,
        name: str,
        automation: Automation,
        trigger: Trigger,
        fresh: dict[tuple[str, str], _Held],
    ) -> tuple[Subject, ...]:
        """Those of the selector for which it lasts long enough; `fresh` gets all for which it lasts."""
        now, word = self._clock.monotonic(), trigger.state or "alert"
        standing: Iterable[tuple[str, float]]
        if trigger.kind == "component":
            standing = self._view.standing(trigger.state)
        elif trigger.kind == "prediction":
            standing = self._predicted(trigger.state, trigger.level).items()
        else:
            standing = list(self._alerting().items())
        matches = selector.parse(automation.targets or trigger.selector)
        found, count = [], 0
        for component, since in standing:
            subject = self._view.subject(component)
            if subject is None or not matches(subject):
                continue
            if (count := count + 1) > FEW:
                break
            held = self._held.get((name, component))
            if held is None or held.since != since:
                held = _Held(since, now)
            fresh[name, component] = held
            if trigger.calls(frozenset({word}), held.seen, now):
                found.append((held.seen, component, subject))
        return tuple(subject for *_, subject in sorted(found, key=lambda one: one[:2]))

    def _turn(self, name: str, trigger: Trigger, wall: float) -> None:
        due = jobs.next_due(jobs.Plan(schedule=trigger.schedule), wall)
        self._due.pop(name, None)
        if due is not None:
            self._due[name] = due
