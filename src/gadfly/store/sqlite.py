"""One SQLite file: a single writer thread that commits in groups, and readers apart.

A write is a function of the connection. Those that wait together share one transaction, each under its own
savepoint, so that one that fails takes nobody with it and a hundred small ones cost one fsync. `await write`
returns after the commit; what it returned for is on disk. When the disk is full or the file is locked,
every write of the group raises :class:`~gadfly.errors.StoreError`, nothing of them is kept, and the next
write simply tries again: there is nothing to repair when space returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gadfly.errors import StoreError
from gadfly.store.schema import migrate
from gadfly.store.trouble import explain

T = TypeVar("T")

GROUP = 64
"""Writes in one transaction at most, so that the first of them does not wait for an endless crowd."""
BUSY = 5.0
"""Seconds to wait for a lock that another program (a backup, a shell) holds."""
READERS = 2
"""Reader threads; as many as the page needs to stay quick while one of them reads a long history."""


class _Job(NamedTuple):
    work: Callable[[sqlite3.Connection], Any]
    durable: bool
    done: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Database:
    """The file at `path` (made, with its folder, where it is not there). One process uses it at a time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()
        self._lock = _take(self.path)
        try:
            self._connection = _open(self.path)
        except BaseException:
            os.close(self._lock)
            raise
        self._durable = True
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._writer = threading.Thread(target=self._serve, name="store-write", daemon=True)
        self._writer.start()
        self._closed = False
        self._bells: dict[str, asyncio.Event] = {}

    def bell(self, name: str) -> asyncio.Event:
        """The event by which one part tells another, in the same loop, that it wrote something for it."""
        return self._bells.setdefault(name, asyncio.Event())

    async def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Run `work` in the writer's transaction; its result, after the commit.

        `durable` False skips the fsync: for what a power cut may take back (never a crash of the process),
        such as when something was last seen.
        """
        if self._closed:
            raise StoreError(f"The state in {self.path} is closed: the node is stopping.")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, durable, done, loop))
        return await done

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on a connection that only reads, in a thread of its own; it sees one moment."""
        if self._closed:
            raise StoreError(f"The state in {self.path} is closed: the node is stopping.")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def close(self) -> None:
        """Finish what is queued, fold the log into the file, and let go of it. Harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._connection.close()
        os.close(self._lock)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = sqlite3.connect(
                    self.path, isolation_level=None, timeout=BUSY, check_same_thread=False, uri=False
                )
                connection.execute("PRAGMA query_only = 1")
                self._local.connection = connection
                self._opened.append(connection)
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise explain(error, self.path) from error

    # The writer's thread.

    def _serve(self) -> None:
        stopping = False
        while not stopping:
            jobs = [self._jobs.get()]
            while len(jobs) < GROUP:
                try:
                    jobs.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
            stopping = None in jobs
            group = [job for job in jobs if job is not None]
            if group:
                for job, result, error in self._commit(group):
                    _tell(job, result, error)

    def _commit(self, group: list[_Job]) -> list[tuple[_Job, Any, BaseException | None]]:
        connection = self._connection
        outcome: list[tuple[_Job, Any, BaseException | None]] = []
        try:
            durable = any(job.durable for job in group)
            if durable is not self._durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            connection.execute("BEGIN IMMEDIATE")
            outcome.extend((job, *_attempt(connection, job)) for job in group)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            trouble = explain(error, self.path)
            return [(job, None, trouble) for job in group]
        return [
            (job, result, explain(error, self.path) if isinstance(error, sqlite3.OperationalError) else error)
            for job, result, error in outcome
        ]


def _attempt(connection: sqlite3.Connection, job: _Job) -> tuple[Any, BaseException | None]:
    """One write under its savepoint. Raises only what ended the whole transaction."""
    connection.execute("SAVEPOINT job")
    try:
        result = job.work(connection)
    except Exception as error:
        if not connection.in_transaction:  # SQLite itself gave up the transaction: disk full, I/O error
            if isinstance(error, sqlite3.Error):
                raise
            raise sqlite3.OperationalError(f"the transaction was lost ({error})") from error
        connection.execute("ROLLBACK TO job")
        connection.execute("RELEASE job")
        return None, error
    connection.execute("RELEASE job")
    return result, None


def _tell(job: _Job, result: Any, error: BaseException | None) -> None:
    def set_result() -> None:
        if job.done.done():
            return
        if error is not None:
            job.done.set_exception(error)
        else:
            job.done.set_result(result)

    try:
        job.loop.call_soon_threadsafe(set_result)
    except RuntimeError:  # the loop is closed: nobody waits any more
        return


def _take(path: Path) -> int:
    """The lock that makes this process the only one on the file; ends with the process, however it ends."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"The state folder {path.parent} cannot be used ({error.strerror}): check its owner and mode, "
            "or set `node.state` to a folder that this user may write."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreError(
            f"Another gadfly uses {path}: stop it, or give this node another `node.state` folder."
        ) from error
    return lock


def _open(path: Path) -> sqlite3.Connection:
    """The writer's connection, checked and migrated."""
    unclean = _size(path.with_name(path.name + "-wal")) > 0
    try:
        made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(PermissionError):  # somebody else's file: its owner decides who reads it
            os.fchmod(made, 0o600)
        os.close(made)
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY, check_same_thread=False)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened ({error.strerror}): check its owner and mode.") from error
    except sqlite3.Error as error:
        raise explain(error, path) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute("PRAGMA temp_store = MEMORY")
        if unclean:  # the last process did not close it; a clean file need not be read through at every start
            _check(connection, path)
        migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        raise explain(error, path) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    if found != ["ok"]:
        raise StoreError(
            f"The state in {path} is damaged ({'; '.join(found)}). Move it away or restore a copy, and start "
            "again; the catalogue is not touched by this, only history, silences and tokens are in the file."
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
