"""The tables of logs: what is listened to, which files are followed, what is kept, which lines matter."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from gadfly.config.section import Duration, Section

Severity = Literal["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"]


class Logs(Section, frozen=True, kw_only=True):
    """How lines come in, and how long they are kept."""

    syslog_udp: tuple[str, ...] = ()
    """Addresses for syslog datagrams, such as `127.0.0.1:5514`. None until you say so; port 514 needs
    privileges."""
    syslog_tcp: tuple[str, ...] = ()
    """Addresses for syslog over TCP, in lines or octet-counted (RFC 6587)."""
    connections: int = 256
    """TCP connections of syslog at once; more are closed at once and counted. Once half of them are open, one
    address has a quarter of them at most."""
    idle: Duration = Duration(3600.0)
    """How long a TCP connection may say nothing. An hour: quiet programs keep theirs open, dead ones do not
    pile up."""
    journald: bool = False
    """Follow systemd's journal, through `journalctl`. Off, because it has lines of everybody on the host."""
    journal_folder: str = ""
    """A folder of journal files to follow instead of the host's own, as systemd-journal-remote writes
    them."""
    journal_units: tuple[str, ...] = ()
    """Only lines of these units, such as `nginx.service`. Empty: all."""
    keep: Duration = Duration(7 * 86400.0)
    """How long lines are kept. A week, so that Monday's question about Friday has an answer; the archive is
    another system's work."""
    disk_mb: int = 2048
    """What they may take on disk; beyond it the oldest go sooner. Some hundred million ordinary lines."""
    memory_mb: int = 128
    """What DuckDB may use while it writes or searches blocks; beyond it spills to disk."""
    line_bytes: int = 16_384
    """Characters of a line that are kept; the rest is cut and counted. A stack trace fits."""
    rate: int = 5_000
    """Lines a second that one sender (source and host) may push, on average over `burst`; more are refused
    and counted. Files and journald are not refused but read at this pace."""
    burst: int = 50_000
    """Lines above the rate that a sender may push at once, such as what it kept while the node was down."""
    waiting: int = 200_000
    """Lines that wait for the disk; beyond, pushed ones are refused and counted. About 100 MB."""
    series: int = 2_000
    """Combinations of source, host, unit and severity that are counted apart; the others are counted
    together, as host and unit `other`."""


class LogFile(Section, frozen=True, kw_only=True):
    """A file, or all that a pattern names, followed as it grows and is rotated."""

    path: tuple[str, ...]
    """Paths; `*`, `?`, `[…]` and `**` stand for any. Compressed ones (`.gz`, `.xz`, `.zst`, `.bz2`) are left
    out."""
    unit: str = ""
    """The unit of its lines. Empty: the name of the file without its ending."""
    host: str = ""
    """The host of its lines. Empty: this one."""
    start: Literal["end", "beginning"] = "end"
    """Where to begin in a file that is there when it is first followed. At its end, because yesterday's
    errors are not news; files that appear later are read from their beginning."""


class LogRule(Section, frozen=True, kw_only=True):
    """Lines that matter: counted, and told where it says so."""

    match: str
    """A regular expression (RE2) that is found somewhere in the line."""
    source: str = ""
    """Only lines of this source; `*` stands for any characters, also in `host` and `unit`. Empty: of all."""
    host: str = ""
    """Only of this host."""
    unit: str = ""
    """Only of this unit."""
    severity: Severity | None = None
    """Only lines at least this grave."""
    alert: bool = False
    """Tell the owner when one matches."""
    more_than: str = ""
    """Tell the owner when more match within a time: `"5 in 10m"`, counted by host."""
    quiet: Duration = Duration(900.0)
    """How long none may have matched (or not more than allowed) until the alert ends. A quarter of an hour,
    so that an error every few minutes is one alert."""
    owner: str = ""
    """Who is told. Needed where it alerts."""
    because: str = ""
    """Why these lines matter, for whoever is woken by them."""
    review: dt.date | None = None
    """When its owner looks at it again. Needed where it alerts."""
