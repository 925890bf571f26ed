"""Every error that gadfly raises on purpose.

::

    GadflyError
    ├── ConfigError      the user: something in gadfly.toml (or on the command line) must be changed
    ├── FrameError       the sender: these bytes are not a heartbeat of ours
    ├── FormatError      the sender: these bytes are not of the format that they are sent as; says where
    ├── LimitError       the caller: too large, too many or too often; says the limit
    ├── Refused          the caller: no token, the wrong scope, or a thing that is not there
    ├── StoreError       the operator: the disk is full, the database is locked or damaged
    ├── LedgerError      the operator or the verifier: a ledger, proof or signature is not what it must be
    ├── QueryError       the one who asks: this PromQL cannot be parsed or answered; says where
    ├── NotifyError      the receiver of a notification did not take it; `permanent` says whether to retry
    └── NodeUnreachable  the operator: no node answers where the command line looked for it
"""

from __future__ import annotations


class GadflyError(Exception):
    """The root: catch this to catch everything that gadfly raises on purpose."""


class ConfigError(GadflyError):
    """The configuration cannot be used. Each problem is one line: file, line, key path, what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FrameError(GadflyError):
    """Bytes that are not a heartbeat frame; the message is the reason under which they are counted."""


class FormatError(GadflyError):
    """Telemetry that is not of its format: the sender must be corrected; sending it again helps nobody."""


class LimitError(GadflyError):
    """Input beyond a limit. Nothing of it was taken; everything taken before stays."""


class Refused(GadflyError):
    """The caller may not do this, or asks for what is not there. `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


class StoreError(GadflyError):
    """The state could not be read or written; the operator must look at the disk."""


class LedgerError(GadflyError):
    """An entry that is none, a damaged ledger, or a proof or signature that does not hold."""


class QueryError(GadflyError):
    """PromQL that cannot be parsed or answered.

    `kind` is Prometheus' error type: `bad_data` (the text is wrong), `execution` (it met data that it cannot
    be answered for) or `timeout`. `position` is the offset in the text where it went wrong, where one is
    known.
    """

    def __init__(self, message: str, kind: str = "execution", position: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.position = position


class NotifyError(GadflyError):
    """A notification was not taken. A permanent one is not tried again; it becomes a dead letter."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class NodeUnreachable(GadflyError):
    """No node answers at the address the command line used."""
