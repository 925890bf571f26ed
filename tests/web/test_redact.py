"""The configuration as it may be shown."""

from __future__ import annotations

import datetime as dt

import msgspec

from gadfly.config import Config
from gadfly.config.act import Automation, Grant, Limits
from gadfly.config.alerting import Mail
from gadfly.web import redact


def test_the_whole_configuration_is_plain_and_without_secrets() -> None:
    config = Config(mail=Mail(password="file:/run/s3cret"))
    tree = redact.configuration(config)
    assert b"s3cret" not in msgspec.json.encode(tree)
    assert tree["alerting"]["settle"] == 3.0


def test_what_acts_is_shown_without_keys_in_addresses() -> None:
    limits = Limits(at_once=1, per_hour=1, tries_per_target=1)
    day = dt.date(2027, 1, 1)
    one = Automation(
        owner="payments",
        purpose="x",
        run="http:POST https://hooks.example.org/{component}?key=s3cret header.X=env:HOOK",
        limits=limits,
        expect="component alive within 30s",
        undo="http:POST https://hooks.example.org/undo?key=s3cret",
        level="approve",
        expires=day,
        review=day,
    )
    grant = Grant(
        to=("person:anna",),
        may=("http:POST https://hooks.example.org/x?key=s3cret",),
        until=dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        owner="payments",
        because="x",
    )
    tree = redact.configuration(Config(automation={"hook": one}, grant={"anna": grant}))
    assert b"s3cret" not in msgspec.json.encode(tree)
    assert tree["automation"]["hook"]["run"].endswith("/{component}?… header.X=env:HOOK")
