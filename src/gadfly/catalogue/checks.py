"""What must hold of a configuration besides its types: values in their range, names that exist, no circles.

Each function appends to `problems`; none stops at the first.
"""

from __future__ import annotations

from collections.abc import Mapping

from gadfly import hours, rate, secret
from gadfly.catalogue import (
    ask,
    automations,
    functions,
    ledger,
    listeners,
    logs,
    predictions,
    probes,
    remote,
    rules,
    scraping,
    values,
)
from gadfly.catalogue.conform import Problem
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.config.alerting import Maintenance, Receiver, Route
from gadfly.config.component import Component
from gadfly.config.owner import Delegate, Owner
from gadfly.monitor.verdict import Verdict

MAX_NAME = 200
MAX_LABELS = 32
MAX_LABEL = 256
MAX_NEEDS = 256


def check(config: Config, problems: list[Problem]) -> None:
    """Append what is wrong with `config`, whose types are right."""
    report = Report(problems)
    _node(report, config)
    _heartbeat(report, config)
    _alerting(report, config)
    for name, owner in config.owner.items():
        _owner(report, config, name, owner)
    _owners_in_a_circle(report, config.owner)
    for name, component in config.component.items():
        _component(report, config, name, component)
    for name, receiver in config.receiver.items():
        _receiver(report, ("receiver", name), receiver)
    for index, route in enumerate(config.route):
        _route(report, ("route", index), config, route)
    for index, inhibit in enumerate(config.inhibit):
        _matchers(report, ("inhibit", index, "source"), inhibit.source, may_be_empty=False)
        _matchers(report, ("inhibit", index, "target"), inhibit.target, may_be_empty=False)
        for place, label in enumerate(inhibit.equal):
            report.test(("inhibit", index, "equal", place), values.label, label)
    for index, window in enumerate(config.maintenance):
        _maintenance(report, ("maintenance", index), config, window)
    ledger.check(report, config)
    automations.check(report, config)
    scraping.check(report, config)
    listeners.check(report, config)
    logs.check(report, config)
    rules.check(report, config)
    functions.check(report, config)
    remote.check(report, config)
    predictions.check(report, config)
    ask.check(report, config)


def _node(report: Report, config: Config) -> None:
    node = config.node
    report.test(("node", "listen"), values.host_port, node.listen)
    if node.url:
        report.test(("node", "url"), values.url, node.url)
    report.within(("node", "components"), node.components, 1, 10_000_000)
    if len(config.component) > node.components:
        report.say(
            ("node", "components"),
            f"{len(config.component)} components are declared; at most {node.components} are heard",
        )
    if not node.state.strip():
        report.say(("node", "state"), "a folder is needed; the default is ~/.local/state/gadfly")


def _heartbeat(report: Report, config: Config) -> None:
    heartbeat = config.heartbeat
    for index, group in enumerate(heartbeat.groups):
        report.test(("heartbeat", "groups", index), values.group, group)
    for index, interface in enumerate(heartbeat.interfaces):
        report.test(("heartbeat", "interfaces", index), values.interface, interface)
    if heartbeat.bind:
        report.test(("heartbeat", "bind"), values.ip_address, heartbeat.bind)
    for index, key in enumerate(heartbeat.keys):
        report.test(("heartbeat", "keys", index), values.secret_reference, key)
    if len(heartbeat.keys) > 2:
        report.say(("heartbeat", "keys"), f"{len(heartbeat.keys)} keys; two are live at most, for rotation")
    report.within(("heartbeat", "every"), heartbeat.every, 0.02, 86_400, seconds=True)
    report.test(("heartbeat", "mistakes"), values.mistakes, heartbeat.mistakes)
    report.within(("heartbeat", "enquiries"), heartbeat.enquiries, 0, 1_000_000)


def _alerting(report: Report, config: Config) -> None:
    alerting, mail = config.alerting, config.mail
    report.within(("alerting", "settle"), alerting.settle, 0, 3_600, seconds=True)
    report.within(("alerting", "flapping"), alerting.flapping, 2, 1_000)
    report.within(("alerting", "attempts"), alerting.attempts, 1, 10_000)
    for index, verdict in enumerate(alerting.told):
        report.known(("alerting", "told", index), "verdict", verdict, Verdict.__members__)
    report.test(("mail", "server"), values.host_port, mail.server)
    if mail.sender:
        report.test(("mail", "sender"), values.mail, mail.sender)
    if mail.password:
        report.test(("mail", "password"), values.secret_reference, mail.password)
    if bool(mail.user) != bool(mail.password):
        report.say(("mail",), "`user` and `password` belong together; write both or neither")
    if mail.password and mail.tls == "none":
        report.say(("mail", "tls"), 'a password would travel in the clear; write "starttls" or "tls"')


def _owner(report: Report, config: Config, name: str, owner: Owner) -> None:
    path: Path = ("owner", name)
    _name(report, path, name)
    for index, contact in enumerate(owner.contact):
        report.test((*path, "contact", index), _contact, contact)
        if contact.startswith("receiver:"):
            receiver = contact.removeprefix("receiver:")
            report.known((*path, "contact", index), "receiver", receiver, config.receiver)
    report.within((*path, "after"), owner.after, 1, 30 * 86_400, seconds=True)
    report.known((*path, "owner"), "owner", owner.owner, config.owner)
    if owner.hours:
        report.test((*path, "hours"), hours.parse, owner.hours)
    for index, one in enumerate(owner.delegate):
        _delegate(report, config, (*path, "delegate", index), name, one)
    for field in ("pages", "night", "approvals", "questions"):
        report.test((*path, "load", field), rate.parse, getattr(owner.load, field))
    for field in ("components", "checks", "automations"):
        report.within((*path, "load", field), getattr(owner.load, field), 0, 10_000_000)


def _delegate(report: Report, config: Config, path: Path, owner: str, delegate: Delegate) -> None:
    report.known((*path, "to"), "owner", delegate.to, config.owner)
    if delegate.to == owner:
        report.say((*path, "to"), "an owner does not stand in for itself")
    elif delegate.to in config.owner and not config.owner[delegate.to].contact:
        report.say((*path, "to"), f'"{delegate.to}" has no contact, so it cannot stand in for anybody')
    if not delegate.because.strip():
        report.say((*path, "because"), "whoever is asked in somebody's place will want to know why")
    if delegate.since is not None and delegate.until <= delegate.since:
        report.say((*path, "until"), "it ends before it starts")


def _contact(text: str) -> None:
    scheme, colon, rest = text.partition(":")
    if scheme in ("http", "https"):
        values.url(text)
    elif scheme == "mailto":
        values.mail(rest)
    elif scheme == "exec" and rest.strip():
        values.words(rest)
    elif not colon or not rest or (scheme != "receiver" and not rest.startswith("//")):
        raise ValueError(
            f'"{text[:80]}" is not a contact; write mailto:…, https://…, exec:PROGRAM or receiver:NAME'
        )


def _owners_in_a_circle(report: Report, owners: Mapping[str, Owner]) -> None:
    done: set[str] = set()
    for start in owners:
        chain: list[str] = []
        name = start
        while name in owners and name not in done:
            if name in chain:
                circle = [*chain[chain.index(name) :], name]
                report.say(("owner", name, "owner"), f"owners in a circle: {' → '.join(circle)}")
                break
            chain.append(name)
            name = owners[name].owner
        done.update(chain)


def _component(report: Report, config: Config, name: str, component: Component) -> None:
    path: Path = ("component", name)
    _name(report, path, name)
    report.known((*path, "owner"), "owner", component.owner, config.owner)
    if component.beats:
        report.within((*path, "beats"), component.beats, 0.02, 7 * 86_400, seconds=True)
    if len(component.needs) > MAX_NEEDS:
        report.say((*path, "needs"), f"{len(component.needs)} needs; at most {MAX_NEEDS} are taken")
    if name in component.needs:
        report.say((*path, "needs"), "a component does not need itself")
    if component.host == name:
        report.say((*path, "host"), "a component does not run on itself")
    if len(component.labels) > MAX_LABELS:
        report.say((*path, "labels"), f"{len(component.labels)} labels; at most {MAX_LABELS} are taken")
    for label, value in component.labels.items():
        report.test((*path, "labels", label), values.label, label)
        if len(value) > MAX_LABEL:
            report.say((*path, "labels", label), f"{len(value)} characters; at most {MAX_LABEL} are taken")
    if component.kind == "job":
        if component.schedule:
            report.test((*path, "schedule"), values.schedule, component.schedule)
        if component.runs:
            report.test((*path, "runs"), values.less_than, component.runs)
    else:
        for field in ("schedule", "runs", "ping"):
            if getattr(component, field):
                report.say((*path, field), f'only a job has this; write kind = "job" or take `{field}` out')
    probes.check(report, (*path, "probe"), component.probe)


def _receiver(report: Report, path: Path, receiver: Receiver) -> None:
    _name(report, path, str(path[-1]))
    given = [kind for kind in ("webhook", "email", "command", "apprise") if getattr(receiver, kind)]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        report.say(path, f"exactly one of webhook, email, command and apprise is needed; found {found}")
    if receiver.webhook and not secret.is_reference(receiver.webhook):
        report.test((*path, "webhook"), values.url, receiver.webhook)
    if receiver.email:
        report.test((*path, "email"), values.mail, receiver.email.removeprefix("mailto:"))
    if receiver.apprise and not ("://" in receiver.apprise or secret.is_reference(receiver.apprise)):
        report.say((*path, "apprise"), "an address of apprise has the form SERVICE://…")
    if receiver.headers and not receiver.webhook:
        report.say((*path, "headers"), "only a webhook has headers; take them out")
    for header, value in receiver.headers.items():
        report.test((*path, "headers", header), values.header, header)
        report.test((*path, "headers", header), values.header_value, value)
        if header.lower() in secret.HEADERS and not secret.is_reference(value):
            report.test((*path, "headers", header), values.secret_reference, value)
    report.within((*path, "timeout"), receiver.timeout, 0.1, 300, seconds=True)


def _route(report: Report, path: Path, config: Config, route: Route) -> None:
    _matchers(report, (*path, "match"), route.match)
    report.known((*path, "receiver"), "receiver", route.receiver, config.receiver)
    for index, label in enumerate(route.group_by):
        report.test((*path, "group_by", index), values.label, label)
    report.within((*path, "wait"), route.wait, 0, 3_600, seconds=True)
    report.within((*path, "interval"), route.interval, 1, 86_400, seconds=True)
    report.within((*path, "repeat"), route.repeat, 60, 90 * 86_400, seconds=True)


def _maintenance(report: Report, path: Path, config: Config, window: Maintenance) -> None:
    _matchers(report, (*path, "match"), window.match, may_be_empty=False)
    report.known((*path, "owner"), "owner", window.owner, config.owner)
    if not window.because.strip():
        report.say((*path, "because"), "a window needs its reason in words")
    if window.schedule:
        report.test((*path, "schedule"), values.cron, window.schedule)
        report.within((*path, "lasts"), window.lasts, 60, 7 * 86_400, seconds=True)
        return
    if window.lasts:
        report.say((*path, "lasts"), "`lasts` goes with `schedule`; write `ends` for a single window")
    if window.ends is None:
        report.say(path, "a window needs an end: write `ends`, or `schedule` and `lasts`")
    elif window.starts is not None and window.ends <= window.starts:
        report.say((*path, "ends"), "the window ends before it starts")


def _matchers(report: Report, path: Path, match: Mapping[str, str], *, may_be_empty: bool = True) -> None:
    if not match and not may_be_empty:
        report.say(path, "empty, which would match everything; name at least one label")
    for label, value in match.items():
        report.test((*path, label), values.label, label)
        plain = value.removeprefix("!")
        if plain.startswith("~"):
            report.test((*path, label), values.matcher, plain[1:])


def _name(report: Report, path: Path, name: str) -> None:
    if not name or len(name) > MAX_NAME or not name.isprintable() or name != name.strip():
        report.say(path, f"a name is 1 to {MAX_NAME} printable characters, without blanks around it")
