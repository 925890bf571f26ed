"""What functions can do now and could not before: between two states of a catalogue. Pure.

New access is a grant that no earlier one covered, a caller from outside (a webhook, a log) that was not
there, another secret under a name that is granted, and a private network that was opened.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gadfly.config.functions import Functions
from gadfly.errors import ConfigError
from gadfly.functions import grant
from gadfly.functions.function import Function
from gadfly.functions.grant import Grant
from gadfly.functions.policy import new_access

ALL = "functions"
"""The name under which stands what is new for all of them."""


def news(
    before: Mapping[str, Any], functions: Sequence[Function], settings: Functions
) -> dict[str, list[str]]:
    """By function, a line for each new access. `before`: the tables `function` and `functions` as TOML has
    them, which may be of an age at which other things were allowed: what cannot be read gave nothing."""
    tables, earlier = _table(before.get("function")), _table(before.get("functions"))
    secrets = _table(earlier.get("secrets"))
    found = {}
    for one in functions:
        table = _table(tables.get(one.name))
        if lines := [*_grants(one, table), *_callers(one, table), *_secrets(one, table, secrets, settings)]:
            found[one.name] = lines
    if networks := list(_networks(earlier, settings)):
        found[ALL] = networks
    return found


def _grants(function: Function, before: Mapping[str, Any]) -> Iterator[str]:
    for one in new_access(_granted(before), function.grants):
        yield str(one)


def _callers(function: Function, before: Mapping[str, Any]) -> Iterator[str]:
    known = {" ".join(str(one).split()) for one in _listed(before.get("on"))}
    for one in function.on:
        if not one.strip().startswith("schedule") and " ".join(one.split()) not in known:
            yield f"called by {one}"


def _secrets(
    function: Function, before: Mapping[str, Any], secrets: Mapping[str, Any], settings: Functions
) -> Iterator[str]:
    granted = {one.text for one in _granted(before) if one.verb == "secret:use"}
    for one in function.grants:
        if one.verb == "secret:use" and one.text in granted:
            now = settings.secrets.get(one.text)
            if now != secrets.get(one.text):
                yield f"{one} is another secret: {now or 'from the environment'}"


def _networks(before: Mapping[str, Any], settings: Functions) -> Iterator[str]:
    known = []
    for text in _listed(before.get("networks")):
        try:
            known.append(ipaddress.ip_network(str(text)))
        except ValueError:
            continue
    for text in settings.networks:
        now = ipaddress.ip_network(text)
        if not any(now.version == one.version and now.subnet_of(one) for one in known):  # type: ignore[arg-type]
            yield f"the network {text} is open"


def _granted(table: Mapping[str, Any]) -> list[Grant]:
    found = []
    for line in _listed(table.get("grants")):
        try:
            found.append(grant.parse(str(line)))
        except ConfigError:
            continue
    return found


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
