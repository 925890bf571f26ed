"""The process that answers one query in SQL, over a snapshot that it can read and nothing else.

    python -m gadfly.store.series.sql_child FOLDER < question > answer

DuckDB is a large program, and SQL has many doors: so it runs outside the node, opens no file but those of the
snapshot, writes none (where the kernel has Landlock, it denies both, too), loads no extension, and takes one
SELECT.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from gadfly.store.series.export import views

SECONDS = 30
"""Of CPU; whoever started it ends it sooner."""
CELL = 100_000
"""Characters of a cell."""
BESIDE = 128 * 1_000_000
"""Bytes of memory beside DuckDB's own: for the answer, which is held twice, and for pieces of heap."""


class Question(msgspec.Struct, frozen=True):
    """What is asked."""

    sql: str
    rows: int
    memory_mb: int
    most: int
    """Bytes of the answer."""


class Table(msgspec.Struct, frozen=True):
    """What it came to."""

    columns: list[str]
    types: list[str]
    rows: list[msgspec.Raw]
    more: bool
    """Whether there are more rows than were asked for."""


class Mistake(msgspec.Struct, frozen=True):
    """Why there is no answer."""

    error: str


def main() -> None:
    """Question in, `Table` or `Mistake` out."""
    folder = Path(sys.argv[1])
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    try:
        data = msgspec.json.encode(answered(folder, question))
    except duckdb.Error as error:
        data = msgspec.json.encode(Mistake(str(error).partition("\n\nLINE")[0].strip()))
    except MemoryError:
        data = msgspec.json.encode(Mistake("it takes more memory than it may: ask for less"))
    sys.stdout.buffer.write(data)


def answered(folder: Path, question: Question) -> Table | Mistake:
    """The answer to a SELECT over the snapshot. duckdb.Error where it is wrong or too much."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": f"{question.memory_mb}MB",
            "threads": "1",
            "temp_directory": "",
        },
    )
    within = str(folder).replace("'", "''")
    connection.execute(f"SET allowed_directories=['{within}/']")
    connection.execute("SET enable_external_access=false")
    connection.execute(views(folder))
    connection.execute("SET lock_configuration=true")
    confine(folder, question.memory_mb * 1_000_000 + BESIDE)
    statements = connection.extract_statements(question.sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return Mistake("one SELECT is taken, and nothing else: the series are read-only")
    found = connection.execute(statements[0])
    columns, types = ([str(one[place]) for one in found.description or []] for place in (0, 1))
    if _MOMENT in types:
        found = connection.execute(_spoken(question.sql.strip().rstrip(";"), types))
    rows: list[msgspec.Raw] = []
    size = 0
    while (row := found.fetchone()) is not None and len(rows) < question.rows:
        rows.append(msgspec.Raw(msgspec.json.encode([_cell(one) for one in row], enc_hook=str)))
        size += len(rows[-1])
        if size > question.most:
            return Mistake("the answer is too large: ask for fewer rows, or shorter ones")
    return Table(columns, types, rows, row is not None)


def _spoken(sql: str, types: list[str]) -> str:
    """The same with moments as text in UTC: as objects they would need another library."""
    names = [f"c{place}" for place in range(len(types))]
    chosen = ", ".join(
        f"CAST({name} AS VARCHAR)" if kind == _MOMENT else name
        for name, kind in zip(names, types, strict=True)
    )
    # Its own text once more, which was a SELECT: there is nothing in it that it could not have said at once.
    return f"SELECT {chosen} FROM ({sql}\n) AS t({', '.join(names)})"  # noqa: S608


def _cell(value: Any) -> Any:
    """Numbers as numbers, NaN and infinity as null; text of a bearable length."""
    if isinstance(value, str) and len(value) > CELL:
        return value[:CELL] + "…"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return str(value)
    return value


_MOMENT = "TIMESTAMP WITH TIME ZONE"
_CREATE, _ADD, _RESTRICT, _NO_NEW_PRIVS = 444, 445, 446, 38
_READ = 1 << 2 | 1 << 3
_ALL = (1 << 13) - 1


def confine(folder: Path, memory: int) -> None:
    """From here on only this folder is read, nothing is written, and `memory` bytes are added at most.

    Needs Linux 5.13 for the whole of it.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    address_space = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    rules = libc.syscall(_CREATE, ctypes.create_string_buffer(struct.pack("=Q", _ALL)), ctypes.c_size_t(8), 0)
    if rules < 0:
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        beneath = ctypes.create_string_buffer(struct.pack("=Qi", _READ, handle))
        libc.syscall(_ADD, rules, 1, beneath, 0)
        libc.syscall(_RESTRICT, rules, 0)
        os.close(handle)
    os.close(rules)


if __name__ == "__main__":
    main()
