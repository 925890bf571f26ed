"""A first draft of a function and its table, from what a job was seen to do. Pure; text to go on from."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import NamedTuple

from gadfly.functions.function import LONGEST
from gadfly.functions.survey.job import Job
from gadfly.functions.survey.needs import Needs
from gadfly.functions.survey.request import placed, struck
from gadfly.functions.survey.verdict import OFTEN, Verdict

REVIEW = 182
"""Days until its first review: half a year."""


class Draft(NamedTuple):
    """`table` for the catalogue, `code` for the file that it names."""

    table: str
    code: str


def draft(job: Job, needs: Needs, verdict: Verdict, owner: str, today: dt.date) -> Draft:
    """For a job that is fit, or is to be rewritten."""
    module = job.name.replace("-", "_")
    if module[0].isdigit():
        module = f"job_{module}"
    seconds = OFTEN if job.seconds is None else min(LONGEST, max(OFTEN, 3 * job.seconds))
    lines = [
        f"# From {_plain(f'{job.source}: {job.when} {job.user} {struck(job.command)[:200]}')}",
        *(f"# {_plain(one)}" for one in verdict.reasons),
        f"[function.{job.name}]",
        f"file = {_quoted(f'functions/{module}.py')}",
        f"owner = {_quoted(owner)}",
        f"purpose = {_quoted(job.about or f'Does what {job.source} did: say here why, and to what.')}",
        *([f"on = {_quoted(f'schedule: {job.schedule}')}"] if job.schedule else []),
        f"grants = [{', '.join(_quoted(one) for one in verdict.grants)}]",
        f'limits = {{ time = "{math.ceil(seconds)}s" }}',
        f"review = {(today + dt.timedelta(days=REVIEW)).isoformat()}",
        "",
    ]
    return Draft("\n".join(lines), _code(job, needs, verdict))


def _code(job: Job, needs: Needs, verdict: Verdict) -> str:
    granted = {one.partition(" ")[2] for one in verdict.grants}
    lines = [f"# What {_plain(job.source)} did.", ""]
    calls = [(method, address) for method, address in needs.calls if address.partition("?")[0] in granted]
    if calls:
        lines += ["import gadfly_fn", ""]
    lines += ["", "def handler(event, context):"]
    lines += [f"    # {_plain(line)}" for line in struck(job.command).splitlines()[:20]]
    if calls and needs.sends:
        lines.append(
            f"    # It sent {_plain(', '.join(needs.sends[:6]))}: a credential is {{secret:NAME}} in it."
        )
    for number, (method, address) in enumerate(calls, 1):
        lines += [
            f"    answer{number} = gadfly_fn.http({_quoted(method)}, {_quoted(placed(address, job.name))})",
            f"    print({_quoted(method + ' ' + address.partition('?')[0])}, answer{number}.status)",
        ]
    ok = [f"answer{number}.status" for number in range(1, len(calls) + 1)]
    lines.append(f'    return {{"status": [{", ".join(ok)}]}}')
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A basic string of TOML: what JSON writes is one, but for DEL."""
    return json.dumps(_plain(text), ensure_ascii=False)


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isprintable())
