"""Probes: how a component is asked, a table a kind."""

from __future__ import annotations

from typing import Literal

from gadfly.config.section import Duration, Section


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
    setuid: bool | None = None
    """Whether it, or what it starts, may gain rights that the node lacks, as setuid plugins (`check_icmp`),
    `ping` and `sudo` do. No, because it reads what a target answers; but a program whose file has rights of
    its own is not run by a node that is not root before this says true or false."""


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
