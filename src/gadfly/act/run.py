"""The run of an act that was allowed: stage after stage, and what another than the actor measures of each.

The first stage is one target, the canary; then the rest of its cell, then cell after cell as the plan has
them. Each stage waits for the post-condition of the one before. What fails, or is not shown to have worked,
ends the run: no further target is touched.

==========  =========================================================================================
verified    every target, or the one that stands for its group, was acted on and measured to be as it must
partial     that holds of all on which anything was begun; the rest was refused, stopped or not possible
failed      something was begun that did not work, or was not shown to
cancelled   nothing at all was begun, so nothing needs to be measured
==========  =========================================================================================

An effect that is `unknown` to its actor is measured like any other. A run that is torn off (the process ends)
leaves its intent open; it is resolved by measuring, never by doing it again: see :meth:`Run.measure_again`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

import msgspec

from gadfly.act import action
from gadfly.act.action.effect import Effect, State
from gadfly.act.executing.executor import Executor
from gadfly.act.plan import Plan, Target
from gadfly.act.plans import expect
from gadfly.act.plans.expect import (
    Facts,
    Judgement,
    Mark,
    Standing,
    Watch,
)
from gadfly.act.view import View
from gadfly.clock import Clock
from gadfly.errors import Refused

LOOK = 0.25
"""Seconds between looks at the picture."""
ASK = 5.0
"""Seconds between enquiries of a target's probes while its post-condition is waited for."""

Word = Literal["verified", "partial", "failed", "cancelled"]
NOTHING: Mapping[str, bool] = {}


class Steps(Protocol):
    """What is asked and written between the stages of one act."""

    async def permit(self, cell: str, left: tuple[Target, ...], first: bool) -> str:
        """A fresh permission for this cell; `left` are the targets not yet touched. Refused, with the reason,
        where the rest may not be done any more."""

    async def verified(self, cell: str, measured: dict[str, str]) -> None:
        """A cell is done, and others follow: what it held may be released."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one target."""

    target: str
    state: Literal["verified", "failed", "unstarted", "untouched"]
    effect: Effect | None = None
    """What the actor said; None where it was never its turn."""
    seen: str = ""
    """What was measured, in words."""

    @property
    def words(self) -> str:
        """What was measured; else what the actor said."""
        return self.seen or (self.effect.words if self.effect else "")

    @property
    def touched(self) -> bool:
        """Whether anything was begun on it."""
        return self.effect is not None and self.effect.state is not State.unstarted


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an act."""

    state: Word
    words: str
    """One line for people."""
    output: str = ""
    """What the actor said on the target for which it failed; it may say anything of anybody."""
    results: tuple[Result, ...] = ()

    @property
    def why(self) -> str:
        """Why nothing could be begun; else its words."""
        return next((one.effect.words for one in self.results if one.effect and not one.touched), self.words)

    @property
    def touched(self) -> tuple[str, ...]:
        """The targets on which something was begun."""
        return tuple(result.target for result in self.results if result.touched)

    @property
    def untouched(self) -> tuple[str, ...]:
        """The targets on which nothing was begun."""
        return tuple(result.target for result in self.results if not result.touched)


def stages(plan: Plan) -> list[tuple[Target, ...]]:
    """The canary, the rest of its cell, then cell after cell. Where an action is done once for a group, one
    target stands for its group."""
    kind, _ = action.find(plan.action, plan.argument)
    targets = plan.targets
    if not kind.each:
        targets = tuple({target.group: target for target in reversed(targets)}.values())[::-1]
    cells = plan.cells or tuple(dict.fromkeys(target.cell for target in targets))
    found: list[tuple[Target, ...]] = []
    for cell in cells:
        here = tuple(target for target in targets if target.cell == cell)
        found += [here] if found else [here[:1], here[1:]]
    return [stage for stage in found if stage]


class Run:
    """Carries acts out by one executor, and measures them by one view."""

    def __init__(self, executor: Executor, view: View, clock: Clock) -> None:
        self._executor = executor
        self._view = view
        self._clock = clock

    async def carry_out(self, plan: Plan, steps: Steps, worked: Mapping[str, bool] = NOTHING) -> Course:
        """All stages, or up to the first that did not work. The plan is allowed and its intent written.

        `worked`: by target, whether it worked before what this act takes back; else the plan says it.
        """
        results: list[Result] = []
        waiting, refusal = stages(plan), ""
        while waiting and not refusal and all(result.state == "verified" for result in results):
            cell = waiting[0][0].cell
            try:
                left = tuple(target for stage in waiting for target in stage)
                permission = await steps.permit(cell, left, not results)
            except Refused as error:
                refusal = str(error)
                break
            stage = waiting.pop(0)
            done = await asyncio.gather(*(self._one(plan, target, permission, worked) for target in stage))
            results += done
            ended = not waiting or waiting[0][0].cell != cell
            if waiting and ended and all(result.state == "verified" for result in done):
                await steps.verified(cell, measured(results))
        results += [Result(target=target.name, state="untouched") for stage in waiting for target in stage]
        return _course(results, refusal)

    async def measure_again(self, plan: Plan, worked: Mapping[str, bool] = NOTHING) -> Course:
        """Resolve an act whose end nobody saw, by what holds from now on, in its post-condition's time. What
        runs still as it did when the plan was proposed was not restarted by it."""
        now = self._clock.monotonic()
        judged = await asyncio.gather(
            *(
                self._measured(plan, target, _mark(target, now, target.incarnation, worked))
                for target in plan.targets
            )
        )
        bad = [(one, said) for one, said in zip(plan.targets, judged, strict=True) if said.standing != "met"]
        if bad:
            target, said = bad[0]
            return Course(state="failed", words=f"its end was not seen, and {target.name}: {said.words}")
        return Course(state="verified", words="its end was not seen; what it was for holds")

    async def _one(self, plan: Plan, target: Target, permission: str, worked: Mapping[str, bool]) -> Result:
        before = self._view.see(target.name)
        effect = await self._executor.perform(permission, plan, target)
        if effect.state is State.unstarted:
            return Result(target=target.name, state="unstarted", effect=effect)
        mark = _mark(target, self._clock.monotonic(), before.incarnation if before else 0, worked)
        judged = await self._measured(plan, target, mark)
        # An actor that says it failed is believed; one that says it worked is not.
        said_no = effect.state is State.finished and not effect.ok
        good = judged.standing is Standing.met and not said_no
        return Result(
            target=target.name, state="verified" if good else "failed", effect=effect, seen=judged.words
        )

    async def _measured(self, plan: Plan, target: Target, mark: Mark) -> Judgement:
        """Look until the post-condition holds, or its time is over."""
        clauses = expect.parse(plan.expect)
        watch, asked = Watch(clauses, mark), float("-inf")
        while True:
            now = self._clock.monotonic()
            if now - asked >= ASK:
                asked = now
                self._view.ask(target.name)
            judged = watch.look(self._facts(target, clauses), now)
            if judged.standing is not Standing.waiting:
                return judged
            await self._clock.sleep(LOOK)

    def _facts(self, target: Target, clauses: tuple[expect.Clause, ...]) -> Facts:
        crowd = any(clause.about == "group" for clause in clauses)
        return Facts(
            component=self._view.see(target.name),
            group=self._view.members(target.group) if crowd else (),
        )


def _mark(target: Target, ended: float, incarnation: int, worked: Mapping[str, bool]) -> Mark:
    return Mark(ended=ended, incarnation=incarnation, well=worked.get(target.name, target.well))


def measured(results: Iterable[Result]) -> dict[str, str]:
    """By target, what was found, in words: for the ledger."""
    return {result.target: f"{result.state}: {result.words}".removesuffix(": ") for result in results}


def _course(results: list[Result], refusal: str) -> Course:
    done = tuple(results)
    touched = sum(result.touched for result in done)
    verified = sum(result.state == "verified" for result in done)
    # Whatever began and is not verified has failed; what never began did nobody any harm.
    bad = next((result for result in done if result.touched and result.state != "verified"), None)
    shown = bad or next((result for result in done if result.state == "unstarted"), None)
    words, output = f"{verified} of {len(done)} verified", ""
    if shown is not None:
        said = (shown.effect.words if shown.effect else "", shown.seen)
        words += f", {touched} touched; {shown.target}: {'; '.join(filter(None, said))}"
        output = shown.effect.output if shown.effect else ""
    if refusal:
        words += f"; the rest was not done: {refusal}"
    state: Word = "failed"
    if not touched:
        state = "cancelled"
    elif bad is None:
        state = "verified" if verified == len(done) else "partial"
    return Course(state=state, words=words, output=output, results=done)
