"""Everything that can be set, as one tree of typed structs. Every default carries its reason.

A :class:`Config` is what ``gadfly.toml`` (or a folder of such files) says, checked and complete; it never
changes once made. Reading files and naming mistakes is :mod:`gadfly.catalogue`'s work. Durations are
seconds; in a file they are written as ``"250ms"``, ``"5s"``, ``"1m30s"``, ``"12h"`` or ``"14d"``.
A file of this folder has the tables of one subject; :class:`Config` is the tree of all.
"""

from __future__ import annotations

from gadfly.config.act import Automation, FreezeWindow, Gate, Grant
from gadfly.config.alerting import Alerting, Inhibit, Mail, Maintenance, Receiver, Route
from gadfly.config.ask import Ask
from gadfly.config.component import Component
from gadfly.config.discovered import Discovered
from gadfly.config.functions import Function, Functions
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.ledger import Ledger, Witness
from gadfly.config.listeners import Collectd, Statsd
from gadfly.config.logs import LogFile, LogRule, Logs
from gadfly.config.node import Node
from gadfly.config.owner import Owner
from gadfly.config.ping import Ping
from gadfly.config.predict import Predict, Prediction
from gadfly.config.remote import Remote
from gadfly.config.rules import Rule, Rules
from gadfly.config.scrape import Push, Scrape, Scraping
from gadfly.config.section import Section
from gadfly.config.series import Series


class Config(Section, frozen=True, kw_only=True):
    """The whole of it."""

    node: Node = Node()
    """`[node]`."""
    heartbeat: Heartbeat = Heartbeat()
    """`[heartbeat]`."""
    alerting: Alerting = Alerting()
    """`[alerting]`."""
    mail: Mail = Mail()
    """`[mail]`."""
    owner: dict[str, Owner] = {}
    """`[owner.NAME]`."""
    component: dict[str, Component] = {}
    """`[component.NAME]`."""
    receiver: dict[str, Receiver] = {}
    """`[receiver.NAME]`."""
    route: tuple[Route, ...] = ()
    """`[[route]]`, in order."""
    inhibit: tuple[Inhibit, ...] = ()
    """`[[inhibit]]`."""
    maintenance: tuple[Maintenance, ...] = ()
    """`[[maintenance]]`."""
    ledger: Ledger = Ledger()
    """`[ledger]`."""
    witness: dict[str, Witness] = {}
    """`[witness.NAME]`."""
    gate: Gate = Gate()
    """`[gate]`."""
    automation: dict[str, Automation] = {}
    """`[automation.NAME]`."""
    grant: dict[str, Grant] = {}
    """`[grant.NAME]`."""
    freeze: dict[str, FreezeWindow] = {}
    """`[freeze.NAME]`."""
    ping: Ping = Ping()
    """`[ping]`."""
    statsd: Statsd = Statsd()
    """`[statsd]`."""
    collectd: Collectd = Collectd()
    """`[collectd]`."""
    rules: Rules = Rules()
    """`[rules]`."""
    rule: dict[str, Rule] = {}
    """`[rule.NAME]`."""
    predict: Predict = Predict()
    """`[predict]`."""
    prediction: dict[str, Prediction] = {}
    """`[prediction.NAME]`."""
    remote: Remote = Remote()
    """Where else series go, and where they are asked for."""
    series: Series = Series()
    """`[series]`."""
    scrape: dict[str, Scrape] = {}
    """`[scrape.NAME]`."""
    scraping: Scraping = Scraping()
    """`[scraping]`."""
    push: Push = Push()
    """`[push]`."""
    discovered: Discovered = Discovered()
    """`[discovered]`."""
    logs: Logs = Logs()
    """`[logs]`."""
    log_file: dict[str, LogFile] = {}
    """`[log_file.NAME]`."""
    log_rule: dict[str, LogRule] = {}
    """`[log_rule.NAME]`."""
    functions: Functions = Functions()
    """`[functions]`."""
    function: dict[str, Function] = {}
    """`[function.NAME]`."""
    ask: Ask = Ask()
    """`[ask]`."""
