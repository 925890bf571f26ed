"""What must hold of a probe besides its types."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from gadfly import secret
from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
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

if TYPE_CHECKING:
    from gadfly.catalogue.report import Report

MAX_BODY = 64 * 1024 * 1024


def check(report: Report, path: Path, probes: Probes) -> None:
    """Report what is wrong with the probes of one component; `path` is that of its `probe` table."""
    for kind in Probes.__struct_fields__:
        found: tuple[Probe, ...] = getattr(probes, kind)
        names = Counter(probe.name for probe in found)
        for index, probe in enumerate(found):
            # One table stands at the path of its kind; the elements of a list each have their own.
            here: Path = (*path, kind, index)
            if names[probe.name] > 1:
                report.say((*here, "name"), f'two {kind} probes are called "{probe.name}"; give each a name')
                names[probe.name] = 0
            _probe(report, here, probe)
            _CHECKS[type(probe)](report, here, probe)


def _probe(report: Report, path: Path, probe: Probe) -> None:
    report.within((*path, "every"), probe.every, 0.1, 86_400, seconds=True)
    report.within((*path, "timeout"), probe.timeout, 0.01, 300, seconds=True)
    report.within((*path, "retries"), probe.retries, 0, 20)


def _http(report: Report, path: Path, probe: HttpProbe) -> None:
    report.test((*path, "url"), values.url, probe.url)
    for header, value in probe.headers.items():
        report.test((*path, "headers", header), values.header, header)
        report.test((*path, "headers", header), values.header_value, value)
        if header.lower() in secret.HEADERS and not secret.is_reference(value):
            report.test((*path, "headers", header), values.secret_reference, value)
    if probe.body and probe.method not in ("POST", "PUT"):
        report.say((*path, "body"), f'{probe.method} sends no body; write method = "POST" or take it out')
    codes = (probe.status,) if isinstance(probe.status, int) else probe.status
    for code in codes:
        report.within((*path, "status"), code, 100, 599)
    for field in ("contains", "lacks"):
        report.test((*path, field), values.pattern, getattr(probe, field))
    for place in probe.json:
        report.test((*path, "json", place), values.json_path, place)
    report.test((*path, "certificate"), values.more_than, probe.certificate)
    report.within((*path, "redirects"), probe.redirects, 0, 20)
    report.within((*path, "limit"), probe.limit, 0, MAX_BODY)
    if probe.slow >= probe.timeout:
        report.say((*path, "slow"), "as long as `timeout` or longer, so it could never be seen; write less")


def _tcp(report: Report, path: Path, probe: TcpProbe) -> None:
    report.test((*path, "address"), values.host_port, probe.address)
    report.test((*path, "send"), values.escapes, probe.send)
    report.test((*path, "expect"), values.pattern, probe.expect)
    report.within((*path, "limit"), probe.limit, 1, MAX_BODY)


def _tls(report: Report, path: Path, probe: TlsProbe) -> None:
    report.test((*path, "address"), values.host_port, probe.address)
    report.test((*path, "certificate"), values.more_than, probe.certificate)


def _dns(report: Report, path: Path, probe: DnsProbe) -> None:
    report.test((*path, "expect"), values.pattern, probe.expect)
    report.test((*path, "query"), values.domain, probe.query)
    if probe.name_server:
        report.test((*path, "name_server"), values.name_server, probe.name_server)


def _grpc(report: Report, path: Path, probe: GrpcProbe) -> None:
    report.test((*path, "address"), values.host_port, probe.address)


def _icmp(report: Report, path: Path, probe: IcmpProbe) -> None:
    report.test((*path, "address"), values.host, probe.address)


def _command(report: Report, path: Path, probe: CommandProbe) -> None:
    if not probe.run or not probe.run[0]:
        report.say((*path, "run"), 'a program is needed; write run = ["/usr/lib/…/check_disk", "-w", "20%"]')


_CHECKS: dict[type[Probe], Any] = {
    HttpProbe: _http,
    TcpProbe: _tcp,
    TlsProbe: _tls,
    DnsProbe: _dns,
    GrpcProbe: _grpc,
    IcmpProbe: _icmp,
    CommandProbe: _command,
}
