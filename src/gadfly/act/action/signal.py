"""``signal:HUP``: a signal to the process of the component itself, where that runs on the node's own host.

The process is the one that the picture proved to be the sender of the component's beats, held by a pidfd
since then (:mod:`gadfly.monitor.local_process`): a number that the kernel gave to somebody else meanwhile is
never signalled.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping

from gadfly.act.action.effect import Edge, Effect, State, unstarted

SIGNALS = {
    name: signal.Signals[f"SIG{name}"] for name in ("HUP", "INT", "QUIT", "KILL", "TERM", "USR1", "USR2")
}
"""Those that ask a process to do something or to end; none that only stops its clock."""


def check(text: str) -> None:
    """ValueError where it is no signal."""
    if text.strip() not in SIGNALS:
        raise ValueError(f'"{text[:40]}" is not sent; known are {", ".join(SIGNALS)}, as signal:TERM')


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be sent, and to whom."""
    check(text)
    return f"send SIG{text.strip()} to the process of {_component(values)} on this host"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Send it."""
    if edge.signal is None:
        return unstarted("this executor watches no processes; the act belongs to the node of that host")
    try:
        why = edge.signal(_component(values), SIGNALS[text.strip()])
    except ValueError as error:
        return unstarted(str(error))
    if why:
        return unstarted(why)
    return Effect(state=State.finished, ok=True, words=f"SIG{text.strip()} was sent")


def _component(values: Mapping[str, str]) -> str:
    if not values.get("component"):
        raise ValueError("no component is named; nothing is sent")
    return values["component"]
