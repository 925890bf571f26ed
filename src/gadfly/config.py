"""Everything that can be set, as one tree of typed structs. Every default carries its reason.

A :class:`Config` is what ``gadfly.toml`` (or a folder of such files) says, checked and complete; it never
changes once made. Reading files and naming mistakes is :mod:`gadfly.catalogue`'s work. Durations are
seconds; in a file they are written as ``"250ms"``, ``"5s"``, ``"1m30s"``, ``"12h"`` or ``"14d"``.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config_act import Automation, FreezeWindow, Gate, Grant
from gadfly.config_ask import Ask
from gadfly.config_discovered import Discovered
from gadfly.config_function import Function, Functions
from gadfly.config_ledger import Ledger, Witness
from gadfly.config_listeners import Collectd, Statsd
from gadfly.config_logs import LogFile, LogRule, Logs
from gadfly.config_owner import Delegate, Load
from gadfly.config_ping import Ping
from gadfly.config_predict import Predict, Prediction
from gadfly.config_remote import Remote
from gadfly.config_rules import Rule, Rules
from gadfly.config_scrape import Push, Scrape, Scraping
from gadfly.config_series import Series
from gadfly.section import Duration as Duration
from gadfly.section import Section as Section

Preset = Literal["local", "lan", "wan"]


class Node(Section, frozen=True, kw_only=True):
    """This node: where it listens and where it keeps its state."""

    name: str = ""
    """Shown on the page and in notifications. Empty: the host's name."""
    listen: str = "127.0.0.1:7171"
    """Page and API. Loopback, because anything else needs a decision about who may read and write."""
    url: str = ""
    """How people reach the page, for links in notifications. Empty: made from `listen`."""
    preset: Preset = "local"
    """`local` stays on loopback, so that a first try disturbs no network; `lan` multicasts; `wan` expects
    loss."""
    state: str = "~/.local/state/gadfly"
    """The folder of the database and the local token. Readable by its owner only."""
    reading: Literal["open", "token"] = "open"
    """Whether reading needs a token too. Open, because on loopback whoever reads is on this machine
    already."""
    components: int = 1_100_000
    """How many components are heard at most; more are counted and dropped. Address space, not memory, is
    reserved."""
    watch_host: bool = True
    """Beat for this host itself, so that the node's own machine is in the picture."""


class Heartbeat(Section, frozen=True, kw_only=True):
    """What is listened to, and how soon silence is believed."""

    groups: tuple[str, ...] = ("239.192.71.70:7170", "[ff15::4766]:7170")
    """Multicast groups. 239.192/14 is organisation-local; ff15 is site-local. Port 7170 also takes
    unicast."""
    interfaces: tuple[str, ...] = ()
    """Interfaces (names or addresses) to join the groups on. Empty: loopback only with `local`, else all that
    are up. One that comes up, goes or is made anew later is followed within seconds."""
    bind: str = ""
    """Address for unicast beats. Empty: 127.0.0.1 and ::1 with `local`, else every address."""
    keys: tuple[str, ...] = ()
    """Secrets, newest first: `env:NAME` or `file:PATH`. At most two live, for rotation. Without one, beats
    are not authenticated."""
    every: Duration = Duration(1.0)
    """The interval of programs on this machine that ask for none (`gadfly beat`, `gadfly exec`, `Heart`):
    they read it in the node's run file. A death is then known in about a second."""
    mistakes: str = "1 per node-month"
    """The budget of false deaths: the only knob. Fewer mistakes means more patience."""
    enquire: bool = True
    """Ask a late component at once. False: listen only, send nothing, and wait for as long as `mistakes`
    demands."""
    enquiries: int = 2000
    """Enquiry packets a second at most, shared fairly among the late: 0.2 MB/s, less than one video call."""


class Owner(Section, frozen=True, kw_only=True):
    """A team or role that answers."""

    contact: tuple[str, ...] = ()
    """In order: `mailto:`, `https:`, `exec:`, `receiver:NAME`, or any address apprise knows (with
    gadfly[notify])."""
    after: Duration = Duration(900.0)
    """Not acknowledged for so long: the next contact, then the owner's owner. Long enough to get up, short of
    a quarter of an hour's damage more."""
    owner: str = ""
    """Who answers when this one does not."""
    hours: str = ""
    """`Mon-Fri 08:00-18:00 Europe/Berlin`: outside, only what is `down` (or gray, missing, zombie) is told;
    `degraded` waits. Empty: always."""
    delegate: tuple[Delegate, ...] = ()
    """Who answers in its place for a while, each with an end."""
    load: Load = Load()
    """How much this owner can bear a week."""


class Probe(Section, frozen=True, kw_only=True):
    """What every kind of probe has."""

    name: str = ""
    """Tells probes of one kind apart when a component has several."""
    every: Duration = Duration(15.0)
    """Often enough that two failures in a row are known within a minute; rare enough to be nobody's load."""
    timeout: Duration = Duration(5.0)
    """A target that needs longer is failing its users already."""
    retries: int = 1
    """Failures in a row that are not yet believed. One, because a single lost packet is not an outage."""


class HttpProbe(Probe, frozen=True, kw_only=True):
    """GET (or another method) and look at what comes back."""

    url: str
    """`http://` or `https://`; the name is looked up anew at every enquiry, as a user's would be."""
    method: Literal["GET", "HEAD", "POST", "PUT", "OPTIONS"] = "GET"
    """GET, because that is what users do; HEAD where the body is large."""
    headers: dict[str, str] = {}
    """Sent with the request; `Host` replaces the one from `url`. Values may be `env:NAME` or `file:PATH`."""
    body: str = ""
    """Sent with POST and PUT."""
    status: int | tuple[int, ...] = ()
    """Accepted status codes. Empty: any 2xx."""
    contains: str = ""
    """A regular expression that the body must match somewhere."""
    lacks: str = ""
    """A regular expression that the body must not match."""
    json: dict[str, str | int | float | bool | None] = {}
    """JSON paths (`checks.db.status`, `items[0].id`) and the values they must have."""
    certificate: str = "> 0d"
    """How long the certificate must still be valid: `> 14d`. Nearer than that is `warn`; expired is
    `fail`."""
    verify: bool = True
    """Check the certificate against `ca` and the name. On, because users' programs do."""
    ca: str = ""
    """A file of certificates to trust beside the system's."""
    keep_alive: bool = False
    """Keep the connection between enquiries. Off, because most outages hide from a connection made
    yesterday."""
    resume: bool = False
    """Resume the TLS session of the last enquiry, with a full handshake every ten minutes. Off, because a
    resumed one shows no new certificate."""
    redirects: int = 3
    """How many are followed."""
    limit: int = 1_048_576
    """Bytes of body read at most; what is behind is not looked at."""
    health: bool = True
    """Understand `application/health+json`: its status decides, its checks are the reason."""
    slow: Duration = Duration(0.0)
    """Slower than this is `warn`. 0: never."""


class TcpProbe(Probe, frozen=True, kw_only=True):
    """Connect; send and expect where asked."""

    address: str
    """`host:port`."""
    send: str = ""
    """Text to send; `\\r`, `\\n`, `\\t` and `\\xNN` are understood."""
    expect: str = ""
    """A regular expression that the answer must match."""
    tls: bool = False
    """Speak TLS from the first byte, without looking at the certificate's end: that is `probe.tls`."""
    limit: int = 65_536
    """Bytes of answer read at most while looking for `expect`."""


class TlsProbe(Probe, frozen=True, kw_only=True):
    """Complete a handshake and look at the certificate."""

    address: str
    """`host:port`."""
    server_name: str = ""
    """The name asked for (SNI) and checked. Empty: the host in `address`."""
    certificate: str = "> 14d"
    """How long it must still be valid. Two weeks, because renewal usually starts a month before and somebody
    must have time to look."""
    verify: bool = True
    """Check the chain and the name. On, because an unchecked handshake proves little."""
    ca: str = ""
    """A file of certificates to trust beside the system's."""


class DnsProbe(Probe, frozen=True, kw_only=True):
    """Ask a name server."""

    name_server: str = ""
    """`address[:port]`; empty: the first of the system's."""
    query: str
    """The name asked for."""
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "CAA"] = "A"
    """The type of record. A, because most names are asked for an address."""
    expect: str = ""
    """A regular expression that one of the answers must match."""
    code: Literal["NOERROR", "NXDOMAIN"] = "NOERROR"
    """The response code that is right. NXDOMAIN where a name must not exist."""
    protocol: Literal["udp", "tcp"] = "udp"
    """UDP, as resolvers ask; a truncated answer is asked for again over TCP."""


class GrpcProbe(Probe, frozen=True, kw_only=True):
    """The standard gRPC health service."""

    address: str
    """`host:port`."""
    service: str = ""
    """The service's name. Empty: the whole server, as the protocol has it."""
    tls: bool = False
    """Off, because health ports inside a cluster are mostly plain."""
    verify: bool = True
    """Check the certificate where `tls` is on."""
    ca: str = ""
    """A file of certificates to trust beside the system's."""


class IcmpProbe(Probe, frozen=True, kw_only=True):
    """Ping. Where the kernel does not permit it the result is `unknown`, never `fail`."""

    address: str
    """A host name or an address, without a port."""


class CommandProbe(Probe, frozen=True, kw_only=True):
    """Run a program; Nagios plugins work as they are: 0 pass, 1 warn, 2 fail, 3 unknown."""

    run: tuple[str, ...]
    """Program and arguments; no shell."""


class Probes(Section, frozen=True, kw_only=True):
    """The probes of one component: for each kind one table, or several with names."""

    http: tuple[HttpProbe, ...] = ()
    """HTTP and HTTPS."""
    tcp: tuple[TcpProbe, ...] = ()
    """Any TCP service."""
    tls: tuple[TlsProbe, ...] = ()
    """Handshake and certificate."""
    dns: tuple[DnsProbe, ...] = ()
    """A name server's answer."""
    grpc: tuple[GrpcProbe, ...] = ()
    """gRPC's health service (with gadfly[grpc])."""
    icmp: tuple[IcmpProbe, ...] = ()
    """Ping."""
    command: tuple[CommandProbe, ...] = ()
    """A program's exit code."""


class Component(Section, frozen=True, kw_only=True):
    """A thing that must be there."""

    kind: Literal["service", "host", "job", "device", "function"] = "service"
    """A service, unless said otherwise: that is what most entries are."""
    owner: str = ""
    """Who answers. Empty: the owner of the host it runs on, or of what it announces; else nobody, which is
    counted."""
    beats: Duration = Duration(0.0)
    """The interval of its heartbeats. 0: it does not beat, only probes tell."""
    host: str = ""
    """The component of kind `host` it runs on; known from its beats where it beats."""
    group: str = ""
    """What belongs together (a cluster, a rack, a product): lost together, it is one incident."""
    needs: tuple[str, ...] = ()
    """Components without which this one cannot work: while one is down, alerts about this one wait."""
    labels: dict[str, str] = {}
    """For routes, silences and the page's filter."""
    probe: Probes = Probes()
    """How it is asked. Empty: only its beats tell."""
    schedule: str = ""
    """For jobs: `0 2 * * * Europe/Berlin`, or `every 1h`."""
    grace: Duration = Duration(300.0)
    """How late a job may start, or end where `runs` is not set."""
    runs: str = ""
    """For jobs: `< 2h`. Longer is `degraded`."""
    ping: str = ""
    """For jobs that tell by HTTP that they ran: the id in their address, `/ping/ID`. `env:NAME` or
    `file:PATH`, or the UUID itself where who reads this file may ping."""
    because: str = ""
    """Why it matters; told in notifications."""


class Receiver(Section, frozen=True, kw_only=True):
    """A place where notifications go. Exactly one of the addresses is set."""

    webhook: str = ""
    """Gets Alertmanager's version 4 JSON by POST. `env:NAME` or `file:PATH` where the URL is a secret."""
    email: str = ""
    """An address; sent through the server in `[mail]`."""
    command: tuple[str, ...] = ()
    """Gets the same JSON on standard input."""
    apprise: str = ""
    """Any address apprise knows (with gadfly[notify]). `env:NAME` or `file:PATH` where it is a secret."""
    headers: dict[str, str] = {}
    """Sent with a webhook; values may be `env:NAME` or `file:PATH`."""
    timeout: Duration = Duration(10.0)
    """Ten seconds, because a receiver that takes longer is asked again anyway."""


class Route(Section, frozen=True, kw_only=True):
    """Which alerts go where. The first route that matches wins unless it says `go_on`; none: the owner's
    contacts."""

    match: dict[str, str] = {}
    """Labels and their values; `~` in front of a value makes it a regular expression, `!` negates. Known
    labels: component, kind, owner, group, host, verdict, and the component's own."""
    receiver: str = ""
    """Empty: the owner's contacts."""
    group_by: tuple[str, ...] = ("cause",)
    """`cause` groups by what gadfly found to be the common cause; other labels group as in Alertmanager."""
    wait: Duration = Duration(0.0)
    """How long to collect before the first message. 0, because grouping by cause needs no waiting."""
    interval: Duration = Duration(30.0)
    """How long before a message about more of the same cause."""
    repeat: Duration = Duration(14400.0)
    """How long before an unchanged, unacknowledged alert is told again (as Alertmanager: four hours)."""
    resolved: bool = True
    """Tell the end as well. On, because whoever was woken wants to know when to sleep again."""
    go_on: bool = False
    """Look at the routes behind this one too, even though it matched."""


class Inhibit(Section, frozen=True, kw_only=True):
    """While a source stands, targets are watched but not told. Hosts and needs are inhibited without being
    asked."""

    source: dict[str, str]
    """Which alerts, as in a route's `match`, hold others back."""
    target: dict[str, str]
    """Which alerts are held back."""
    equal: tuple[str, ...] = ()
    """Labels that must be the same in both."""


class Maintenance(Section, frozen=True, kw_only=True):
    """A window in which alerts about some components are not told."""

    match: dict[str, str]
    """Which components, as in a route's `match`."""
    because: str
    """Why; shown on the page beside what is not told."""
    owner: str = ""
    """Who answers for the window."""
    starts: dt.datetime | None = None
    """With a zone: `2026-12-01T22:00:00+01:00`. Empty: now."""
    ends: dt.datetime | None = None
    """With a zone. A window without an end would be a silence nobody remembers."""
    schedule: str = ""
    """Cron with a zone, for windows that come again; then `lasts` says how long."""
    lasts: Duration = Duration(0.0)
    """How long a window of `schedule` stays open."""


class Mail(Section, frozen=True, kw_only=True):
    """The SMTP server for `mailto:` contacts."""

    server: str = "127.0.0.1:25"
    """`host:port`. This machine's own, because most servers relay from there."""
    sender: str = ""
    """Empty: gadfly@ the host's name."""
    user: str = ""
    """For servers that want to know who sends. Empty: do not log in."""
    password: str = ""
    """`env:NAME` or `file:PATH`; never the password itself."""
    tls: Literal["none", "starttls", "tls"] = "none"
    """None, because the default server is this machine; `starttls` or `tls` for any other."""


class Alerting(Section, frozen=True, kw_only=True):
    """What a change of verdict must be before somebody is told."""

    settle: Duration = Duration(3.0)
    """How long a recovery must last before it is told, so that flapping is one alert. Within the 5 s promised
    for a recovery."""
    flapping: int = 5
    """Changes within ten minutes that make a component flapping: told once, and again when it has been
    quiet."""
    told: tuple[str, ...] = ("down", "gray", "zombie", "missing", "degraded")
    """The verdicts that are alerts."""
    attempts: int = 50
    """Tries before a notification becomes a dead letter; with back-off up to five minutes that is about four
    hours."""
    exec: bool = True
    """Whether `exec:` contacts and command receivers are run."""


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
