"""Complete a handshake and look at the certificate."""

from __future__ import annotations

from typing import NamedTuple

from gadfly.config.probe import TlsProbe
from gadfly.monitor.probe import certificate
from gadfly.monitor.probe.address import split
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.failure import explain
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.result import Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import TlsLink


class Plan(NamedTuple):
    host: str
    port: int
    server_name: str


def plan(spec: TlsProbe) -> Plan:
    host, port = split(spec.address, 443)
    certificate.least(spec.certificate)
    return Plan(host, port, spec.server_name or host)


async def probe(spec: TlsProbe, context: Context) -> Result:
    """Ask once; nothing is sent after the handshake."""
    watch = Stopwatch(context.now, "dns")
    link: Link | None = None
    try:
        target = context.plan(spec, plan)
        trust = context.trust.get(spec.verify, spec.ca)
        link = await context.connect(target.host, target.port, watch, watch.began + spec.timeout)
        watch.start("tls")
        stream = TlsLink(link, trust, target.server_name)
        await stream.handshake()
        await stream.flush()
        ends = certificate.ends(stream.certificate)
    except OSError as error:
        return explain(error, watch, spec.timeout, spec.address)
    except ValueError:
        return explain(OSError("the certificate cannot be read"), watch, spec.timeout, spec.address)
    finally:
        if link is not None:
            link.close()
    seconds = watch.stop()
    outcome, words = certificate.judge(ends, context.clock.wall(), spec.certificate)
    return Result(
        outcome=outcome,
        reason=f"{spec.address}: {words or f'{stream.version}, certificate is good'}",
        seconds=seconds,
        phases=watch.phases,
        certificate_expires=ends,
    )
