"""What must hold of the table of the store elsewhere."""

from __future__ import annotations

from gadfly import secret
from gadfly.catalogue import values
from gadfly.catalogue.report import Report
from gadfly.config import Config


def check(report: Report, config: Config) -> None:
    """Report what is wrong with `[remote]`."""
    remote = config.remote
    for name in ("write", "read"):
        if address := getattr(remote, name):
            report.test(("remote", name), values.url, address)
            if "@" in address.partition("://")[2].partition("/")[0]:
                report.say(("remote", name), "a password does not belong into an address; write `password`")
    for header, value in remote.headers.items():
        report.test(("remote", "headers", header), values.header, header)
        report.test(("remote", "headers", header), values.header_value, value)
        if header.lower() in secret.HEADERS and not secret.is_reference(value):
            report.test(("remote", "headers", header), values.secret_reference, value)
    for name in ("password", "token"):
        if reference := getattr(remote, name):
            report.test(("remote", name), values.secret_reference, reference)
    if bool(remote.user) != bool(remote.password):
        report.say(("remote",), "`user` and `password` belong together; write both or neither")
    if remote.password and remote.token:
        report.say(("remote",), "`password` or `token`; the other side looks at one of them only")
    report.within(("remote", "timeout"), remote.timeout, 0.1, 600, seconds=True)
    report.within(("remote", "spool_mb"), remote.spool_mb, 100, 10_000_000)
    report.within(("remote", "samples"), remote.samples, 1, 100_000)
