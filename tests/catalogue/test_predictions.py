"""What a prediction must say before it loads."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError

GOOD = {
    "of": '"disk_free_bytes"',
    "full": '"0"',
    "act": '"12h"',
    "owner": '"ops"',
    "budget": '"1 alarm a week"',
}


def write(settings: str = "", name: str = "disk", **more: str) -> str:
    lines = "\n".join(f"{key} = {value}" for key, value in {**GOOD, **more}.items())
    return f'[owner.ops]\ncontact = ["exec:/bin/true"]\n{settings}\n[prediction."{name}"]\n{lines}\n'


def test_the_sketch_of_everybody_loads() -> None:
    one = catalogue.loads(write()).prediction["disk"]
    assert (one.act, one.chance, one.severity) == (43_200, 0.5, "warning")


def test_what_is_shown_is_read_back_and_a_change_is_named() -> None:
    config = catalogue.loads(write(severity='"info"'))
    assert catalogue.loads(catalogue.as_toml(config)).prediction == config.prediction
    other = catalogue.loads(write(severity='"critical"').replace("12h", "1d"))
    assert [line for line in catalogue.difference(config, other) if "prediction disk: act 12h" in line]
    watched = catalogue.loads(write('[predict]\nbudget = "3 alarms a week"\nowner = "ops"'))
    assert any("predict: budget" in line for line in catalogue.difference(config, watched))
    assert catalogue.loads(catalogue.as_toml(watched)).predict == watched.predict


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"owner": '"nobody"'}, "who answers for this prediction"),
        ({"of": '"sum("'}, "prediction.disk.of"),
        ({"of": '"1"'}, "gives series"),
        ({"full": "'\"text\"'"}, "a number or series"),
        ({"full": '"NaN"'}, "is no limit"),
        ({"full": '"-Inf"'}, "is no limit"),
        ({"full": '"up["'}, "prediction.disk.full"),
        ({"budget": '"now and then"'}, "is not a budget"),
        ({"act": '"10s"'}, "out of range"),
        ({"every": '"13h"'}, "less often than its owner needs"),
        ({"history": '"1d"'}, "out of range"),
        ({"chance": "1.5"}, "out of range"),
        ({"because": '"x"'}, "say why it matters"),
        ({"labels": '{ alertname = "x" }'}, "the prediction's own"),
        ({"labels": '{ "a b" = "x" }'}, "is not a label"),
        ({"surely": "true"}, "surely"),
    ],
    ids=lambda one: next(iter(one)) + next(iter(one.values())) if isinstance(one, dict) else "",
)
def test_what_cannot_be_kept_is_refused(more: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        catalogue.loads(write(**more))


def test_the_name_of_early_warning_is_taken() -> None:
    with pytest.raises(ConfigError, match="choose another name"):
        catalogue.loads(write(name="early warning"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('budget = "3 alarms a week"', "who is told of warnings"),
        ('budget = "3 alarms a week"\nowner = "ops"\nof = "rate(x[5m])"', "predict.of"),
        ('budget = "sometimes"\nowner = "ops"', "is not a budget"),
        ('report = "weekly"', "is not a schedule"),
        ('window = "1h"', "out of range"),
        ('within = "1s"', "out of range"),
    ],
    ids=["no owner", "of", "budget", "report", "window", "within"],
)
def test_settings_are_checked(settings: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        catalogue.loads(write(f"[predict]\n{settings}"))


def test_an_automation_that_waits_for_a_prediction_that_is_not_there_does_not_load() -> None:
    automation = """
[automation.free]
owner = "ops"
purpose = "Old builds fill the disk and are needed by nobody."
on = 'prediction disc > 0.8, group = "build"'
run = "signal:HUP"
expect = "component alive within 30s"
environment = "production"
level = "approve"
undo = "irreversible"
limits = { at_once = 1, per_hour = 6, tries_per_target = 2 }
expires = 2027-03-31
review = 2027-01-15
"""
    with pytest.raises(ConfigError, match='there is no prediction "disc"'):
        catalogue.loads(write() + automation)
