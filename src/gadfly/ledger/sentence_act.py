"""What acts, and who allows it, as sentences: one function a kind of entry."""

from __future__ import annotations

from collections.abc import Callable

from gadfly.ledger.entry import Entry
from gadfly.ledger.wording import (
    SHOWN,
    Body,
    because,
    listed,
    mentioned,
    plain,
    subjects,
    text,
    times,
    who,
    whom,
    word,
)


def _decision(entry: Entry, body: Body) -> str:
    act = f"{text(body, 'action')} on {text(body, 'count')} ({text(body, 'targets')})"
    asker = str(body.get("asked_by", ""))
    asked = f", asked for by {mentioned(asker)}" if asker else ""
    if body.get("allowed"):
        rest = text(body, "intent", ", the rest of intent ")
        return f"The gate allowed {act}{rest}{asked}."
    reasons = listed(body, "refusals")
    said = "; ".join(str(one[-1]) for one in reasons[:SHOWN] if isinstance(one, list) and one)
    return f"The gate refused {act}{asked}{f': {said}' if said else ''}."


def _intent(entry: Entry, body: Body) -> str:
    by = [mentioned(str(one)) for one in listed(body, "approved")]
    approved = f", approved by {word(by)}" if by else ""
    return (
        f"{who(entry)} is about to do {text(body, 'action')} on {text(body, 'count')} "
        f"({text(body, 'targets')}){text(body, 'trigger', ', because ')}; expected: {text(body, 'expect')}"
        f"{approved} (intent {subjects(entry, 'intent')})."
    )


def _outcome(entry: Entry, body: Body) -> str:
    found = f"{text(body, 'state')}{text(body, 'reason', ': ')}"
    return f"{who(entry)} found intent {subjects(entry, 'intent')} {found}."


def _stop(entry: Entry, body: Body) -> str:
    scope, name = text(body, "scope"), text(body, "name")
    what = "every automation" if scope == "everything" else f"{scope} {name}"
    verb = "let go on" if body.get("what") in ("lifted", "resumed") else "stopped"
    return f"{who(entry)} {verb} {what}{because(body)}."


def _approval(entry: Entry, body: Body) -> str:
    what, until = text(body, "what") or "decided on", text(body, "until", ", until ")
    if "request" not in body:
        what = {"withdrew": "withdrew the consent"}.get(what, what)
        return f"{who(entry)} {what}{text(body, 'action', ' to ')}, for {whom(entry)}{until}{because(body)}."
    automation, targets = subjects(entry, "automation"), subjects(entry, "component")
    number, asked = text(body, "request"), str(body.get("asked_by", ""))
    act = f"{automation} on {targets} (plan {number})" if automation else f"plan {number} on {targets}"
    by = f", asked for by {mentioned(asked)}" if asked not in ("", f"automation:{automation}") else ""
    if what == "lapsed":
        return f"What waited lapsed: {act}{by}{because(body)}."
    return f"{who(entry)} {what} {act}{by}{until}{because(body)}."


def _breakglass(entry: Entry, body: Body) -> str:
    did = {
        "taken": "broke the glass",
        "given back": "gave the glass back",
        "acted": "acted under the broken glass:",
        "refused": "was refused even under the broken glass:",
    }.get(str(body.get("what")), text(body, "what"))
    return f"{who(entry)} {did}{text(body, 'action', ' ')}{text(body, 'ends', ', until ')}{because(body)}."


def _what(noun: str) -> Callable[[Entry, Body], str]:
    """For kinds whose body has `what` was done, perhaps to which level, and `because`."""

    def say(entry: Entry, body: Body) -> str:
        change = text(body, "from", " from ") + text(body, "to", " to ") + text(body, "on", " on ")
        done = f"{noun} {text(body, 'what') or 'changed'}{change}"
        return f"{who(entry)}: {done}, {whom(entry)}{text(body, 'until', ', until ')}{because(body)}."

    return say


def _proof(entry: Entry, body: Body) -> str:
    failed = body.get("failed")
    denied = body.get("denied", [])
    count = len(denied) if isinstance(denied, list) else 0
    if failed:
        return f"Guards were tried; {word(count)} denied what they must, and these failed: {word(failed)}."
    return f"Guards were tried, and all {word(count)} denied what they must."


def _unexplained(entry: Entry, body: Body) -> str:
    effects = body.get("effects")
    if isinstance(effects, list) and effects:
        said = [str(one.get("what", "")) if isinstance(one, dict) else word(one) for one in effects]
        return f"{times(body, 'count', 'effect')} that no intent explains: {word(said)}."
    words = text(body, "words") or text(body, "reason")
    if not words:
        return plain(entry, body)
    return f"Something that no intent explains, {whom(entry)}: {words}"


def _function(entry: Entry, body: Body) -> str:
    name, hash = subjects(entry, "function"), text(body, "hash")[:12]
    before = str(body.get("before", ""))[:12]
    grants = times(body, "count", "grant")
    match body.get("event"):
        case "deployed":
            rest = (f", after {before}" if before else "") + (f", with {grants}" if grants else "")
            return f"{who(entry)} deployed {hash} as the function {name}{rest}."
        case "rolled back":
            rest = f", from {before}" if before else ""
            return f"{who(entry)} rolled the function {name} back to {hash}{rest}."
        case "removed":
            hashes = body.get("hashes")
            names = ", ".join(str(one)[:12] for one in hashes) if isinstance(hashes, list) else ""
            return (
                f"{who(entry)} removed {times(body, 'count', 'old version')} of the function {name}: {names}."
            )
        case "asked":
            what = f"{text(body, 'what')} (invocation {text(body, 'invocation')})"
            return f"{who(entry)} is about to ask for {what}."
        case "invoked":
            return f"{who(entry)} called the function {name}."
        case "replayed":
            return f"{who(entry)} had invocation {text(body, 'invocation')} of {name} made again."
    return plain(entry, body)


SAYS: dict[str, Callable[[Entry, Body], str]] = {
    "decision": _decision,
    "intent": _intent,
    "outcome": _outcome,
    "approval": _approval,
    "autonomy": _what("level"),
    "breakglass": _breakglass,
    "freeze": _what("freeze"),
    "grant": _what("grant"),
    "review": _what("review"),
    "stop": _stop,
    "proof": _proof,
    "unexplained": _unexplained,
    "function": _function,
}
"""By kind."""
