"""Grants as typed rules, found by principal and action, and the policy that evaluates them.

Our own evaluator, because two things matter more than expressiveness: a request that does not fit the schema,
and a rule that cannot be evaluated, must deny. (An engine that skips a rule in error turns a broken `forbid`
into "allowed".) A rule that is broken from the start, its selector unreadable, is kept: it denies whatever it
would have been asked about, until its owner repairs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

import msgspec

from gadfly.act.action import ACTIONS, http, signal, systemd
from gadfly.act.automation import IRREVERSIBLE, end_of, split_run
from gadfly.act.calling.trigger import parse as parse_trigger
from gadfly.act.grants import selector
from gadfly.act.grants.policy import Request, Verdict
from gadfly.config.act import Automation, Grant

PRINCIPAL = re.compile(r"(?:person|program|automation|function):[^\s:*][^\s*]{0,199}|node", re.ASCII)
ACTION = re.compile(r"[a-z][a-z0-9_-]{0,63}(?::[A-Za-z][A-Za-z0-9_-]{0,63})?", re.ASCII)
FORMS: Mapping[str, Collection[str]] = {
    "command": (),
    "http": http.METHODS,
    "systemd": systemd.VERBS,
    "signal": tuple(signal.SIGNALS),
    "scale": ("up", "down"),
}
"""What may follow an action's colon. A notification's is anybody's name."""
_TO = re.compile(r"(?:person|program|automation|function):(?:\*|[^\s:*][^\s*]{0,199})|node|\*", re.ASCII)
_MAY = re.compile(r"(?:\*|[a-z][a-z0-9_-]{0,63}(?::(?:\*|[A-Za-z][A-Za-z0-9_-]{0,63}))?)", re.ASCII)


class Rule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One action of one grant. Times are wall seconds."""

    name: str
    forbids: bool = False
    action: str
    """`systemd:restart`; `systemd:*` or `systemd` for all of its forms; `*` for everything."""
    argument: str = "*"
    """A pattern with `*` and `?` of what would be done to the target; without these, exactly this text."""
    exact: bool = False
    """The argument is text, with its fields unfilled, whatever is in it."""
    on: str = ""
    """A selector; empty: all targets of `owner`, or of everybody where that is empty."""
    owner: str = ""
    since: float = -math.inf
    until: float
    because: str = ""

    def covers(self, request: Request) -> bool:
        """Whether it speaks of this request, at whatever time. Raises where it cannot tell."""
        if self.exact:
            if request.argument != self.argument:
                return False
        elif self.argument != "*" and not self._meets(request):
            return False
        if self.on:
            return selector.parse(self.on)(request.target)
        return not self.owner or request.target.owner == self.owner

    def _meets(self, request: Request) -> bool:
        """Whether the pattern is of what would be done to this target. What forbids forbids each way of
        writing it, and the text itself; what permits permits what is done, or exactly the text."""
        done = (request.argument,) if request.filled is None else request.filled()
        if not self.forbids:
            return request.argument == self.argument or fnmatchcase(done[0], self.argument)
        pattern = self.argument.lower()
        return any(fnmatchcase(text.lower(), pattern) for text in (request.argument, *done))


class Rules:
    """The policy over these rules: `to` each principal (or `person:*`, or `*`), its rules."""

    def __init__(self, rules: Iterable[tuple[str, Rule]] = ()) -> None:
        self._index: dict[tuple[str, str], list[Rule]] = {}
        for principal, rule in rules:
            self._index.setdefault((principal, rule.action), []).append(rule)

    def evaluate(self, request: Request) -> Verdict:
        """See :class:`~gadfly.act.grants.policy.Policy`."""
        if wrong := _unlike_schema(request):
            return Verdict(permitted=False, because=wrong, errors=(wrong,))
        errors: list[str] = []
        permit = ended = ""
        forbid: Rule | None = None
        for rule in self._of(request.principal, request.action):
            try:
                if not rule.covers(request):
                    continue
            except Exception as error:  # whatever is wrong with a rule, it must not be skipped
                errors.append(f"{rule.name}: {error}")
                continue
            if rule.forbids:
                # A prohibition that has not begun yet, or a clock that errs, is no reason to allow.
                forbid = rule if request.at < rule.until else forbid
            elif rule.since <= request.at < rule.until:
                permit = permit or rule.name
            else:
                ended = rule.name
        if errors:
            return Verdict(permitted=False, because=errors[0], errors=tuple(errors))
        if forbid is not None:
            return Verdict(
                permitted=False, by=forbid.name, because=f"{forbid.name} forbids it: {forbid.because}"
            )
        if permit:
            return Verdict(permitted=True, by=permit)
        why = f"; {ended} is not in force at this time" if ended else ""
        return Verdict(
            permitted=False,
            because=f"nobody granted {request.principal} {request.action} on {request.target.name}{why}; "
            f"{request.target.owner or 'an owner'} must",
        )

    def ends(self, principal: str, action: str, at: float) -> tuple[tuple[str, float, float], ...]:
        """The permissions in force: name, since, until."""
        return tuple(
            (rule.name, rule.since, rule.until)
            for rule in self._of(principal, action)
            if not rule.forbids and rule.since <= at < rule.until
        )

    def _of(self, principal: str, action: str) -> Iterator[Rule]:
        kind = principal.partition(":")[0]
        verb = action.partition(":")[0]
        for who in (principal, f"{kind}:*", "*"):
            for what in dict.fromkeys((action, f"{verb}:*", verb, "*")):
                yield from self._index.get((who, what), ())


def rules(grants: Mapping[str, Grant], automations: Mapping[str, Automation]) -> Rules:
    """The policy of a catalogue: its grants, and each automation's leave for exactly its `run` and `undo`."""
    found: list[tuple[str, Rule]] = []
    for name, grant in grants.items():
        for text, forbids in [(may, False) for may in grant.may] + [(never, True) for never in grant.never]:
            action, argument = split_run(text)
            rule = Rule(
                name=f"grant {name}",
                forbids=forbids,
                action=action,
                argument=argument or "*",
                on=grant.on,
                owner="" if forbids else grant.owner,
                since=-math.inf if grant.since is None else grant.since.timestamp(),
                until=grant.until.timestamp(),
                because=grant.because,
            )
            found += [(to, rule) for to in grant.to]
    for name, automation in automations.items():
        chosen = automation.targets or (parse_trigger(automation.on).selector if automation.on else "")
        for text in (automation.run, automation.undo):
            if text == IRREVERSIBLE:
                continue
            action, argument = split_run(text)
            rule = Rule(
                name=f"automation {name}",
                action=action,
                argument=argument,
                exact=True,
                on=chosen,
                owner=automation.owner,
                until=end_of(automation.expires),
            )
            found.append((f"automation:{name}", rule))
    return Rules(found)


def check_to(text: str) -> None:
    """ValueError, for whoever wrote it, where `text` is no principal that a grant can name."""
    if not _TO.fullmatch(text):
        raise ValueError(
            f'"{text[:80]}" is no principal; write person:anna, automation:NAME, program:NAME or person:*'
        )


def check_may(text: str) -> None:
    """ValueError, for whoever wrote it, where `text` is no action that a grant can name."""
    action, _ = split_run(text)
    if not _MAY.fullmatch(action):
        raise ValueError(f'"{text[:80]}" is no action; write one like systemd:restart orders-*')
    verb, _, form = action.partition(":")
    if verb != "*" and verb not in ACTIONS:
        raise ValueError(f'"{verb}" is no action; known are {", ".join(ACTIONS)}, or * for all')
    forms = FORMS.get(verb)
    if form not in ("", "*") and forms is not None and form not in forms:
        known = f"known are {', '.join(forms)}" if forms else f"write {verb} alone"
        raise ValueError(f'"{action}" is never done; {known}')


def check_action(text: str) -> None:
    """ValueError, for whoever wrote it, where `text` is not exactly one action, as `systemd:restart`."""
    check_may(text)
    verb, _, form = text.partition(":")
    if not ACTION.fullmatch(text) or (FORMS.get(verb) and not form):
        raise ValueError(f'"{text[:80]}" is not one action; write it whole, as systemd:restart')


def _unlike_schema(request: Request) -> str:
    if not PRINCIPAL.fullmatch(request.principal):
        return f'"{request.principal[:80]}" is no principal'
    if not ACTION.fullmatch(request.action):
        return f'"{request.action[:80]}" is no action'
    if not request.target.name:
        return "the target has no name"
    if not isinstance(request.at, float | int) or not math.isfinite(request.at):
        return "the time of the request is no time"
    return ""
