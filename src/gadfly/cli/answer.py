"""`gadfly answer`: one of the four answers, given at once or in a dialogue."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import Any

import click

from gadfly.ask.answers import ANSWERS, REASON, WRONG
from gadfly.ask.figure import date
from gadfly.cli.ask.told import question
from gadfly.cli.node import Node, segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean
from gadfly.errors import Refused

TRIES = 5
"""Times that a dialogue asks again after an answer that cannot be taken."""
DAY = 86_400.0


@click.command()
@click.argument("id")
@click.argument("answer", type=click.Choice(list(ANSWERS)), required=False)
@click.argument("words", default="")
@click.option("--until", default="", metavar="DAY", help="Of accept: a day as 2027-03-31, or how long: 60d.")
@click.option(
    "--subject", "subjects", multiple=True, metavar="NAME", help="Of a question about several: of this one."
)
@as_json
@asks_node
def answer(
    id: str,
    answer: str | None,
    words: str,
    until: str,
    subjects: tuple[str, ...],
    json_: bool,
    node: str,
    token: str,
) -> None:
    """Answer the question ID.

    \b
    gadfly answer q12 change "commit 4f2a: for = 5m"
    gadfly answer q12 accept "The sale needs it this loud." --until 60d
    gadfly answer q12 wrong "data wrong"   (or rule wrong, not mine, already known)
    gadfly answer q12 unknown dba          (the owner that could know)

    At a terminal it asks for what is missing. Of a question about several, --subject answers some; the others
    stay open.
    """
    asked = find(node, token)
    talks = sys.stdin.isatty() and sys.stdout.isatty() and not json_
    if talks and not (answer and words and (until or answer != "accept")):
        done = _dialogue(asked, id, answer or "", words, until, subjects)
    else:
        if not answer:
            raise click.UsageError(f"say which answer: {', '.join(ANSWERS)}")
        done = _send(asked, id, _body(answer, words, until, subjects))
    if json_:
        emit(done)
        return
    print(clean(f"{done['id']}: {done['state']}. {done['then']}"))


def _dialogue(
    asked: Node, id: str, answer: str, words: str, until: str, subjects: tuple[str, ...]
) -> dict[str, Any]:
    """Show it, ask for what is missing, and again where that cannot be taken. The node's answer."""
    began = time.monotonic()
    one = asked.get(f"questions/{segment(id)}")
    print("\n".join(question(one, time.time())))
    print()
    if not answer:
        answer = click.prompt("Your answer", type=click.Choice(list(ANSWERS)))
    for left in reversed(range(TRIES)):
        if not words:
            kind = click.Choice(list(WRONG)) if answer == "wrong" else str
            long = _reason if answer == "accept" else None
            words = click.prompt(ANSWERS[answer].prompt, type=kind, value_proc=long)
        if answer == "accept" and not until:
            day = f"a day, at the latest {date(one['latest'])}, or how long: 60d"
            until = click.prompt(f"Until ({day})", value_proc=_until)
        try:
            body = _body(answer, words, until, subjects)
            return _send(asked, id, {**body, "took": min(DAY, round(time.monotonic() - began))})
        except (Refused, click.BadParameter) as error:
            if not left or (isinstance(error, Refused) and error.status != 422):
                raise
            print(clean(error.message if isinstance(error, click.BadParameter) else error))
            words, until = "", ""
    raise AssertionError  # the last try returned or raised


def _send(asked: Node, id: str, body: dict[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = asked.post(f"questions/{segment(id)}/answer", body)
    return done


def _body(answer: str, words: str, until: str, subjects: tuple[str, ...]) -> dict[str, Any]:
    if until and answer != "accept":
        raise click.UsageError("--until is for accept")
    body: dict[str, Any] = {"answer": answer, ANSWERS[answer].field: words}
    if until:
        body["until"] = _until(until)
    if subjects:
        body["subjects"] = list(subjects)
    return body


def _reason(text: str) -> str:
    """BadParameter where it is none: before more is asked for."""
    if len(text.strip()) < REASON:
        raise click.BadParameter(f"Give a reason in your own words, {REASON} characters or more.")
    return text


def _until(text: str) -> str:
    """The day that is meant. BadParameter where it is none."""
    from gadfly.duration import parse

    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return date(time.time() + parse(text))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day as 2027-03-31, and no time as 60d.") from None
