"""The tables of what is scraped: Prometheus' targets, how they are found, asked and relabelled."""

from __future__ import annotations

from typing import Literal

from gadfly.config.section import Duration, Section


class Relabel(Section, frozen=True, kw_only=True):
    """A rule that rewrites labels, keeps or drops. Names, defaults and meaning are Prometheus' own."""

    source_labels: tuple[str, ...] = ()
    """Labels whose values, joined, are looked at. Empty: the empty text."""
    separator: str = ";"
    """Stands between the values."""
    regex: str = "(.*)"
    """In RE2's syntax, anchored at both ends."""
    target_label: str = ""
    """The label that is written or compared; may hold `$1`, `${name}` with `replace`."""
    replacement: str = "$1"
    """What is written where `regex` matches."""
    modulus: int = 0
    """For `hashmod`: into how many parts."""
    action: Literal[
        "replace",
        "keep",
        "drop",
        "hashmod",
        "labelmap",
        "labeldrop",
        "labelkeep",
        "lowercase",
        "uppercase",
        "keepequal",
        "dropequal",
    ] = "replace"
    """What is done; replacing, because most rules do."""


class Names(Section, frozen=True, kw_only=True):
    """Targets that DNS knows."""

    names: tuple[str, ...]
    """Asked one by one; a name that cannot be asked keeps the targets it gave before."""
    type: Literal["SRV", "A", "AAAA"] = "SRV"
    """SRV, because it also says the port (with gadfly[dns]; A and AAAA without)."""
    port: int = 0
    """The port, where the record says none: with A and AAAA."""
    every: Duration = Duration(30.0)
    """How often it is asked; as Prometheus."""


class Listing(Section, frozen=True, kw_only=True):
    """Targets that an HTTP server lists, in the JSON of Prometheus' HTTP SD."""

    url: str
    """`http://` or `https://`."""
    headers: dict[str, str] = {}
    """Sent with the request. Values may be `env:NAME` or `file:PATH`."""
    ca: str = ""
    """A file of certificates to trust beside the system's."""
    verify: bool = True
    """Check the server's certificate."""
    every: Duration = Duration(60.0)
    """How often it is asked; as Prometheus. Where it does not answer, the targets stay."""


class Group(Section, frozen=True, kw_only=True):
    """Some targets with labels of their own."""

    targets: tuple[str, ...]
    """`host:port`."""
    labels: dict[str, str] = {}
    """Labels of their series, before `relabel`."""


class Scrape(Section, frozen=True, kw_only=True):
    """A job: targets that expose metrics alike."""

    targets: tuple[str, ...] = ()
    """`host:port`; without a port it is 80, or 443 with https."""
    labels: dict[str, str] = {}
    """Labels of all series of `targets`, before `relabel`."""
    groups: tuple[Group, ...] = ()
    """More targets, each group with its own labels."""
    files: tuple[str, ...] = ()
    """Files of targets as Prometheus' file_sd has them (.json, .yml, .yaml); `*` stands for any name. Read
    again when they change, within five seconds."""
    dns: tuple[Names, ...] = ()
    """Targets that DNS knows."""
    http: tuple[Listing, ...] = ()
    """Targets that an HTTP server lists."""
    every: Duration = Duration(15.0)
    """Often enough to see a minute's peak; four times as often as Prometheus by default."""
    timeout: Duration = Duration(0.0)
    """0: ten seconds as Prometheus, or `every` where that is shorter."""
    path: str = "/metrics"
    """Where metrics are, by convention."""
    scheme: Literal["http", "https"] = "http"
    """http, because most exporters speak it inside a network."""
    params: dict[str, tuple[str, ...]] = {}
    """Parameters of the request: `{ module = ["http_2xx"] }`."""
    headers: dict[str, str] = {}
    """Sent with the request. Values may be `env:NAME` or `file:PATH`; so must those that are secrets."""
    user: str = ""
    """For servers that want Basic authentication."""
    password: str = ""
    """`env:NAME` or `file:PATH`; read again at every reload."""
    bearer: str = ""
    """A token, as `env:NAME` or `file:PATH`."""
    ca: str = ""
    """A file of certificates to trust beside the system's."""
    cert: str = ""
    """A file with our own certificate, where the target asks for one."""
    key: str = ""
    """The file with its key. Empty: it stands in `cert`."""
    server_name: str = ""
    """The name asked for and checked. Empty: the target's host."""
    verify: bool = True
    """Check the target's certificate."""
    redirects: int = 3
    """How many are followed; 0: none. To another host they carry no credentials."""
    honor_labels: bool = False
    """Whether the target's own `job`, `instance` and so on win. Off: they become `exported_job` …"""
    honor_timestamps: bool = True
    """Whether times that the target writes are taken, as in Prometheus. Such series get no stale marker."""
    relabel: tuple[Relabel, ...] = ()
    """Rules over targets: `__address__`, `__meta_…`, `__param_…` and the labels."""
    metric_relabel: tuple[Relabel, ...] = ()
    """Rules over series, before they are kept."""
    samples: int = 0
    """A scrape with more, after `metric_relabel`, is refused whole. 0: only the store's own limits."""
    target_limit: int = 0
    """With more targets the job stops and says so. 0: none."""
    label_limit: int = 0
    """A scrape with a series that has more labels is refused whole. 0: the store's limit, for that series."""
    label_name_bytes: int = 0
    """The same for the length of a label's name."""
    label_value_bytes: int = 0
    """The same for the length of a label's value."""
    body_mb: int = 64
    """A longer answer, unpacked, is refused: 64 MB are half a million samples."""


class Push(Section, frozen=True, kw_only=True):
    """Metrics that jobs push, as to Prometheus' Pushgateway."""

    groups: int = 100_000
    """Groups that are kept at once; beyond, a push of another one is refused until some are deleted."""
    every: Duration = Duration(15.0)
    """How often the values of all groups are said again, so that they do not fade from queries."""


class Scraping(Section, frozen=True, kw_only=True):
    """What concerns all jobs."""

    files: tuple[str, ...] = ()
    """Files of Prometheus' own form (`prometheus.yml`) whose `scrape_configs` are jobs here too. What they
    have and we do not is refused when the configuration is read."""
    at_once: int = 4096
    """Targets that are asked at one time: those that hang cost a socket each until their timeout."""
