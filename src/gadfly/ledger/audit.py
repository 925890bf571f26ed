"""The audit: the whole ledger replayed, and every stored hash and signature compared with what comes out.

One pass, a tile at a time. It believes the verifier keys that it is given, and nothing in the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from gadfly.errors import GadflyError, LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note as notes
from gadfly.ledger.audit_report import Report
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.note import Verifier
from gadfly.ledger.order import SKEW, Order
from gadfly.ledger.replay import Replay


def audit(
    connection: sqlite3.Connection,
    key: Verifier,
    *,
    witnesses: Sequence[Verifier] = (),
    needed: int = 0,
    known: Iterable[Checkpoint] = (),
    skew: float = SKEW,
    processes: int = 1,
) -> Report:
    """Replay the ledger in `connection`, which is signed with `key`.

    `known` are checkpoints that were seen elsewhere (a witness's, a notification's, an own copy), verified
    by the caller: each must be a beginning of this ledger. With `needed` > 0 so many of the `witnesses` must
    have cosigned some checkpoint. `skew` is in seconds. With more than one of `processes` a large ledger in a
    file is hashed by so many beside this one: not where other threads run, for they are forked.
    """
    report = Report()
    try:
        replay = Replay(connection, report)
        for one in known:
            replay.expect(one.size, "a checkpoint that was seen elsewhere", one.root)
        heads = replay.heads(key)
        report.covered = max(heads, default=0)
        cosigned = _cosigned(connection, heads, witnesses, needed, report)
        if needed and not report.witnessed:
            report.problem(
                f"no checkpoint has the cosignatures of {needed} witnesses: a history that was rewritten "
                "with the right key would look like this"
            )
        replay.run(Order(cosigned, skew), processes)
    except sqlite3.DatabaseError as error:
        report.problem(f"the database cannot be read to its end: {error}")
    return report


def _cosigned(
    connection: sqlite3.Connection,
    heads: dict[int, Checkpoint | None],
    witnesses: Sequence[Verifier],
    needed: int,
    report: Report,
) -> list[tuple[int, int]]:
    """(size, time) of what witnesses cosigned, by size. A line of another than these is only counted."""
    times: list[tuple[int, int]] = []
    keys: dict[int, set[bytes]] = {}
    names = {one.name for one in witnesses}
    for size, name, line in connection.execute(
        "SELECT size, name, line FROM ledger_cosignature ORDER BY size, name"
    ):
        report.cosignatures += 1
        head = heads.get(size)
        try:
            one = notes.signature(line.removesuffix("\n"))
            if one.line() != line or one.name != name or head is None:
                raise LedgerError("it is beneath no checkpoint of this ledger")
            seen = checkpoints.cosigned(head.note._replace(signatures=(one,)), witnesses)
            if not seen and name in names:
                raise LedgerError(f"under the name of {name}, and not by the key that was given")
        except (GadflyError, AttributeError) as error:
            report.problem(f"cosignature of checkpoint {size}: {error}")
            continue
        if not seen:
            report.unknown += 1
            continue
        times.append((size, seen[0].at))
        keys.setdefault(size, set()).add(seen[0].witness.public)
        if needed and len(keys[size]) >= needed:
            report.witnessed = max(report.witnessed, size)
    return times
