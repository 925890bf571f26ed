"""What the node sees at the moment of a decision, made into plans and situations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from gadfly.act.automation import Terms, terms
from gadfly.act.clock.jump import Jumps
from gadfly.act.grants import grant
from gadfly.act.grants.policy import Policy
from gadfly.act.guard.grant import judged
from gadfly.act.plan import Input, Plan, Signal, Target
from gadfly.act.plans import planning
from gadfly.act.plans.planning import NOTHING, Supplied
from gadfly.act.situation import Freeze, Sight, Situation
from gadfly.act.view import WORKING, View
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import Refused
from gadfly.monitor.subject import Subject

MINUTE = 60.0
PICTURE = "picture"
"""The name of the input that every plan is made from."""


class Scene:
    """One for a node. At each decision it asks `sight`, `witness` (the time of the newest cosignature, wall
    seconds), `versions` (by executor) and `doubt` (why the ledger is not believed; empty: it is)."""

    def __init__(
        self,
        config: Config,
        view: View,
        clock: Clock,
        *,
        sight: Callable[[], Sight] = Sight,
        witness: Callable[[], float] = lambda: 0.0,
        versions: Callable[[], Mapping[str, str]] = dict,
        doubt: Callable[[], str] = str,
    ) -> None:
        self.view = view
        self._clock = clock
        self._sight = sight
        self._witness = witness
        self._versions = versions
        self._doubt = doubt
        self._jumps = Jumps(clock)
        self.config = config
        self._policy: Policy
        self._terms: dict[str, Terms]
        self._freezes: tuple[Freeze, ...]
        self.configure(config)

    def configure(self, config: Config) -> None:
        """From now on by these rules."""
        self.prepare(config)()

    def prepare(self, config: Config) -> Callable[[], None]:
        """Read these rules; raises where they cannot be. What is returned puts them in force, and cannot
        fail."""
        policy: Policy = grant.rules(config.grant, config.automation)
        found = {name: terms(name, one) for name, one in config.automation.items()}
        freezes = tuple(
            Freeze(
                name=name,
                on=one.on,
                starts=one.starts.timestamp(),
                ends=one.ends.timestamp(),
                who=one.owner,
                because=one.because,
            )
            for name, one in config.freeze.items()
        )

        def take() -> None:
            self.config, self._policy, self._terms, self._freezes = config, policy, found, freezes

        return take

    def situation(self, plan: Plan) -> Situation:
        """What is seen now. What is written down, the book adds."""
        return Situation(
            now=self._clock.wall(),
            witness=self._witness(),
            steady=self._jumps.steady(),
            rules=self.config.gate,
            terms=self._terms.get(plan.automation),
            policy=self._policy,
            fleet=self.view.fleet(),
            sight=self._sight(),
            lost=self.view.lost(MINUTE),
            versions=dict(self._versions()),
            doubt=self._doubt(),
            freezes=self._freezes,
        )

    def plan(
        self,
        name: str,
        subjects: Iterable[Subject],
        words: str = "",
        state: str = "",
        supplied: Supplied = NOTHING,
    ) -> Plan:
        """What the automation would do to these components. Refused where it is not declared, or to nothing.

        `state`: the word that called for it, which must be seen twice to count as two signals.
        """
        automation = self.config.automation.get(name)
        if automation is None:
            raise Refused(f"No automation {name[:200]!r} is declared.", 404)
        found = list(subjects)
        return planning.plan(
            name,
            automation,
            [self._target(one, automation.cells) for one in found],
            inputs=self._inputs(),
            made=self._clock.wall(),
            trigger=words,
            signals=self._signals(found, state),
            supplied=supplied,
        )

    def by_hand(self, plan: Plan, who: str) -> Plan:
        """The plan as `who` wants it: in its own name where somebody granted it this on every target; else in
        the automation's, which needs somebody else's approval."""
        at = self._clock.wall()
        own = all(judged(self._policy, who, plan, one, at).permitted for one in plan.targets)
        return msgspec.structs.replace(plan, principal=who if own else plan.principal, asked_by=who)

    def afresh(self, plan: Plan, names: Iterable[str] = ()) -> Plan:
        """The same act, planned from what is seen now; on some of its targets where `names` are given.

        What somebody else read for it (`plan.inputs` besides the picture) cannot be read anew here: it is as
        old as it is, and the gate judges that. With `names` it is a part of an act that was allowed by it.
        Refused where a target is not known any more.
        """
        automation = self.config.automation.get(plan.automation)
        names = frozenset(names)
        wanted = names or {target.name for target in plan.targets}
        subjects = []
        for target in plan.targets:
            if target.name in wanted:
                subject = self.view.subject(target.name)
                if subject is None:
                    raise Refused(f"{target.name} is not known any more; this needs another plan.", 409)
                subjects.append(subject)
        targets = tuple(self._target(one, automation.cells if automation else "") for one in subjects)
        cells = {target.cell for target in targets}
        return msgspec.structs.replace(
            plan,
            targets=targets,
            cells=tuple(cell for cell in plan.cells if cell in cells),
            cost=plan.cost if len(targets) == len(plan.targets) else _share(plan, len(targets)),
            inputs=self._inputs() + (() if names else _read(plan)),
            made=self._clock.wall(),
        )

    def _target(self, subject: Subject, cells: str) -> Target:
        seen = self.view.see(subject.name)
        return planning.target(subject, cells=cells, well=seen is not None and seen.verdict in WORKING)

    def _inputs(self) -> tuple[Input, ...]:
        sight = self._sight()
        return (Input(name=PICTURE, at=self._clock.wall() - sight.lag, complete=sight.ear),)

    def _signals(self, subjects: list[Subject], state: str) -> tuple[Signal, ...]:
        """The sources that each say of all of them that something is wrong, and since when."""
        found: dict[str, list[float]] = {}
        since = dict(self.view.standing(state)) if state else {}
        for subject in subjects:
            seen = self.view.see(subject.name)
            if subject.name in since:
                found.setdefault("heartbeat", []).append(since[subject.name])
            failing = [one.since for one in seen.probes if one.outcome.name == "fail"] if seen else []
            if failing:
                found.setdefault("probe", []).append(min(failing))
        return tuple(
            Signal(source=source, since=max(times))
            for source, times in sorted(found.items())
            if len(times) == len(subjects)
        )


def _read(plan: Plan) -> tuple[Input, ...]:
    """What it was planned from besides the picture."""
    return tuple(one for one in plan.inputs if one.name != PICTURE)


def _share(plan: Plan, count: int) -> float:
    """What so many of its targets cost."""
    return plan.cost * count / len(plan.targets)
