"""`gadfly fn invoke`: call a function now, and print its answer."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

import click

from gadfly.cli.node import Node, segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, json_text
from gadfly.errors import ConfigError

WAIT = 20.0
"""Seconds of one request; then it asks again."""
LARGEST = 6 << 20


@click.command()
@click.argument("name")
@click.option("--event", metavar="JSON", default=None, help="The event; without it, null.")
@click.option("--file", "file", type=click.File(), help="A file with the event; - is standard input.")
@as_json
@asks_node
def invoke(name: str, event: str | None, file: TextIO | None, json_: bool, node: str, token: str) -> int:
    """Call NAME once, now, and wait for its end.

    What it answered goes to standard output as JSON, what it wrote to standard error. The exit code is 0
    where it answered, and 2 where it failed or was ended.
    """
    if event is not None and file is not None:
        raise click.UsageError("give --event or --file, not both")
    text = event if event is not None else file.read(LARGEST + 1) if file is not None else "null"
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"the event is not JSON: {error}") from None
    except RecursionError:
        raise ConfigError("the event is nested too deeply; no handler would get it") from None
    at = find(node, token).patient(WAIT + 10)
    told = at.post(f"functions/{segment(name)}/invoke", {"event": wanted, "wait": WAIT})
    told = _over(at, told)
    if json_:
        emit(told)
    else:
        _show(told)
    return 0 if told["state"] == "done" else 2


def _over(at: Node, told: dict[str, Any]) -> dict[str, Any]:
    while told["state"] in ("running", "waiting"):
        told = at.get(f"invocations/{told['id']}", wait=WAIT)
    return told


def _show(told: dict[str, Any]) -> None:
    last: dict[str, Any] = (
        told["tries"][-1] if told["tries"] else {"log": "", "answer": "", "error": "", "unsaid": 0}
    )
    for line in (told["output"] or last["log"]).splitlines():
        print(clean(line, 20_000), file=sys.stderr)
    for line in told["denied"]:
        print(f"denied: {clean(line)}", file=sys.stderr)
    if told["state"] != "done":
        print(f"gadfly: {clean(last['error'] or told['reason'])} (invocation {told['id']})", file=sys.stderr)
        return
    kept = last["answer"]
    print(json_text(told["answer"]) if told["answer"] is not None or not kept else clean(kept))
