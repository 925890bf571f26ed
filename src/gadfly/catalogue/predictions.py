"""What must hold of predictions: expressions that can be parsed, owners that there are, bounds."""

from __future__ import annotations

from gadfly.act.grants import selector
from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.config.predict import Prediction
from gadfly.errors import QueryError
from gadfly.predict.alarm import a_week
from gadfly.predict.prediction import EARLY
from gadfly.promql.check import check as kind_of
from gadfly.promql.parse import parse, parse_selector

MAX_NAME = 100
MOST = 200
"""Predictions that may be declared: each is a question about many series."""
BECAUSE = 10
"""Characters that a reason has at least, where one is given."""
LABELS = 32
LACKS = {
    "of": 'say in PromQL what fills, as disk_free_bytes; or which components fail: fails = "group = …"',
    "full": 'say where it is full: "0" for what runs out, or the series of its size',
}
DAY = 86_400.0


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[predict]` and `[prediction.NAME]`."""
    settings = config.predict
    report.within(("predict", "window"), settings.window, DAY, 731 * DAY, seconds=True)
    if settings.report:
        report.test(("predict", "report"), values.cron, settings.report)
    report.within(("predict", "within"), settings.within, 60, 30 * DAY, seconds=True)
    report.test(("predict", "of"), _selector, settings.of)
    if settings.budget:
        report.test(("predict", "budget"), _budget, settings.budget)
    if settings.budget and settings.owner not in config.owner:
        report.say(("predict", "owner"), f'there is no [owner."{settings.owner}"]; who is told of warnings?')
    if len(config.prediction) > MOST:
        report.say(("prediction",), f"{len(config.prediction)} predictions; at most {MOST}")
    for name, one in config.prediction.items():
        _prediction(report, ("prediction", name), name, config, one)


def _prediction(report: Report, path: Path, name: str, config: Config, one: Prediction) -> None:
    if not name or len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        report.say(path, f"a name is 1 to {MAX_NAME} printable characters, without blanks around it")
    if name == EARLY:
        report.say(path, f'"{EARLY}" is the predictor that looks at every series; choose another name')
    if one.owner not in config.owner:
        report.say((*path, "owner"), f'there is no [owner."{one.owner}"]; who answers for this prediction?')
    if one.because and len(one.because.strip()) < BECAUSE:
        report.say((*path, "because"), f"say why it matters in {BECAUSE} characters or more, or leave it out")
    if one.fails:
        report.test((*path, "fails"), selector.parse, one.fails)
        if one.of or one.full:
            report.say((*path, "fails"), "what fails does not fill; write `fails`, or `of` and `full`")
        report.within((*path, "act"), one.act, 3600, 30 * DAY, seconds=True)
    elif not one.of or not one.full:
        lacks = "full" if one.of else "of"
        report.say(path, f"`{lacks}` is missing; {LACKS[lacks]}")
    else:
        _expression(report, (*path, "of"), one.of, ("vector",))
        _expression(report, (*path, "full"), one.full, ("scalar", "vector"))
        if one.full.strip().lower().lstrip("+-") in ("nan", "inf"):
            report.say((*path, "full"), "this is no limit; write the number at which it is full")
    report.test((*path, "budget"), _budget, one.budget)
    report.within((*path, "act"), one.act, 60, 60 * DAY, seconds=True)
    report.within((*path, "every"), one.every, 1, DAY, seconds=True)
    report.within((*path, "history"), one.history, 2 * DAY, 731 * DAY, seconds=True)
    report.within((*path, "chance"), one.chance, 0.01, 0.99)
    if one.every > one.act:
        report.say((*path, "every"), "it would be looked at less often than its owner needs to act")
    if len(one.labels) > LABELS:
        report.say((*path, "labels"), f"{len(one.labels)} labels; at most {LABELS}")
    for label in one.labels:
        report.test((*path, "labels", label), values.label, label)
        if label in ("alertname", "severity", "__name__"):
            report.say((*path, "labels", label), "this label is the prediction's own; take it out")


def _budget(text: str) -> None:
    try:
        a_week(text)
    except ValueError:
        raise ValueError(
            f'"{text[:80]}" is not a budget; write "2 alarms a week" or "1 alarm a day"'
        ) from None


def _expression(report: Report, path: Path, text: str, kinds: tuple[str, ...]) -> None:
    try:
        kind = kind_of(parse(text), text)
    except QueryError as error:
        report.say(path, str(error))
        return
    if kind not in kinds:
        form = "a number or series" if "scalar" in kinds else "series"
        report.say(path, f"this is a {kind}; write an expression that gives {form} at each time")


def _selector(text: str) -> None:
    try:
        parse_selector(text)
    except QueryError as error:
        raise ValueError(str(error)) from None
