"""An entry as one sentence for people: who did what, to what, why.

The body of an entry is its writer's, and may be of an older or newer version than this reader: every word is
taken where it is there, and what is not understood is said as it stands, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gadfly.ledger.entry import Entry
from gadfly.ledger.personal import MARK

LONGEST = 600
"""Characters of a sentence; the entry itself is one click away."""
SHOWN = 5
"""Names or lines that are said of many."""

Body = Mapping[str, Any]
Names = Mapping[str, str]
"""Hash of a person → the name, for those whom the reader knows."""


def sentence(entry: Entry, names: Names | None = None) -> str:
    """One sentence, in English, at most :data:`LONGEST` characters, without the time."""
    words = _SAYS.get(entry.kind, _plain)(entry, entry.body)
    return _unmask(words, names or {})[:LONGEST]


def principal(who: str, names: Names | None = None) -> str:
    """A principal as people say it: `token:deploy` is deploy."""
    kind, colon, name = who.partition(":")
    if who == "node":
        return "The node"
    if not colon:
        return who[:1].upper() + who[1:]
    shown = _unmask(name, names or {})
    if kind in ("person", "token"):
        return shown if not shown.startswith(MARK) else f"somebody ({shown[:9]})"
    return f"{kind.capitalize()} {shown}"


def _unmask(text: str, names: Names) -> str:
    if MARK in text:
        for mask, name in names.items():
            if mask in text:
                text = text.replace(mask, name)
    return text


def _word(value: object) -> str:
    """A value of a body in words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case list() | tuple():
            shown = ", ".join(_word(one) for one in value[:SHOWN])
            return shown + (f" and {len(value) - SHOWN:,} more" if len(value) > SHOWN else "")
        case dict():
            return ", ".join(f"{key} {_word(one)}" for key, one in list(value.items())[:SHOWN])
        case _:
            return "nothing"


def _subjects(entry: Entry, kind: str) -> str:
    """The names of the subjects of one kind, in words."""
    return _word([one.partition(":")[2] for one in entry.about if one.startswith(f"{kind}:")])


def _text(body: Body, key: str, before: str = "", behind: str = "") -> str:
    """What stands under `key`, between two pieces of text; nothing where it is not there or empty."""
    value = body.get(key)
    return f"{before}{_word(value)}{behind}" if value not in (None, "", [], {}) else ""


def _times(body: Body, key: str, noun: str) -> str:
    """`1 alert`, `2 alerts`; nothing where no number stands there."""
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return ""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def _who(entry: Entry) -> str:
    return principal(entry.who)


def _plain(entry: Entry, body: Body) -> str:
    """What is always true: who, which kind, about what, and the words of the body."""
    said = "; ".join(f"{key.replace('_', ' ')}: {_word(value)}" for key, value in body.items())
    about = f" about {_word(list(entry.about))}" if entry.about else ""
    return f"{_who(entry)}: {entry.kind}{about}{f' ({said})' if said else ''}."


def _list(body: Body, key: str) -> list[Any]:
    """What stands there, where it is a list."""
    found = body.get(key)
    return found if isinstance(found, list) else []


def _many(body: Body, noun: str = "component") -> str:
    """`checkout`, or `12 components (a, b, …)`."""
    if "component" in body:
        return _word(body["component"])
    count = body.get("count", 0)
    sample = [_word(one) for one in _list(body, "sample")]
    shown = ", ".join(sample[:SHOWN]) + (", …" if isinstance(count, int) and count > SHOWN else "")
    return f"{_word(count)} {noun}s{f' ({shown})' if sample else ''}"


def _flip(entry: Entry, body: Body) -> str:
    change = f"went from {_text(body, 'before')} to {_text(body, 'after')}"
    return f"{_many(body)} {change}{_text(body, 'reason', ': ')}."


def _alert(entry: Entry, body: Body) -> str:
    incident = _text(body, "incident")
    match body.get("event"):
        case "opened":
            verdict = _text(body, "verdict", " is ") or _text(body, "verdicts", " are not well: ")
            what = f"{_many(body)}{verdict}{_text(body, 'reason', ', ')}"
            return f"An alert opened in incident {incident}: {what}."
        case "ended":
            return f"The alert of {_many(body)} ended in incident {incident}."
        case "closed":
            return f"Incident {incident} is over; it had {_times(body, 'alerts', 'alert')}."
        case "merged":
            return f"Incident {incident} turned out to be the beginning of {_text(body, 'into')}."
    return _plain(entry, body)


_TOLD = {
    "firing": "that it fires",
    "update": "how it goes on",
    "reminder": "that it still fires",
    "escalation": "that nobody has answered",
    "resolved": "that it is over",
    "acknowledged": "that somebody took it on",
}


def _notification(entry: Entry, body: Body) -> str:
    what = _TOLD.get(str(body.get("what", "")), _text(body, "what"))
    alerts = _times(body, "alerts", "alert")
    tail = f"{_text(body, 'to')}, about incident {_text(body, 'incident')}: {what}"
    match body.get("event"):
        case "sent":
            return f"Told {tail}{f' ({alerts})' if alerts else ''}."
        case "dead":
            tries = f"given up after {_times(body, 'tries', 'attempt')}{_text(body, 'error', ': ')}"
            return f"Could not tell {tail}; {tries}."
        case "retried":
            return f"{_who(entry)} had a message that was given up tried again, to {tail}."
    return _plain(entry, body)


def _acknowledgement(entry: Entry, body: Body) -> str:
    note = _text(body, "note", ": “", "”")
    return (
        f"{_who(entry)} took incident {_text(body, 'incident')} on ({_times(body, 'alerts', 'alert')}){note}."
    )


def _silence(entry: Entry, body: Body) -> str:
    match = body.get("match", {})
    what = " ".join(f"{key}={value}" for key, value in match.items()) if isinstance(match, dict) else ""
    number = _text(body, "silence")
    if body.get("event") == "added":
        why = f"{_text(body, 'reason')} (silence {number})"
        return f"{_who(entry)} silenced {what} until {_text(body, 'ends')}: {why}."
    if body.get("event") == "ended":
        return f"{_who(entry)} ended silence {number} of {what}."
    return _plain(entry, body)


def _configuration(entry: Entry, body: Body) -> str:
    count = body.get("changes", 0)
    if not count:
        return f"{_who(entry)} had the configuration read again; nothing had changed."
    return (
        f"{_who(entry)} had the configuration read again, with {_word(count)} "
        f"change{'' if count == 1 else 's'}: {_text(body, 'lines')}."
    )


def _token(entry: Entry, body: Body) -> str:
    whose = _subjects(entry, "token")
    match body.get("event"):
        case "made":
            return (
                f"{_who(entry)} made the token {whose}, which may {_text(body, 'scopes')}"
                f"{_text(body, 'expires', ', until ')}."
            )
        case "ended":
            return f"{_who(entry)} ended the token {whose}."
        case "used":
            did = {"forget": "had {} forgotten", "probe": "had {} asked now"}.get(str(body.get("did")))
            if did:
                return f"{_who(entry)} {did.format(_subjects(entry, 'component'))}."
    return _plain(entry, body)


def _node(entry: Entry, body: Body) -> str:
    name = _subjects(entry, "node")
    if body.get("event") == "started":
        before = {
            "nothing": ", for the first time",
            "started": "; it had not been stopped: it crashed or was killed",
        }.get(str(body.get("before")), "")
        return f"The node {name} started, gadfly {_text(body, 'version')}{before}."
    if body.get("event") == "stopped":
        return f"The node {name} stopped."
    return _plain(entry, body)


def _decision(entry: Entry, body: Body) -> str:
    act = f"{_text(body, 'action')} on {_text(body, 'count')} ({_text(body, 'targets')})"
    asked = _text(body, "asked_by", ", asked for by ")
    if body.get("allowed"):
        return f"The gate allowed {act}{asked}."
    reasons = _list(body, "refusals")
    said = "; ".join(str(one[-1]) for one in reasons[:SHOWN] if isinstance(one, list) and one)
    return f"The gate refused {act}{asked}{f': {said}' if said else ''}."


def _intent(entry: Entry, body: Body) -> str:
    approved = _text(body, "approved", ", approved by ")
    return (
        f"{_who(entry)} is about to do {_text(body, 'action')} on {_text(body, 'count')} "
        f"({_text(body, 'targets')}){_text(body, 'trigger', ', because ')}; expected: {_text(body, 'expect')}"
        f"{approved} (intent {_subjects(entry, 'intent')})."
    )


def _outcome(entry: Entry, body: Body) -> str:
    found = f"{_text(body, 'state')}{_text(body, 'reason', ': ')}"
    return f"{_who(entry)} found intent {_subjects(entry, 'intent')} {found}."


def _what(noun: str) -> Callable[[Entry, Body], str]:
    """For kinds whose body has `what` was done, perhaps to which level, and `because`."""

    def say(entry: Entry, body: Body) -> str:
        whom = _word([one.replace(":", " ", 1) for one in entry.about])
        change = _text(body, "from", " from ") + _text(body, "to", " to ")
        tail = _text(body, "because", ": ") or _text(body, "words", ": ") or _text(body, "reason", ": ")
        return f"{_who(entry)}: {noun} {_text(body, 'what') or 'changed'}{change}, {whom}{tail}."

    return say


def _proof(entry: Entry, body: Body) -> str:
    failed = body.get("failed")
    denied = body.get("denied", [])
    count = len(denied) if isinstance(denied, list) else 0
    if failed:
        return f"Guards were tried; {_word(count)} denied what they must, and these failed: {_word(failed)}."
    return f"Guards were tried, and all {_word(count)} denied what they must."


def _unexplained(entry: Entry, body: Body) -> str:
    words = _text(body, "words") or _text(body, "reason")
    if not words:
        return _plain(entry, body)
    about = _word([one.replace(":", " ", 1) for one in entry.about])
    return f"Something that no intent explains, {about}: {words}"


_SAYS: dict[str, Callable[[Entry, Body], str]] = {
    "flip": _flip,
    "alert": _alert,
    "notification": _notification,
    "acknowledgement": _acknowledgement,
    "silence": _silence,
    "configuration": _configuration,
    "token": _token,
    "node": _node,
    "decision": _decision,
    "intent": _intent,
    "outcome": _outcome,
    "approval": _what("approval"),
    "autonomy": _what("level"),
    "breakglass": _what("break-glass"),
    "freeze": _what("freeze"),
    "grant": _what("grant"),
    "review": _what("review"),
    "stop": _what("stop"),
    "proof": _proof,
    "unexplained": _unexplained,
}
"""The kinds that have words of their own; the others are said by :func:`_plain`."""
