"""What an HTTP answer must be like, and the verdict on one that came."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from gadfly.config.probe import HttpProbe
from gadfly.monitor.probe import certificate, health, json_path
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.expression import compiled
from gadfly.monitor.probe.request import Target
from gadfly.monitor.probe.response import Response
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.wording import line

SHOWN = 200
"""Characters of a body that are kept."""

_GRAVITY = {Outcome.passing: 0, Outcome.warn: 1, Outcome.unknown: 2, Outcome.fail: 3}
Finding = tuple[Outcome, str]


class Answer(NamedTuple):
    target: Target
    """What was asked last, behind all redirects."""
    method: str
    response: Response
    certificate_ends: float | None
    """Unix time of the nearest end of the certificates seen."""


class Assertions:
    """The assertions of one spec, prepared. :raises ValueError: if one of them cannot be used."""

    __slots__ = ("_paths", "_spec", "_wants_json", "accepted")

    def __init__(self, spec: HttpProbe) -> None:
        self._spec = spec
        self.accepted = frozenset((spec.status,) if isinstance(spec.status, int) else spec.status)
        self._paths = [(path, json_path.parse(path), wanted) for path, wanted in spec.json.items()]
        for pattern in (spec.contains, spec.lacks):
            try:
                compiled(pattern)
            except re.error as error:
                raise ValueError(f'"{pattern[:80]}" is not a regular expression: {error}') from None
        certificate.least(spec.certificate)

    async def judge(
        self, answer: Answer, seconds: float, phases: dict[str, float], context: Context
    ) -> Result:
        """The worst finding decides and is the reason; of equals the first."""
        response = answer.response
        asked = f"{answer.method} {line(answer.target.place)}"
        findings = self._about_status(asked, response)
        if answer.certificate_ends is not None:
            findings.append(
                certificate.judge(answer.certificate_ends, context.clock.wall(), self._spec.certificate)
            )
        if self._spec.contains or self._spec.lacks:
            findings += await self._about_text(asked, response, context)
        if self._spec.slow and seconds > self._spec.slow:
            findings.append((Outcome.warn, f"{asked} took {seconds:.3g} s, more than {self._spec.slow:g} s"))
        outcome, reason = max(findings, key=lambda finding: _GRAVITY[finding[0]])
        return Result(
            outcome=outcome,
            reason=reason,
            seconds=seconds,
            phases=phases,
            certificate_expires=answer.certificate_ends,
            output=""
            if outcome is Outcome.passing
            else response.body[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN],
        )

    def _about_status(self, asked: str, response: Response) -> list[Finding]:
        """Status, health body and JSON paths."""
        status = response.status
        good = status in self.accepted if self.accepted else 200 <= status < 300
        words = f"{asked} answered {status}"
        is_health = self._spec.health and health.is_health(response.headers.get("content-type", ""))
        if not is_health and not self._paths:
            return [(Outcome.passing if good else Outcome.fail, words)]
        problem, body = _decoded(response)
        findings: list[Finding] = []
        told = health.read(body) if is_health else None
        if told is not None:
            told_words = f"{words}: {told.reason}" if told.reason else f"{words}, health {told.outcome.name}"
            # A service that says `fail` with status 200 is not well; one that says `pass` with 503 neither.
            findings.append((told.outcome if good else Outcome.fail, told_words if told.outcome else words))
        else:
            findings.append((Outcome.passing if good else Outcome.fail, words))
        if self._paths and problem:
            findings.append((Outcome.fail, f"{words}, but {problem}"))
        elif self._paths:
            findings += [self._about_path(asked, body, *path) for path in self._paths]
        return findings

    @staticmethod
    def _about_path(
        asked: str,
        body: object,
        path: str,
        steps: tuple[str | int, ...],
        wanted: str | int | float | bool | None,
    ) -> Finding:
        try:
            found = json_path.look(body, steps)
        except json_path.Absent:
            return Outcome.fail, f"{asked}: {path} is not in the answer"
        if json_path.equal(found, wanted):
            return Outcome.passing, ""
        return Outcome.fail, f"{asked}: {path} is {_json(found)}, not {_json(wanted)}"

    async def _about_text(self, asked: str, response: Response, context: Context) -> list[Finding]:
        findings: list[Finding] = []
        text = response.body.decode("utf-8", "replace")
        for pattern, good, words in (
            (self._spec.contains, True, "lacks"),
            (self._spec.lacks, False, "contains"),
        ):
            if not pattern:
                continue
            found = await context.judge.matches(pattern, text)
            if found is None:
                findings.append(
                    (Outcome.unknown, f'{asked}: "{line(pattern)}" takes too long on this body; simplify it')
                )
            elif found is not good:
                encoding = response.headers.get("content-encoding", "identity")
                hint = (
                    ""
                    if encoding == "identity"
                    else f" (it is {line(encoding, 20)}, which we did not ask for)"
                )
                findings.append((Outcome.fail, f'{asked}: the body {words} "{line(pattern)}"{hint}'))
        return findings


def _decoded(response: Response) -> tuple[str, object]:
    """``(problem, value)`` of a JSON body."""
    if response.cut:
        return "its body is longer than the limit", None
    try:
        return "", msgspec.json.decode(bytes(response.body))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "its body is not JSON", None


def _json(value: object) -> str:
    return line(msgspec.json.encode(value).decode())
