"""Writes docs/configuration.md from the structs of the configuration: field, type, default, and the reason
that stands below each field in the source."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from gadfly import config, duration
from gadfly.catalogue.conform import fields_of, written
from gadfly.config.act import Automation, FreezeWindow, Gate, Grant, Limits
from gadfly.config.alerting import Alerting, Inhibit, Mail, Maintenance, Receiver, Route
from gadfly.config.ask import Ask, AskKind
from gadfly.config.component import Component
from gadfly.config.discovered import Discovered
from gadfly.config.functions import Function, FunctionLimits, Functions
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.ledger import Cosigner, Ledger, Witness
from gadfly.config.listeners import Collectd, Statsd
from gadfly.config.logs import LogFile, LogRule, Logs
from gadfly.config.node import Node
from gadfly.config.owner import Delegate, Load, Owner
from gadfly.config.ping import Ping
from gadfly.config.predict import Predict, Prediction
from gadfly.config.probe import (
    CommandProbe,
    DnsProbe,
    GrpcProbe,
    HttpProbe,
    IcmpProbe,
    Probe,
    Probes,
    TcpProbe,
    TlsProbe,
)
from gadfly.config.remote import Remote
from gadfly.config.rules import Rule, Rules
from gadfly.config.scrape import Group, Listing, Names, Push, Relabel, Scrape, Scraping
from gadfly.config.section import Duration, Section
from gadfly.config.series import Series
from gadfly.preset import PRESETS

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"

HEAD = """\
<!-- Written by `make docs` from src/gadfly/config/; change it there. -->

# The configuration

One file, `gadfly.toml`, or a folder of files that end in `.toml`. `gadfly up --config PATH` uses it.
`gadfly config check PATH` says all that is wrong with it, each problem on one line with file and line;
`gadfly config show PATH` prints what is in effect. The file is read again on SIGHUP or `gadfly reload`;
a file with a problem is refused whole, and the node goes on with what it had.

- Nothing is guessed: an unknown key is an error, so that a typing mistake cannot switch a check off.
- **Durations** are numbers with a unit: `250ms`, `5s`, `1m30s`, `12h`, `14d`, `2w`.
- **Secrets** are never written in the file, only named: `env:NAME` or `file:PATH`.
- In a **folder** every entry has one place: the same one in two files is an error that names both.
- The defaults below are those of the preset `lan`; at the end stands what the others change.

```toml
[owner.platform]
contact = ["mailto:platform@example.org"]

[component.shop]
owner = "platform"
beats = "1s"
probe.http = { url = "https://shop.example.org/readyz", certificate = "> 14d" }
```
"""

SECTIONS: tuple[tuple[str, type[Section]], ...] = (
    ("[node]", Node),
    ("[heartbeat]", Heartbeat),
    ("[owner.NAME]", Owner),
    ("owner.NAME.delegate", Delegate),
    ("owner.NAME.load", Load),
    ("[component.NAME]", Component),
    ("probe.http", HttpProbe),
    ("probe.tcp", TcpProbe),
    ("probe.tls", TlsProbe),
    ("probe.dns", DnsProbe),
    ("probe.grpc", GrpcProbe),
    ("probe.icmp", IcmpProbe),
    ("probe.command", CommandProbe),
    ("[alerting]", Alerting),
    ("[receiver.NAME]", Receiver),
    ("[[route]]", Route),
    ("[[inhibit]]", Inhibit),
    ("[[maintenance]]", Maintenance),
    ("[mail]", Mail),
    ("[ledger]", Ledger),
    ("[[ledger.witnesses]]", Cosigner),
    ("[witness.NAME]", Witness),
    ("[automation.NAME]", Automation),
    ("limits", Limits),
    ("[grant.NAME]", Grant),
    ("[freeze.NAME]", FreezeWindow),
    ("[gate]", Gate),
    ("[scrape.NAME]", Scrape),
    ("scrape.NAME.groups", Group),
    ("scrape.NAME.dns", Names),
    ("scrape.NAME.http", Listing),
    ("scrape.NAME.relabel", Relabel),
    ("[scraping]", Scraping),
    ("[push]", Push),
    ("[series]", Series),
    ("[ping]", Ping),
    ("[statsd]", Statsd),
    ("[collectd]", Collectd),
    ("[rules]", Rules),
    ("[rule.NAME]", Rule),
    ("[prediction.NAME]", Prediction),
    ("[predict]", Predict),
    ("[ask]", Ask),
    ("[ask.kind.NAME]", AskKind),
    ("[logs]", Logs),
    ("[log_file.NAME]", LogFile),
    ("[log_rule.NAME]", LogRule),
    ("[remote]", Remote),
    ("[functions]", Functions),
    ("[function.NAME]", Function),
    ("function.NAME.limits", FunctionLimits),
    ("[discovered]", Discovered),
)

MODULES = (
    config,
    *(
        importlib.import_module(name)
        for _, name, _ in pkgutil.iter_modules(config.__path__, "gadfly.config.")
    ),
)

WORDS = {
    str: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    type(None): "nothing",
    dt.date: "day",
    dt.datetime: "date and time",
}


def reasons() -> dict[tuple[str, str], str]:
    """For each class and field of the tables: the string that stands below the field."""
    found = {}
    for node in (node for module in MODULES for node in ast.parse(inspect.getsource(module)).body):
        if not isinstance(node, ast.ClassDef):
            continue
        for field, below in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                text = ""
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    text = " ".join(str(below.value.value).split())
                found[node.name, written(field.target.id)] = text
    return found


def page() -> str:
    """The whole page."""
    known = reasons()
    parts = [HEAD]
    for title, cls in SECTIONS:
        parts.append(f"## `{title}`\n\n{inspect.getdoc(cls)}\n\n" + _table(cls, known))
        if cls is Component:
            parts.append(_common(known))
    parts.append(_presets())
    return "\n".join(parts)


def _common(known: dict[tuple[str, str], str]) -> str:
    text = (
        "## Every probe\n\n"
        "A component has one table for each kind of probe, `probe.http = { … }`, or a list of\n"
        "them with names, `[[component.NAME.probe.http]]`. Whatever its kind, a probe has:\n\n"
    )
    return text + _table(Probe, known)


def _table(cls: type[Section], known: dict[tuple[str, str], str]) -> str:
    rows = ["| setting | type | default | what, and why |", "|---|---|---|---|"]
    inherited = () if cls is Probe else Probe.__struct_fields__
    for name, (hint, default) in fields_of(cls).items():
        if issubclass(cls, Probe) and name in inherited:
            continue
        if default is msgspec.NODEFAULT:
            shown = "needed"
        elif isinstance(default, Section):
            shown = ""
        else:
            shown = _default(default)
        reason = next(known[c.__name__, name] for c in cls.__mro__ if (c.__name__, name) in known)
        rows.append(f"| `{name}` | {_type(hint)} | {shown} | {reason} |".replace("|  |", "| |"))
    return "\n".join(rows) + "\n"


def _presets() -> str:
    rows = [
        "## Presets\n",
        "`node.preset` changes defaults, never what the file says. `lan` changes none.\n",
        "| preset | setting | default | why |",
        "|---|---|---|---|",
    ]
    for preset, sections in PRESETS.items():
        for cls, fields in sections.items():
            where = cls.__name__.lower()
            for name, (value, why) in fields.items():
                rows.append(f"| `{preset}` | `{where}.{name}` | {_default(value)} | {why} |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    match value:
        case Duration():
            return f"`{duration.format(value)}`"
        case bool():
            return f"`{str(value).lower()}`"
        case "" | () | None:
            return "empty"
        case dict():
            return "empty"
        case tuple():
            return ", ".join(f"`{element}`" for element in value)
        case _:
            return f"`{value}`"


def _type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Duration:
        return "duration"
    if hint is Probes:
        return "tables"
    if origin is Literal:
        return " · ".join(f"`{choice}`" for choice in arguments)
    if origin is tuple:
        return f"list of {_plural(_type(arguments[0]))}"
    if origin is dict:
        return "table"
    if origin in (types.UnionType, typing.Union):
        return _or(_type(argument) for argument in arguments if argument is not type(None))
    if issubclass(hint, Section):
        return "table"
    return WORDS[hint]


def _plural(word: str) -> str:
    return word + "s" if word.isalpha() else word


def _or(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
