"""What must hold of questions: a time that comes, thresholds with a reason, bounds."""

from __future__ import annotations

import math
import re

from gadfly.catalogue import values
from gadfly.catalogue.report import Report
from gadfly.config import Config

BECAUSE = 10
"""Characters that a reason has at least."""
KINDS = 500
"""Kinds that may be set apart."""
THRESHOLDS = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_THRESHOLD = re.compile(r"[a-z][a-z0-9_]{0,31}")


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[ask]` and `[ask.kind.NAME]`."""
    ask = config.ask
    report.test(("ask", "at"), values.cron, ask.at)
    report.within(("ask", "memory_mb"), ask.memory_mb, 64, 65_536)
    report.within(("ask", "rows"), ask.rows, 0, 50_000_000)
    report.within(("ask", "series"), ask.series, 0, 200_000)
    if len(ask.kind) > KINDS:
        report.say(("ask", "kind"), f"{len(ask.kind)} kinds are set apart; at most {KINDS}")
    for name, one in ask.kind.items():
        path = ("ask", "kind", name)
        if not _NAME.fullmatch(name):
            report.say(path, "a kind is named as never-near: small letters, digits and dashes")
        if (one.muted or one.threshold) and len(one.because.strip()) < BECAUSE:
            report.say((*path, "because"), f"say in {BECAUSE} characters or more why this place differs")
        if one.review is not None and not one.muted:
            report.say((*path, "review"), "it ends a muting; write muted = true, or leave it out")
        if len(one.threshold) > THRESHOLDS:
            report.say((*path, "threshold"), f"{len(one.threshold)} thresholds; at most {THRESHOLDS}")
        for threshold, number in one.threshold.items():
            if not _THRESHOLD.fullmatch(threshold):
                report.say((*path, "threshold", threshold), "a threshold is named as the kind names it")
            elif not math.isfinite(number):
                report.say((*path, "threshold", threshold), "a threshold is a number; write one")
