"""What is shown reads back as what is in effect, and shows no secret."""

from __future__ import annotations

import json

import msgspec
import pytest

from gadfly import catalogue

FILE = """
[node]
preset = "wan"
[heartbeat]
keys = ["env:GADFLY_KEY"]
[owner."the team"]
contact = ["mailto:a@example.org"]
[component.a]
owner = "the team"
beats = "1.5s"
labels = { "x.y" = "quote \\" and \\u007f" }
probe.http = { url = "https://a/", json = { "a.b[0]" = 1.5 }, retries = 1 }
[[component.a.probe.icmp]]
name = "one"
address = "a"
[[component.a.probe.icmp]]
name = "two"
address = "b"
[[maintenance]]
match = { component = "a" }
because = "x"
ends = 2026-12-01T22:00:00+01:00
[[route]]
"""


@pytest.mark.parametrize("text", ["", FILE])
def test_it_reads_back_the_same(text: str) -> None:
    config = catalogue.loads(text)
    assert catalogue.loads(catalogue.as_toml(config)) == config


def test_settings_are_whole_and_entries_short() -> None:
    shown = catalogue.as_toml(catalogue.loads(FILE))
    assert 'listen = "127.0.0.1:7171"' in shown
    assert 'beats = "1.5s"' in shown
    assert "grace" not in shown


def test_data_is_complete_and_fit_for_json() -> None:
    data = catalogue.as_data(catalogue.loads(FILE))
    text = msgspec.json.encode(data)
    assert json.loads(text)["component"]["a"]["probe"]["http"][0]["timeout"] == "10s"
    assert json.loads(text)["maintenance"][0]["ends"] == "2026-12-01T22:00:00+01:00"


@pytest.mark.parametrize("address", ["webhook = 'env:HOOK'", "apprise = 'file:/run/hook'"])
def test_a_reference_is_no_secret(address: str) -> None:
    config = catalogue.loads(f"[receiver.a]\n{address}\n")
    assert catalogue.loads(catalogue.as_toml(config)) == config


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GADFLY_KEY", "hunter2")
    config = catalogue.loads(
        FILE
        + "[receiver.a]\napprise = 'slack://hunter2/x'\n[receiver.b]\nwebhook = 'https://u:hunter2@h/x?y'"
    )
    for shown in (catalogue.as_toml(config), repr(catalogue.as_data(config))):
        assert "hunter2" not in shown
        assert "env:GADFLY_KEY" in shown
        assert "slack:…" in shown
        assert "https://h/…" in shown
