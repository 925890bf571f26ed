from __future__ import annotations

import pytest

from gadfly.alert.notification import Item, Notification
from gadfly.alert.notify.destination import Context
from gadfly.config.alerting import Mail


@pytest.fixture
def notification() -> Notification:
    item = Item(
        component="shop",
        labels={"component": "shop", "owner": "ops", "verdict": "down"},
        verdict="down",
        reason="GET /health answered 503",
        because="It earns the money.",
        starts=1_800_000_000.0,
    )
    return Notification(
        key="k1",
        kind="firing",
        status="firing",
        incident="i7",
        sequence=1,
        target="owner:ops",
        at=1_800_000_001.0,
        opened=1_800_000_000.0,
        subject="shop is down – GET /health answered 503",
        text="shop is down\n\nSee: http://127.0.0.1:7171/\n",
        cause="shop is down",
        items=(item,),
        total=1,
        url="http://127.0.0.1:7171/",
        node="north",
    )


@pytest.fixture
def context() -> Context:
    return Context(mail=Mail(), node="north")
