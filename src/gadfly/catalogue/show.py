"""The configuration in effect, as TOML that reads back the same, and as plain data for JSON.

Secrets stand in the configuration as references and are shown as such; a password inside an address, the path
of a web hook and of an apprise address (which is where their tokens are) and telling headers are hidden.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gadfly import duration, redact, secret
from gadfly.catalogue.conform import attribute, fields_of, written
from gadfly.config import Config
from gadfly.config.alerting import Receiver
from gadfly.config.component import Component
from gadfly.config.node import Preset
from gadfly.config.owner import Owner
from gadfly.config.section import Duration, Section
from gadfly.preset import preset_value

# These are shown whole; of an entry only what differs from the default of its kind.
_WHOLE = (
    "node",
    "heartbeat",
    "alerting",
    "mail",
    "ledger",
    "gate",
    "ping",
    "statsd",
    "collectd",
    "rules",
    "remote",
    "functions",
    "predict",
    "ask",
)
_ENTRIES = (
    "owner",
    "receiver",
    "component",
    "witness",
    "automation",
    "grant",
    "freeze",
    "rule",
    "function",
    "prediction",
)

_TELLING = re.compile(r"auth|cookie|key|token|secret|password|session", re.IGNORECASE)
"""Names of headers that hold secrets, wherever they stand in the name."""

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def as_toml(config: Config) -> str:
    """The settings in full, then each entry with what it says beyond the defaults."""
    preset = config.node.preset
    parts = [f"[{name}]\n" + "".join(_lines(data_of(getattr(config, name)))) for name in _WHOLE]
    for name in _ENTRIES:
        for key, entry in getattr(config, name).items():
            parts.append(_entry(f"{name}.{_key(key)}", _said(entry, preset)))
    for name in ("route", "inhibit", "maintenance"):
        parts += [f"[[{name}]]\n" + "".join(_lines(_said(entry, preset))) for entry in getattr(config, name)]
    return "\n".join(parts)


def as_data(config: Config) -> dict[str, Any]:
    """Everything, with defaults; durations as they are written in files."""
    return data_of(config)


def _entry(title: str, said: dict[str, Any]) -> str:
    probes = said.pop("probe", {})
    text = f"[{title}]\n" + "".join(_lines(said))
    for kind, found in probes.items():
        text += f"probe.{kind} = {_value(found[0] if len(found) == 1 else found)}\n"
    return text


def _lines(table: Mapping[str, object]) -> Iterable[str]:
    for key, value in table.items():
        if value is not None:
            yield f"{_key(key)} = {_value(value)}\n"


def _said(section: Section, preset: Preset) -> dict[str, Any]:
    """What differs from the defaults under `preset`."""
    found = {}
    for name, (_, default) in fields_of(type(section)).items():
        value = getattr(section, attribute(name))
        changed = preset_value(preset, type(section), name)
        if default is msgspec.NODEFAULT or value != (default if changed is None else changed):
            found[name] = _plain(value, lambda inner: _said(inner, preset))
    return _hide(section, found)


def data_of(section: Section) -> dict[str, Any]:
    """A section as plain data, secrets hidden, durations in words."""
    names = section.__struct_fields__
    return _hide(section, {written(name): _plain(getattr(section, name), data_of) for name in names})


def _plain(value: object, of_section: Any) -> Any:
    match value:
        case Duration():
            return duration.format(value)
        case Section():
            return of_section(value)
        case tuple():
            return [_plain(element, of_section) for element in value]
        case dict():
            return {key: _plain(element, of_section) for key, element in value.items()}
        case dt.datetime():
            return value
        case str():
            return redact.password(value)
        case _:
            return value


def _hide(section: Section, found: dict[str, Any]) -> dict[str, Any]:
    if isinstance(section, Receiver):
        found.update(
            {name: redact.contact(found[name]) for name in ("apprise", "webhook") if found.get(name)}
        )
    if isinstance(section, Component) and found.get("ping"):
        found["ping"] = redact.reference(found["ping"])
    if isinstance(section, Owner) and "contact" in found:
        found["contact"] = [redact.contact(contact) for contact in found["contact"]]
    for name, value in found.get("headers", {}).items():
        if _TELLING.search(name) and not secret.is_reference(value):
            found["headers"][name] = redact.HIDDEN
    return found


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return (
                "{ "
                + ", ".join(
                    f"{_key(key)} = {_value(element)}"
                    for key, element in value.items()
                    if element is not None
                )
                + " }"
            )
        case dt.date():  # a datetime is one too
            return value.isoformat()
        case _:
            return str(value)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, and for characters that JSON would write as two halves.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
