"""Every kind of action is found by what stands in `run`, and what is none says so."""

from __future__ import annotations

import pytest

from gadfly.act import action
from gadfly.act.action.signal import SIGNALS
from gadfly.act.automation import split_run
from gadfly.act.grants.grant import ACTION


@pytest.mark.parametrize(
    ("run", "kind", "text"),
    [
        ("systemd:restart orders-worker@{component}", "systemd", "restart orders-worker@{component}"),
        ("command /usr/local/bin/restart {component}", "command", "/usr/local/bin/restart {component}"),
        ("http:POST https://a.example/{component}", "http", "POST https://a.example/{component}"),
        ("signal:HUP", "signal", "HUP"),
        ("scale:up 1 2..10 /bin/scale {count}", "scale", "up 1 2..10 /bin/scale {count}"),
        ("notify:owner It hangs", "notify", "owner It hangs"),
    ],
)
def test_finds_the_kind(run: str, kind: str, text: str) -> None:
    verb, argument = split_run(run)
    assert action.find(verb, argument) == (action.ACTIONS[kind], text)
    assert ACTION.fullmatch(verb)  # grants speak of it by this name
    action.check(run)


@pytest.mark.parametrize(
    "run",
    ["", "restart", "reboot:now", "command:/bin/x", "command", "systemd:restart", "signal", "SYSTEMD:x"],
)
def test_what_is_no_action(run: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        action.check(run)


@pytest.mark.parametrize("name", list(SIGNALS))
def test_every_signal_that_is_sent_loads(name: str) -> None:
    action.check(f"signal:{name}")
