"""What a configuration may well be, and somebody should know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from gadfly.alert.escalate import lineage
from gadfly.catalogue import functions
from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.probe import CommandProbe, Probes
from gadfly.monitor import rights

SHOWN = 5


def warnings(config: Config) -> list[str]:
    """One sentence a concern, with how many it concerns and the first few names."""
    found: list[str] = []
    components = config.component
    _count(
        found, components, "without an owner, so that an alert names nobody", lambda c: not _owner(config, c)
    )
    _count(
        found,
        components,
        "with neither beats nor a probe nor a schedule nor pings, so that nothing tells how they are",
        lambda c: not (c.beats or c.schedule or c.ping or any(_all(c.probe))),
    )
    _needs(found, config)
    _hosts(found, config)
    silent = [
        name
        for name in config.owner
        if not any(config.owner[above].contact for above in lineage(config.owner, name))
    ]
    if silent:
        found.append(f"{len(silent)} of {_plural(config.owner, 'owner')} cannot be reached: {_names(silent)}")
    if not config.owner and not any(route.receiver for route in config.route) and components:
        found.append("nobody is told anything: there is neither an owner with a contact nor a route")
    unused = sorted(set(config.receiver) - _used_receivers(config))
    if unused:
        found.append(f"{_plural(unused, 'receiver')} never used: {_names(unused)}")
    if not config.heartbeat.keys and config.node.preset != "local":
        found.append(
            "heartbeats are not authenticated: anybody on the network may send them; set heartbeat.keys"
        )
    files = sorted({ca for c in components.values() for ca in _certificates(c) if not Path(ca).is_file()})
    if files:
        found.append(f"{_plural(files, 'file')} named by `ca` not found on this machine: {_names(files)}")
    gaining = sorted(name for name, c in components.items() if any(map(_undecided, c.probe.command)))
    if gaining:
        found.append(
            f"{_plural(gaining, 'component')} with a command probe whose program has rights of its own, "
            f"and no word on whether it may gain them (setuid = true or false): {_names(gaining)}"
        )
    found += functions.warnings(config)
    return found


def _count(
    found: list[str], components: dict[str, Component], what: str, concerns: Callable[[Component], bool]
) -> None:
    names = [name for name, component in components.items() if concerns(component)]
    if names:
        found.append(f"{len(names)} of {_plural(components, 'component')} {what}: {_names(names)}")


def _needs(found: list[str], config: Config) -> None:
    missing = {
        need: name for name, c in config.component.items() for need in c.needs if need not in config.component
    }
    if missing:
        pairs = [f"{need} (needed by {name})" for need, name in missing.items()]
        found.append(
            f"{_plural(missing, 'need')} not declared, so only heartbeats tell of them: {_names(pairs)}"
        )


def _hosts(found: list[str], config: Config) -> None:
    wrong = sorted(
        {
            c.host
            for c in config.component.values()
            if c.host and (c.host not in config.component or config.component[c.host].kind != "host")
        }
    )
    if wrong:
        found.append(f"{_plural(wrong, 'host')} not declared as a component of kind host: {_names(wrong)}")


def _owner(config: Config, component: Component) -> str:
    host = config.component.get(component.host)
    return component.owner or (host.owner if host else "")


def _all(probes: Probes) -> Iterable[object]:
    for kind in Probes.__struct_fields__:
        yield from getattr(probes, kind)


def _certificates(component: Component) -> Iterable[str]:
    for probe in _all(component.probe):
        if ca := getattr(probe, "ca", ""):
            yield ca


def _undecided(probe: CommandProbe) -> bool:
    return probe.setuid is None and bool(probe.run) and bool(rights.own(probe.run[0]))


def _used_receivers(config: Config) -> set[str]:
    contacts = (contact for owner in config.owner.values() for contact in owner.contact)
    named = {contact.removeprefix("receiver:") for contact in contacts if contact.startswith("receiver:")}
    return named | {route.receiver for route in config.route}


def _plural(things: Iterable[object], word: str) -> str:
    count = sum(1 for _ in things)
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _names(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
