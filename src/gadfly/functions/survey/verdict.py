"""Whether a job is fit to become a function, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from gadfly.errors import ConfigError
from gadfly.functions import grant
from gadfly.functions.function import LONGEST
from gadfly.functions.survey.job import Job
from gadfly.functions.survey.needs import Needs
from gadfly.functions.survey.request import struck
from gadfly.functions.trigger import cron

OFTEN = 60.0
"""Seconds of its limit at least, however short it ran: the next run may be longer."""


class Verdict(NamedTuple):
    """`fit`: as it is, or nearly; `rewrite`: it does nothing that a function could not, in another language;
    `no`.

    `reasons`: a sentence each, what stands in the way first. `grants`: what it would need, as far as it
    shows.
    """

    fit: Literal["fit", "rewrite", "no"]
    reasons: tuple[str, ...]
    grants: tuple[str, ...]


def judge(job: Job, needs: Needs) -> Verdict:
    """Look at one job."""
    against = list(_against(job, needs))
    work, grants = _work(needs)
    if needs.credential:
        grants = (*grants, f"secret:use {job.name}")
    if against:
        return Verdict("no", (*against, *work), grants)
    known = (
        [f"it ran {job.seconds:.3g} s when it ran last, of {LONGEST:g} s that a function may"]
        if job.seconds is not None
        else ["how long it runs is not known: `gadfly exec` in front of it would tell"]
    )
    if job.user == "root":
        known = [*known, "it runs as root, and nothing in it needs that"]
    if needs.sends:
        known = [f"it sends {_some(needs.sends)}, which a draft leaves out: write it there", *known]
    if needs.credential:
        known = [f"it sends a credential: keep it as the secret {job.name}, and nowhere else", *known]
    if not job.schedule:
        work = [*work, f"its times ({job.when or 'none'}) are to be written as cron has them"]
    if needs.language == "python" and not work:
        return Verdict("fit", ("it only computes and speaks HTTP", *known), grants)
    return Verdict("rewrite", (*work, *known), grants)


def _against(job: Job, needs: Needs) -> Iterator[str]:
    if job.when == "@reboot" or job.when.startswith("at the start"):
        yield "it runs when the machine starts, and a function does not know of that"
    elif job.schedule:
        try:
            cron.parse(job.schedule)
        except ValueError as error:
            yield f"its schedule is none: {error}"
    if not job.command:
        yield "what it runs is not written where it was looked for"
    if needs.privileged:
        yield f"it needs rights over the machine: {_some(needs.privileged)}"
    if needs.files:
        yield f"it works on files of this machine, which a function does not see: {_some(needs.files)}"
    if needs.network:
        yield f"it speaks something else than HTTP: {_some(needs.network)}"
    if needs.programs:
        yield f"it runs programs that are not there in a function: {_some(needs.programs)}"
    if job.seconds is not None and job.seconds > LONGEST:
        yield f"it ran {job.seconds:.0f} s, and a function may run {LONGEST:g} s"
    for method, address in needs.calls:
        if _granted(method, address) is None and "$" not in address:
            yield (
                f"it asks {struck(address.partition('?')[0])[:100]}, which no grant can name: "
                f"{_why(method, address)}"
            )


def _work(needs: Needs) -> tuple[list[str], tuple[str, ...]]:
    words: list[str] = []
    if needs.language != "python":
        words.append(f"it is written in {needs.language}: a function is Python")
    if needs.modules:
        words.append(f"it uses modules that it must bring along: {_some(needs.modules)}")
    grants: list[str] = []
    for method, address in needs.calls:
        line = _granted(method, address)
        if line is not None:
            grants.append(line)
        elif "$" in address:
            words.append(
                f"an address is put together when it runs ({struck(address)[:80]}): its grant is to be "
                f"written by hand"
            )
    return words, tuple(dict.fromkeys(grants))


def _granted(method: str, address: str) -> str | None:
    if "$" in address or "{" in address:
        return None
    try:
        return str(grant.parse(f"http:{method} {address.partition('?')[0].partition('#')[0]}"))
    except ConfigError:
        return None


def _why(method: str, address: str) -> str:
    try:
        grant.parse(f"http:{method} {address.partition('?')[0]}")
    except ConfigError as error:
        return str(error).rpartition(": ")[2].partition(";")[0]
    return ""


def _some(words: list[str]) -> str:
    shown = ", ".join(one[:60] for one in words[:6])
    return f"{shown} and {len(words) - 6} more" if len(words) > 6 else shown
