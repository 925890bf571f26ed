"""An entry as one sentence for people: who did what, to what, why.

The body of an entry is its writer's, and may be of an older or newer version than this reader: every word is
taken where it is there, and what is not understood is said as it stands, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gadfly.ledger import sentence_act, sentence_ask, sentence_drill, sentence_predict
from gadfly.ledger.entry import Entry
from gadfly.ledger.wording import (
    SHOWN,
    Body,
    Names,
    because,
    listed,
    plain,
    subjects,
    text,
    times,
    unmask,
    unmasked,
    who,
    whom,
    word,
)

LONGEST = 600
"""Characters of a sentence; the entry itself is one click away."""


def sentence(entry: Entry, names: Names | None = None) -> str:
    """One sentence, in English, at most :data:`LONGEST` characters, without the time."""
    known = names or {}
    # Before anything is cut short, so that whose name is known is named.
    if known:
        body = unmasked(entry.body, known)
        entry = msgspec.structs.replace(entry, who=unmask(entry.who, known), body=body)
    words = _SAYS.get(entry.kind, plain)(entry, entry.body)
    return unmask(words, known)[:LONGEST]


def _many(body: Body, noun: str = "component") -> str:
    """`checkout`, or `12 components (a, b, …)`."""
    if "component" in body:
        return word(body["component"])
    count = body.get("count", 0)
    sample = [word(one) for one in listed(body, "sample")]
    shown = ", ".join(sample[:SHOWN]) + (", …" if isinstance(count, int) and count > SHOWN else "")
    return f"{word(count)} {noun}s{f' ({shown})' if sample else ''}"


def _flip(entry: Entry, body: Body) -> str:
    change = f"went from {text(body, 'before')} to {text(body, 'after')}"
    return f"{_many(body)} {change}{text(body, 'reason', ': ')}."


def _alert(entry: Entry, body: Body) -> str:
    incident = text(body, "incident")
    match body.get("event"):
        case "opened":
            verdict = text(body, "verdict", " is ") or text(body, "verdicts", " are not well: ")
            what = f"{_many(body)}{verdict}{text(body, 'reason', ', ')}"
            return f"An alert opened in incident {incident}: {what}."
        case "ended":
            return f"The alert of {_many(body)} ended in incident {incident}."
        case "passed":
            return f"The alert of {_many(body)} passed from {text(body, 'from')} to {text(body, 'to')}."
        case "closed":
            return f"Incident {incident} is over; it had {times(body, 'alerts', 'alert')}."
        case "merged":
            return f"Incident {incident} turned out to be the beginning of {text(body, 'into')}."
    return plain(entry, body)


_TOLD = {
    "firing": "that it fires",
    "update": "how it goes on",
    "reminder": "that it still fires",
    "escalation": "that nobody has answered",
    "resolved": "that it is over",
    "acknowledged": "that somebody took it on",
    "passed": "that another owner answers now",
}


def _notification(entry: Entry, body: Body) -> str:
    if body.get("what") == "announced":
        due = f"{text(body, 'action')} is due {text(body, 'due')}"
        return f"{who(entry)} announced to {whom(entry)}: {due}."
    what = _TOLD.get(str(body.get("what", "")), text(body, "what"))
    alerts = times(body, "alerts", "alert")
    tail = f"{text(body, 'to')}, about incident {text(body, 'incident')}: {what}"
    if drill := text(body, "drill"):  # about no incident, and of no real alert
        tail, alerts = f"{text(body, 'to')} in the fire drill {drill}{text(body, 'subject', ': “', '”')}", ""
    elif body.get("what") == "notice":
        tail, alerts = f"{text(body, 'to')}: {text(body, 'subject', '“', '”') or 'a notice'}", ""
    match body.get("event"):
        case "sent":
            return f"Told {tail}{f' ({alerts})' if alerts else ''}."
        case "dead":
            tries = f"given up after {times(body, 'tries', 'attempt')}{text(body, 'error', ': ')}"
            return f"Could not tell {tail}; {tries}."
        case "retried":
            return f"{who(entry)} had a message that was given up tried again, to {tail}."
    return plain(entry, body)


def _acknowledgement(entry: Entry, body: Body) -> str:
    note = text(body, "note", ": “", "”")
    return f"{who(entry)} took incident {text(body, 'incident')} on ({times(body, 'alerts', 'alert')}){note}."


def _silence(entry: Entry, body: Body) -> str:
    match = body.get("match", {})
    what = " ".join(f"{key}={value}" for key, value in match.items()) if isinstance(match, dict) else ""
    number = text(body, "silence")
    if body.get("event") == "added":
        why = f"{text(body, 'reason')} (silence {number})"
        return f"{who(entry)} silenced {what} until {text(body, 'ends')}: {why}."
    if body.get("event") == "ended":
        return f"{who(entry)} ended silence {number} of {what}."
    return plain(entry, body)


def _configuration(entry: Entry, body: Body) -> str:
    count = body.get("changes", 0)
    whom = "A signal, and who sent it is not known," if body.get("by") == "signal" else who(entry)
    if not count:
        return f"{whom} had the configuration read again; nothing had changed."
    return (
        f"{whom} had the configuration read again, with {word(count)} "
        f"change{'' if count == 1 else 's'}: {text(body, 'lines')}."
    )


def _token(entry: Entry, body: Body) -> str:
    whose = subjects(entry, "token")
    match body.get("event"):
        case "made":
            return (
                f"{who(entry)} made the token {whose}, which may {text(body, 'scopes')}"
                f"{text(body, 'expires', ', until ')}."
            )
        case "ended":
            return f"{who(entry)} ended the token {whose}."
        case "used":
            did = {"forget": "had {} forgotten", "probe": "had {} asked now"}.get(str(body.get("did")))
            if did:
                return f"{who(entry)} {did.format(subjects(entry, 'component'))}."
    return plain(entry, body)


def _node(entry: Entry, body: Body) -> str:
    name = subjects(entry, "node")
    if body.get("event") == "started":
        before = {
            "nothing": ", for the first time",
            "started": "; it had not been stopped: it crashed or was killed",
        }.get(str(body.get("before")), "")
        return f"The node {name} started, gadfly {text(body, 'version')}{before}."
    if body.get("event") == "stopped":
        return f"The node {name} stopped."
    if body.get("what") == "clock":
        change = f"{text(body, 'before')} to {text(body, 'after')}"
        return f"{who(entry)} said that the clock had been wrong, from {change}{because(body)}."
    return plain(entry, body)


_SAYS: dict[str, Callable[[Entry, Body], str]] = {
    **sentence_act.SAYS,
    **sentence_ask.SAYS,
    **sentence_drill.SAYS,
    **sentence_predict.SAYS,
    "flip": _flip,
    "alert": _alert,
    "notification": _notification,
    "acknowledgement": _acknowledgement,
    "silence": _silence,
    "configuration": _configuration,
    "token": _token,
    "node": _node,
}
"""The kinds that have words of their own; the others are said by :func:`_plain`."""
