"""Lines of logs: what parsing, keeping, matching and finding them costs. A part of `ingest`."""

from __future__ import annotations

import shutil
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

from gadfly.config.logs import LogFile, LogRule, Logs
from gadfly.intake.log_rules import Rules
from gadfly.intake.syslog import line_of
from gadfly.intake.tails import Tails
from gadfly.store.logs import Kept, Line, LogStore, Query
from gadfly.store.logs.frame import rows_of
from report import Report

NOW = 1_800_000_000.0
GROUP = 5_000
RULES = 20


def messages(count: int) -> list[bytes]:
    """As a fleet of web servers writes them: half RFC 3164, half RFC 5424."""
    found = []
    for n in range(count):
        text = f'10.0.{n % 251}.{n % 13} - - "GET /checkout/{n % 977} HTTP/1.1" {200 + n % 3} {n * 37 % 9973}'
        if n % 2:
            found.append(
                f"<134>1 2027-01-15T08:00:{n % 60:02}.{n % 1000:03}Z web-{n % 50} nginx {n % 7} - - {text}"
            )
        else:
            found.append(f"<134>Jan 15 08:00:{n % 60:02} web-{n % 50} nginx[{n % 7}]: {text}")
    return [one.encode() for one in found]


def bench(report: Report, *, quick: bool) -> None:
    """Measured in this process's CPU seconds; the disk is synced after every 5,000 lines, as the node does."""
    count = 20_000 if quick else 400_000
    folder = Path(tempfile.mkdtemp(prefix="gadfly-bench-logs-"))
    try:
        sent = messages(count)
        began = time.process_time()
        lines = [line_of(one, "192.0.2.1", NOW) for one in sent]
        parsed = time.process_time() - began

        store = LogStore(folder / "logs", Logs())
        store.open()
        kept = _keep(store, lines)
        size = sum(map(len, sent))
        gzipped = len(zlib.compress(b"\n".join(sent), 6)) / count
        began = time.process_time()
        store.upkeep(NOW + 7200)
        rolled = time.process_time() - began
        on_disk = store.standing()["block_bytes"]

        found, searched = _search(store)
        store.close()
        matched = _match(lines)
        followed = _follow(folder, sent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    whole = parsed + kept + matched + rolled
    report.table(
        (f"{count:,} lines of {size / count:.0f} B", "lines/CPU s"),
        [
            ("syslog parsed", count / parsed),
            (f"matched with {RULES} rules", count / matched),
            ("kept: journal, synced each 5,000", count / kept),
            ("rolled into a block", count / rolled),
            ("all of it", count / whole),
            ("a file followed (read, split, marked)", count / followed),
        ],
    )
    report.table(
        ("also", "value", "unit"),
        [
            ("on disk, rolled in", on_disk / count, "B a line"),
            ("the same lines by gzip -6", gzipped, "B a line"),
            (f"search of all for a rare expression ({found} found)", searched * 1000, "ms"),
        ],
    )
    report.peers["gzip"] = {"bytes_per_line": gzipped}
    report.at_least("syslog lines parsed, matched and kept", 20_000, count / whole, "lines/CPU s")
    report.at_most("lines after roll-in", 25, on_disk / count, "B/line")


def _keep(store: LogStore, lines: Sequence[Line]) -> float:
    began = time.process_time()
    for start in range(0, len(lines), GROUP):
        rows, _ = rows_of(lines[start : start + GROUP], 16_384)
        store.append(rows, {}, NOW + start / len(lines))
    return time.process_time() - began


def _search(store: LogStore) -> tuple[int, float]:
    began = time.perf_counter()
    found = 0
    query = Query(pattern="checkout/976 .* 202 [0-9]{2}$", limit=1000)
    while True:
        page = store.read(query)
        found += len(page.lines)
        if not page.more:
            return found, time.perf_counter() - began
        query = Query(pattern=query.pattern, limit=1000, before=page.cursor)


def _match(lines: Sequence[Line]) -> float:
    rules = Rules({f"rule-{n}": LogRule(match=f"(?i)failure number {n}|code=5{n:02}") for n in range(RULES)})
    kept = [Kept(n, *line[:6], "") for n, line in enumerate(lines)]
    began = time.process_time()
    rules.match(kept)
    return time.process_time() - began


def _follow(folder: Path, sent: Sequence[bytes]) -> float:
    path = folder / "app.log"
    path.write_bytes(b"\n".join(sent) + b"\n")
    tails = Tails({"app": LogFile(path=(str(path),), start="beginning")}, {}, 16_384)
    began, read = time.process_time(), 0
    while read < len(sent):
        read += sum(len(piece.texts) for piece in tails.poll(0.0))
    took = time.process_time() - began
    tails.close()
    return took
