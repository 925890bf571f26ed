"""The examples of docs/alerts.md are true."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from gadfly import catalogue
from gadfly.alert.notification import Item, Notification, Seal, alertmanager

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
OWNERS = next(text for kind, text in BLOCKS if kind == "toml")


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "toml"])
def test_the_configuration_is_accepted(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALL_HOOK", "https://wall.example/")
    monkeypatch.setenv("WALL_TOKEN", "x")
    tomllib.loads(text)
    path = tmp_path / "gadfly.toml"
    path.write_text(text)
    catalogue.load(path)


def test_the_webhook_has_these_fields() -> None:
    (shown,) = [json.loads(text) for kind, text in BLOCKS if kind == "json"]
    item = Item(component="checkout", labels={}, verdict="down", reason="r", starts=0.0)
    notification = Notification(
        key="k",
        kind="firing",
        status="firing",
        incident="i7",
        sequence=1,
        target="owner:payments",
        at=0.0,
        opened=0.0,
        subject="s",
        text="t",
        cause="c",
        items=(item,),
        total=1,
        url="u",
        node="north",
        ledger=Seal(origin="o", size=1, root="r", checkpoint="c"),
    )
    made = alertmanager(notification, "owner:payments")
    assert list(made) == list(shown)
    assert list(made["alerts"][0]) == list(shown["alerts"][0])
    assert made["groupKey"] == shown["groupKey"]
