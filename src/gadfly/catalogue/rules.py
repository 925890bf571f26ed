"""What must hold of rules: expressions that can be parsed, owners that there are, files that are right."""

from __future__ import annotations

from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.config.rules import Rule
from gadfly.errors import ConfigError, QueryError
from gadfly.rules import declared, files
from gadfly.rules.go_value import TemplateError

MAX_NAME = 100
BECAUSE = 10
"""Characters that a reason has at least: `x` is none."""
LABELS = 32
PROBLEMS = 50
"""Of files, that are told at once."""


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[rules]`, the files that it names, and `[rule.NAME]`."""
    report.within(("rules", "every"), config.rules.every, 1, 86_400, seconds=True)
    report.within(("rules", "resend"), config.rules.resend, 1, 86_400, seconds=True)
    report.within(("rules", "seconds"), config.rules.seconds, 0.1, 600, seconds=True)
    if config.rules.files:
        try:
            files.load(config.rules.files)
        except ConfigError as error:
            for problem in error.problems[:PROBLEMS]:
                report.say(("rules", "files"), problem)
    for name, rule in config.rule.items():
        _rule(report, ("rule", name), name, config, rule)


def _rule(report: Report, path: Path, name: str, config: Config, rule: Rule) -> None:
    if not name or len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        report.say(path, f"a name is 1 to {MAX_NAME} printable characters, without blanks around it")
    if rule.owner not in config.owner:
        report.say((*path, "owner"), f'there is no [owner."{rule.owner}"]; who answers for this rule?')
    if len(rule.because.strip()) < BECAUSE:
        report.say((*path, "because"), f"its owner must say why it matters, in {BECAUSE} characters or more")
    report.within((*path, "every"), rule.every, 1, 86_400, seconds=True)
    if len(rule.labels) > LABELS:
        report.say((*path, "labels"), f"{len(rule.labels)} labels; at most {LABELS}")
    for label in rule.labels:
        report.test((*path, "labels", label), values.label, label)
        if label in ("alertname", "__name__"):
            report.say((*path, "labels", label), "the rule's name is the alert's; take this label out")
    try:
        declared.rule(name, rule)
    except QueryError as error:
        report.say((*path, "when"), str(error))
    except TemplateError as error:
        report.say(path, str(error))
