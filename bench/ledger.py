"""What a record costs: appends with their commits, proofs, a full audit; and that no change of it goes unseen.

The log is written as a node writes it: through the store's one writer thread, on a real disk, with
synchronous=FULL, from several tasks that wait for their commits, checkpoints signed on the way. Beside it, in
the same run and folder, on the same bytes: plain SQLite with synchronous=FULL, and a file with an fsync.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import merkle, note, receipt
from gadfly.ledger.audit import audit
from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.log import Log
from gadfly.ledger.tree import covered
from gadfly.store.schema import migrate
from gadfly.store.sqlite import Database
from report import Report, arguments, quantile

BATCH = 64
WRITERS = 16
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = note.verifier_of("bench/witness", WITNESS, note.COSIGNATURE)


def log() -> Log:
    return Log("gadfly/bench/00000001", KEY)


def flips(first: int, count: int) -> list[Entry]:
    """What a node writes most: verdicts that changed."""
    at = time.time()
    return [
        Entry(
            kind="flip",
            who="node",
            about=(f"component:worker-{number % 5000}",),
            body={
                "after": "down",
                "before": "healthy",
                "reason": f"no beat for 1.5 intervals; probe http {number} failed",
            },
            at=at,
        )
        for number in range(first, first + count)
    ]


async def appends(folder: Path, seconds: float) -> tuple[float, int, list[float]]:
    """(entries a second, checkpoints, seconds of each commit) with several writers at once."""
    database = Database(folder / "appends.db")
    ledger = log()
    loop = asyncio.get_running_loop()
    count = 0
    took: list[float] = []
    end = loop.time() + seconds

    async def writer() -> None:
        nonlocal count
        while loop.time() < end:
            batch = flips(count, BATCH)
            count += BATCH
            began = time.perf_counter()
            await database.write(functools.partial(ledger.append, entries=batch))
            took.append(time.perf_counter() - began)

    async def checkpointer() -> None:
        while loop.time() < end:
            await asyncio.sleep(1.0)
            await database.write(ledger.checkpoint)

    began = time.perf_counter()
    await asyncio.gather(checkpointer(), *(writer() for _ in range(WRITERS)))
    await database.write(ledger.checkpoint)
    spent = time.perf_counter() - began
    seen = await database.read(lambda connection: audit(connection, ledger.verifier))
    database.close()
    assert seen.clean, seen.problems
    assert seen.covered == count, "what was acknowledged is not covered"
    return count / spent, seen.checkpoints, took


def sqlite_rows(folder: Path, seconds: float) -> float:
    """Peer: the same bodies as rows of one table, 64 a transaction, synchronous=FULL; rows a second."""
    connection = sqlite3.connect(folder / "plain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        bodies = [(encode(one),) for one in flips(count, BATCH)]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entry (body) VALUES (?)", bodies)
        connection.execute("COMMIT")
        count += BATCH
    spent = time.perf_counter() - began
    connection.close()
    return count / spent


def synced_lines(folder: Path, seconds: float) -> float:
    """Peer: the same bodies appended to a file, an fsync for 64; lines a second."""
    count, began = 0, time.perf_counter()
    with (folder / "lines").open("ab", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            file.write(b"\n".join(encode(one) for one in flips(count, BATCH)) + b"\n")
            os.fsync(file.fileno())
            count += BATCH
    return count / (time.perf_counter() - began)


async def commits(folder: Path, rounds: int, batch: int) -> tuple[list[float], list[float]]:
    """Seconds of (a commit of `batch` entries, an fsync of the same bytes), one after the other."""
    database = Database(folder / f"commits-{batch}.db")
    ledger = log()
    ours, plain = [], []
    with (folder / f"fsync-{batch}").open("ab", buffering=0) as file:
        for number in range(rounds):
            entries = flips(number * batch, batch)
            text = b"".join(encode(one) for one in entries)
            began = time.perf_counter()
            file.write(text)
            os.fsync(file.fileno())
            plain.append(time.perf_counter() - began)
            began = time.perf_counter()
            await database.write(functools.partial(ledger.append, entries=entries))
            ours.append(time.perf_counter() - began)
    database.close()
    return ours, plain


def build(path: Path, count: int) -> float:
    """A log of `count` entries, written without waiting for the disk; seconds."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    ledger, began = log(), time.perf_counter()
    for first in range(0, count, 4096):
        connection.execute("BEGIN")
        for lot in range(first, min(first + 4096, count), BATCH):
            ledger.append(connection, flips(lot, min(BATCH, count - lot)))
        connection.execute("COMMIT")
    ledger.checkpoint(connection)
    connection.close()
    return time.perf_counter() - began


def proofs(path: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds to make and to verify inclusion proofs of random entries, and whole receipts."""
    connection = sqlite3.connect(path, isolation_level=None)
    ledger, size = log(), covered(connection)
    root = ledger.root(connection, size)
    generator = random.Random(1)
    took: dict[str, list[float]] = {"make": [], "verify": [], "receipt": [], "verify receipt": []}
    for _ in range(rounds):
        index = generator.randrange(size)
        began = time.perf_counter()
        proof = ledger.inclusion(connection, index, size)
        took["make"].append(time.perf_counter() - began)
        ((_, _, body),) = ledger.read(connection, index, index + 1)
        leaf = merkle.leaf_hash(body)
        began = time.perf_counter()
        held = merkle.verify_inclusion(leaf, index, size, proof, root)
        took["verify"].append(time.perf_counter() - began)
        assert held, "a proof of our own does not hold"
        began = time.perf_counter()
        text = str(receipt.make(connection, index))
        took["receipt"].append(time.perf_counter() - began)
        began = time.perf_counter()
        receipt.verify(text, ledger.verifier)
        took["verify receipt"].append(time.perf_counter() - began)
    connection.close()
    return took


def replay(path: Path, rounds: int) -> list[float]:
    """Entries a second of full audits, with as many processes as there are cores, as `gadfly ledger verify`."""
    connection = sqlite3.connect(path, isolation_level=None)
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        seen = audit(connection, log().verifier, processes=os.cpu_count() or 1)
        found.append(seen.entries / (time.perf_counter() - began))
        assert seen.clean, seen.problems
        assert seen.entries == seen.covered
    connection.close()
    return found


CELLS = {
    "ledger_entry": (("id",), ("body",)),
    "ledger_tile": (("level", "number"), ("hashes", "middle")),
    "ledger_checkpoint": (("size",), ("peaks", "note")),
    "ledger_cosignature": (("size", "name"), ("line",)),
    "ledger_about": (("subject", "entry"), ()),
}
"""Tables with their keys and their other columns; all of them are changed."""
REMOVED = ("ledger_entry", "ledger_tile", "ledger_about")
"""Where a missing row must be found. A ledger may forget an old checkpoint, for a later one says as much."""


def mutations(seed: int, count: int) -> tuple[int, list[str]]:
    """(how many random changes of what is stored were found, those that were not)."""
    generator = random.Random(seed)
    connection, ledger = sqlite3.connect(":memory:", isolation_level=None), log()
    migrate(connection)
    for first in range(0, 275, 25):
        ledger.append(connection, flips(first, 25))
    head = ledger.checkpoint(connection) or ledger.latest(connection)
    assert head is not None
    ledger.cosigned(
        connection,
        head.size,
        [checkpoints.cosign(head.note.text, "bench/witness", WITNESS, int(time.time()))],
    )
    ledger.append(connection, flips(275, 20))
    kept = ledger.checkpoint(connection)  # the node's own copy, as in ledger.checkpoint
    assert kept is not None

    def clean() -> bool:
        return audit(connection, ledger.verifier, witnesses=[WITNESS_KEY], needed=1, known=[kept]).clean

    assert clean()
    rows = {}
    for table, (keys, columns) in CELLS.items():
        rows[table] = connection.execute(f"SELECT {', '.join(keys + columns)} FROM {table}").fetchall()
    found, missed = 0, []
    while found + len(missed) < count:
        table = generator.choice(list(CELLS))
        connection.execute("SAVEPOINT change")
        what = change(connection, generator, table, rows[table])
        if what:
            if clean():
                missed.append(what)
            else:
                found += 1
        connection.execute("ROLLBACK TO change")
        connection.execute("RELEASE change")
    assert clean()
    connection.close()
    return found, missed


def change(
    connection: sqlite3.Connection, generator: random.Random, table: str, rows: list[Sequence[object]]
) -> str:
    """One random change of a table; what was done, or nothing where it changed nothing."""
    keys, columns = CELLS[table]
    row = generator.choice(rows)
    where = " AND ".join(f"{key} = ?" for key in keys)
    place = row[: len(keys)]
    kind = generator.choice(("bit", "bit", "bit", "bit", "bytes", "cut", "swap", "remove"))
    if kind == "remove":
        if table not in REMOVED:
            return ""
        connection.execute(f"DELETE FROM {table} WHERE {where}", place)
        return f"{table} {place}: removed"
    name = generator.choice(keys + columns)
    value = row[(keys + columns).index(name)]
    if kind == "swap":
        other = generator.choice(rows)[(keys + columns).index(name)]
    elif isinstance(value, int):
        other = value ^ 1 << generator.randrange(10)
    else:
        data = bytearray(value.encode() if isinstance(value, str) else value)  # type: ignore[arg-type]
        if not data:
            return ""
        at = generator.randrange(len(data))
        if kind == "bit":
            data[at] ^= 1 << generator.randrange(8)
        elif kind == "bytes":
            data[at : at + 4] = generator.randbytes(4)
        else:
            del data[at:]
        other = bytes(data)
    before = value.encode() if isinstance(value, str) else value
    if other in (before, value):
        return ""
    as_text = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    try:
        connection.execute(f"UPDATE {table} SET {name} = {as_text} WHERE {where}", (other, *place))
    except sqlite3.IntegrityError:
        return ""  # the row would stand where another one is
    return f"{table} {place}: {name} {kind}"


def mutate(count: int) -> tuple[int, list[str]]:
    """Random changes, on every core."""
    cores = os.cpu_count() or 1
    lots = [count // (cores * 8)] * (cores * 8)
    lots[0] += count - sum(lots)
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(mutations, range(len(lots)), lots))
    return sum(found for found, _ in done), [one for _, missed in done for one in missed]


def main() -> None:
    asked = arguments(
        "The ledger: appends, commits, proofs, audit, and changes that must be seen."
    ).parse_args()
    report = Report("ledger", quick=asked.quick)
    entries = 50_000 if asked.quick else 1_000_000
    seconds = 2.0 if asked.quick else 10.0
    with tempfile.TemporaryDirectory(prefix="gadfly-bench-", dir=Path.cwd()) as name:
        folder = Path(name)
        rate, signed, took = asyncio.run(appends(folder, seconds))
        rows, lines = sqlite_rows(folder, seconds / 2), synced_lines(folder, seconds / 2)
        report.table(
            ("writing", "entries/s", "commit p50 ms", "p99 ms"),
            [
                (
                    f"ledger, {WRITERS} writers of {BATCH}",
                    rate,
                    quantile(took, 0.5) * 1e3,
                    quantile(took, 0.99) * 1e3,
                ),
                (f"SQLite FULL, rows only, {BATCH} a commit", rows, None, None),
                (f"file, {BATCH} an fsync", lines, None, None),
            ],
            f"Appends on this disk ({signed} checkpoints signed)",
        )
        report.peers["sqlite"] = {"rows_per_s": rows}
        report.peers["file"] = {"lines_per_s": lines}

        table, above = [], {}
        for batch in (1, BATCH):
            ours, plain = asyncio.run(commits(folder, 60 if asked.quick else 500, batch))
            above[batch] = (statistics.median(ours) - statistics.median(plain)) * 1e3
            table.append(
                (
                    f"{batch} entries",
                    *(quantile(one, q) * 1e3 for one in (ours, plain) for q in (0.5, 0.99)),
                    above[batch],
                )
            )
            report.peers["file"][f"fsync_{batch}_p50_ms"] = statistics.median(plain) * 1e3
        report.table(
            ("one commit", "p50 ms", "p99 ms", "fsync p50 ms", "fsync p99 ms", "above, p50 ms"),
            table,
            "A single writer; the same bytes, an fsync and a commit in turn",
        )

        path = folder / "large.db"
        build_seconds = build(path, entries)
        spent = proofs(path, 300 if asked.quick else 3000)
        audits = replay(path, 3)
        report.table(
            ("proof", "p50 µs", "p99 µs"),
            [(what, quantile(all_, 0.5) * 1e6, quantile(all_, 0.99) * 1e6) for what, all_ in spent.items()],
            f"Random entries of {entries:,} (built in {build_seconds:.0f} s)",
        )
    changes = 400 if asked.quick else 100_000
    found, missed = mutate(changes)
    report.say(f"\n{found:,} of {changes:,} random changes of what is stored were found")
    for one in missed[:20]:
        report.say(f"  missed: {one}")

    report.figures |= {"entries": entries, "single_commit_above_fsync_ms": above[1], "audits": audits}
    report.at_least("appends, batches of 64", 40_000, rate, "entries/s")
    report.at_most("commit of 64 above one fsync, p50", 1.5, above[BATCH], "ms")
    report.at_most("inclusion proof, make, p50", 200, quantile(spent["make"], 0.5) * 1e6, "µs")
    report.at_most("inclusion proof, verify, p50", 20, quantile(spent["verify"], 0.5) * 1e6, "µs")
    report.at_least("full audit", 250_000, statistics.median(audits), "entries/s")
    report.exactly("random changes that were not found", 0, float(len(missed)), "")
    report.finish()


if __name__ == "__main__":
    main()
