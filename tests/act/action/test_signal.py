"""A signal goes to the process that was proved to send the component's beats; see also test_local_process."""

from __future__ import annotations

from collections.abc import Callable
from signal import SIGHUP

import pytest

from gadfly.act.action import signal
from gadfly.act.action.effect import Edge, State

Make = Callable[..., Edge]


@pytest.mark.parametrize("text", ["", "9", "STOP", "SIGTERM", "TERM 1", "TERM {component}"])
def test_what_does_not_load(text: str) -> None:
    with pytest.raises(ValueError, match="is not sent"):
        signal.check(text)


async def test_sends_it(values: dict[str, str], edge: Make) -> None:
    sent = []

    def send(component: str, number: int) -> str:
        sent.append((component, number))
        return ""

    effect = await signal.do("HUP", values, edge(signal=send))
    assert (effect.state, effect.ok, effect.words) == (State.finished, True, "SIGHUP was sent")
    assert sent == [("worker-3", SIGHUP)]
    assert signal.describe("HUP", values, edge()) == "send SIGHUP to the process of worker-3 on this host"


async def test_where_nothing_was_sent(values: dict[str, str], edge: Make) -> None:
    for at, own, said in (
        (edge(), values, "watches no processes"),
        (edge(signal=lambda name, number: "its process has ended"), values, "has ended"),
        (edge(signal=lambda name, number: ""), {}, "no component"),
    ):
        effect = await signal.do("TERM", own, at)
        assert effect.state is State.unstarted
        assert said in effect.words
