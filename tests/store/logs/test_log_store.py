"""Lines are there after they were appended, in their order, through crashes, blocks and restarts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gadfly.config.logs import Logs
from gadfly.errors import QueryError, StoreError
from gadfly.store.logs import Line, LogStore, Query, dropped
from gadfly.store.logs.frame import rows_of

NOW = 1_800_000_000.0
HOUR = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    store = LogStore(tmp_path / "logs", Logs())
    store.open()
    yield store
    store.close()


def line(text: str, at: float = NOW, host: str = "h1", unit: str = "web", severity: int = 6) -> Line:
    return Line(at, "syslog", host, unit, severity, text, {"pid": "1"})


def put(store: LogStore, *lines: Line, now: float = NOW, marks: dict[str, str] | None = None) -> int:
    rows, _ = rows_of(lines, 1000)
    return store.append(rows, marks or {}, now)


def again(store: LogStore) -> LogStore:
    store.close()
    fresh = LogStore(store.folder, store.settings)
    fresh.open()
    return fresh


def texts(store: LogStore, query: Query) -> list[str]:
    return [one.text for one in store.read(query).lines]


def test_the_newest_come_first_and_pages_follow_each_other(store: LogStore) -> None:
    for n in range(10):
        put(store, line(f"{n}a"), line(f"{n}b"), now=NOW + n)
    whole = texts(store, Query(limit=1000))
    assert whole[:3] == ["9b", "9a", "8b"]
    found: list[str] = []
    before = None
    while True:
        page = store.read(Query(limit=3, before=before))
        found += [one.text for one in page.lines]
        if not page.more:
            break
        before = page.cursor
    assert found == whole


@pytest.mark.parametrize("blocks", [False, True])
def test_a_reader_with_a_cursor_sees_each_line_once_in_order(store: LogStore, blocks: bool) -> None:
    cursor, seen = 0, []
    for n in range(6):
        put(store, *(line(f"{n}.{k}") for k in range(3)), now=NOW + n * HOUR)
        if blocks:
            store.upkeep(NOW + n * HOUR + 10)
        page = store.read(Query(after=cursor, limit=2))
        seen += [one.text for one in page.lines]
        cursor = page.cursor
    while True:
        page = store.read(Query(after=cursor, limit=2))
        seen += [one.text for one in page.lines]
        cursor = page.cursor
        if not page.more:
            break
    assert seen == [f"{n}.{k}" for n in range(6) for k in range(3)]
    assert cursor == store.last


def test_a_cursor_passes_over_what_does_not_match(store: LogStore) -> None:
    put(store, line("a"), line("b"))
    assert store.read(Query(after=0, pattern="z")).cursor == store.last


@pytest.mark.parametrize("blocks", [False, True])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(pattern="(?i)OUT of"), ["out of memory [3]"]),
        (Query(pattern="^ok$"), ["ok"]),
        (Query(pattern=r"\[3\]"), ["out of memory [3]"]),
        (Query(host="h2"), ["ok"]),
        (Query(host="h*"), ["ok", "out of memory [3]"]),
        (Query(unit="a[b]*"), ["ok"]),
        (Query(unit="?eb"), ["out of memory [3]"]),
        (Query(unit=r"a[b]\x2d*"), ["ok"]),
        (Query(unit=r"a[b]x2d*"), []),
        (Query(severity=3), ["out of memory [3]"]),
        (Query(since=NOW + 5), ["ok"]),
        (Query(until=NOW + 5), ["out of memory [3]"]),
        (Query(source="file:x"), []),
        (Query(source="sys*"), ["ok", "out of memory [3]"]),
        (Query(since=NOW + 500), []),
    ],
)
def test_lines_are_chosen(store: LogStore, query: Query, expected: list[str], blocks: bool) -> None:
    put(store, line("out of memory [3]", severity=3))
    put(store, line("ok", at=NOW + 10, host="h2", unit=r"a[b]\x2dc"))
    if blocks:
        store.upkeep(NOW + 2 * HOUR)
        assert store.standing()["journal_bytes"] == 0
    assert texts(store, query) == expected


@pytest.mark.parametrize("pattern", ["(", "a" * 1001, "(?<x>", "\udc00"])
def test_a_pattern_that_is_none_is_refused(store: LogStore, pattern: str) -> None:
    with pytest.raises(QueryError):
        store.read(Query(pattern=pattern))


@pytest.mark.parametrize("roll", [False, True])
def test_a_restart_finds_lines_and_marks(store: LogStore, roll: bool) -> None:
    put(store, line("one"), marks={"file:1": "10", "journald": "c1"})
    put(store, marks={"journald": "c2", "file:1": ""})
    if roll:
        store.upkeep(NOW + 2 * HOUR)
    fresh = again(store)
    try:
        assert fresh.marks == {"journald": "c2"}
        assert texts(fresh, Query()) == ["one"]
        assert put(fresh, line("two"), now=NOW - HOUR) > fresh.read(Query()).lines[1].number
        assert texts(fresh, Query()) == ["two", "one"]
    finally:
        fresh.close()


def test_a_torn_write_loses_only_what_was_not_acknowledged(store: LogStore) -> None:
    put(store, line("kept"))
    put(store, line("torn"))
    store.close()
    journal = next(store.folder.glob("journal-*.log"))
    os.truncate(journal, journal.stat().st_size - 3)
    fresh = LogStore(store.folder, Logs())
    fresh.open()
    assert texts(fresh, Query()) == ["kept"]
    put(fresh, line("next"), now=NOW + 1)
    assert texts(fresh, Query()) == ["next", "kept"]
    fresh.close()


def test_a_damaged_journal_is_put_aside_and_the_rest_goes_on(
    store: LogStore, caplog: pytest.LogCaptureFixture
) -> None:
    put(store, line("a" * 100))
    put(store, line("b" * 100))
    store.close()
    journal = next(store.folder.glob("journal-*.log"))
    data = bytearray(journal.read_bytes())
    data[40] ^= 1
    journal.write_bytes(data)
    fresh = LogStore(store.folder, Logs())
    fresh.open()
    assert texts(fresh, Query()) == []
    assert len(list(store.folder.glob("*.damaged"))) == 1
    assert "renamed" in caplog.text
    fresh.close()


def test_a_journal_file_is_there_before_its_folder_is_synced(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.extend(os.listdir(handle))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    put(store, line("first"))
    assert [path.name for path in store.folder.glob("journal-*")] == [
        name for name in synced if name.startswith("journal-")
    ]


@pytest.mark.parametrize("gone", [False, True])
def test_a_journal_that_cannot_become_a_block_is_put_aside_and_the_rest_goes_on(
    store: LogStore, caplog: pytest.LogCaptureFixture, gone: bool
) -> None:
    put(store, line("old"))
    store.upkeep(NOW + 2 * HOUR)
    then = NOW + 7 * 86_400
    put(store, line("bad"), now=then, marks={"journald": "c1"})
    store.upkeep(then + 10)
    bad = next(store.folder.glob("journal-*.log"))
    if gone:
        bad.unlink()
    else:
        bad.write_bytes(bad.read_bytes().replace(b"bad", b"bat"))
        assert "damaged" in store.read(Query()).unread[0]
    store.upkeep(then + 2 * HOUR)
    put(store, line("good"), now=then + 2 * HOUR)
    store.upkeep(then + 4 * HOUR)
    assert texts(store, Query()) == ["good"]
    assert store.standing()["journal_bytes"] == 0
    assert f"renamed to {bad.name}.damaged" in caplog.text
    assert len(list(store.folder.glob("*.damaged"))) == (0 if gone else 1)
    fresh = again(store)
    assert fresh.marks == {"journald": "c1"}
    assert texts(fresh, Query()) == ["good"]
    fresh.close()


def test_what_is_too_old_goes_although_the_disk_takes_no_block(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, line("old"))
    store.upkeep(NOW + 2 * HOUR)
    then = NOW + 8 * 86_400
    put(store, line("waits"), now=then)

    def refuse(*_: object) -> None:
        raise StoreError("the disk is full") from OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("gadfly.store.logs.block.write", refuse)
        with pytest.raises(StoreError):
            store.upkeep(then + 2 * HOUR)
    assert texts(store, Query()) == ["waits"]
    store.upkeep(then + 2 * HOUR)
    assert texts(store, Query()) == ["waits"]
    assert store.standing()["journal_bytes"] == 0


def test_a_crash_between_block_and_journal_doubles_nothing(store: LogStore) -> None:
    put(store, line("once"))
    journal = next(store.folder.glob("journal-*.log"))
    kept = journal.read_bytes()
    store.upkeep(NOW + 2 * HOUR)
    store.close()
    journal.write_bytes(kept)
    (store.folder / "block.new").write_bytes(b"half")
    fresh = LogStore(store.folder, Logs())
    fresh.open()
    assert texts(fresh, Query()) == ["once"]
    assert not journal.exists()
    assert not (store.folder / "block.new").exists()
    fresh.close()


def test_what_a_restart_left_small_goes_with_what_came_after_it(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, line("small"))
    second = again(store)
    monkeypatch.setattr("gadfly.store.logs.store.FULL", len("small") + 80)
    put(second, line("full" * 100), now=NOW + 1)
    second.upkeep(NOW + 2)
    third = again(second)
    assert texts(third, Query(after=0)) == ["small", "full" * 100]
    assert third.standing()["journal_bytes"] == 0
    third.close()


def test_a_damaged_block_is_told_and_the_rest_is_read(store: LogStore) -> None:
    put(store, line("old"))
    store.upkeep(NOW + 2 * HOUR)
    put(store, line("new"), now=NOW + 2 * HOUR)
    block = next(store.folder.glob("*.parquet"))
    block.write_bytes(b"PAR1" + bytes(block.stat().st_size))
    page = store.read(Query())
    assert [one.text for one in page.lines] == ["new"]
    assert "damaged" in page.unread[0]


def test_lines_go_when_they_are_too_old(store: LogStore) -> None:
    put(store, line("old"))
    store.upkeep(NOW + 2 * HOUR)
    put(store, line("new"), now=NOW + 2 * HOUR)
    store.upkeep(NOW + 4 * HOUR)
    store.upkeep(NOW + 7 * 86_400 + HOUR)
    assert texts(store, Query()) == ["new"]
    assert len(list(store.folder.glob("*.parquet"))) == 1


def test_the_oldest_go_where_there_is_no_room(tmp_path: Path) -> None:
    store = LogStore(tmp_path / "logs", Logs(disk_mb=1))
    store.open()
    for n in range(6):
        texts_ = (os.urandom(300).hex() for _ in range(1000))
        put(store, *(line(text) for text in texts_), now=NOW + n * HOUR)
        store.upkeep(NOW + n * HOUR + HOUR + 1)
    standing = store.standing()
    assert 0 < standing["block_bytes"] <= 1_000_000
    assert standing["lines"] < 6000
    assert store.read(Query(limit=1)).lines[0].number >= (NOW + 5 * HOUR) * 1e6
    # Whoever reads on from where they were is told what they did not get.
    left = store.read(Query(after=0, limit=1))
    assert left.gone.lines == 6000 - standing["lines"]
    assert left.gone.last < left.lines[0].number
    assert store.read(Query(after=left.gone.last)).gone.lines == 0
    fresh = again(store)
    assert fresh.read(Query(after=0, limit=1)).gone == left.gone
    fresh.close()


def test_that_all_were_dropped_is_known_after_a_restart(store: LogStore) -> None:
    last = put(store, line("a"), line("b"), line("c")) + 2
    store.upkeep(NOW + 2 * HOUR)
    store.upkeep(NOW + 8 * 86_400)
    fresh = again(store)
    assert fresh.last == last
    assert fresh.read(Query(after=last - 1)).gone == (3, last)
    # Where it ended between the two, the block is there after all.
    held = fresh.folder / "dropped.json"
    kept = held.read_bytes()
    first = put(fresh, line("d"), now=NOW)
    fresh.upkeep(NOW + 2 * HOUR)
    held.write_bytes(kept.replace(str(last).encode(), str(first).encode()))
    fresh = again(fresh)
    assert fresh.read(Query(after=0)).gone == (0, 0)
    assert texts(fresh, Query(after=0)) == ["d"]
    held.write_bytes(b"[[")
    fresh = again(fresh)
    assert texts(fresh, Query()) == ["d"]
    fresh.close()


def test_of_many_that_were_dropped_no_line_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropped, "MOST", 2)
    found = dropped.Dropped(tmp_path)
    found.add([(10, 1), (20, 2), (30, 4)])
    told = {number: found.between(number, 40)[0] for number in (0, 25, 30)}
    assert told == {0: (7, 30), 25: (4, 30), 30: (0, 0)}


def follow(store: LogStore) -> list[str]:
    """What somebody is given who reads on and on from the first line."""
    cursor, found = 0, []
    while True:
        page = store.read(Query(after=cursor, limit=10))
        if page.gone.lines:
            cursor = page.gone.last
            found.append("gone")
            continue
        found += [one.text for one in page.lines]
        cursor = page.cursor
        if not page.more:
            return found


@pytest.mark.parametrize("rolled", [False, True])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_who_reads_on_is_told_of_a_file_that_was_damaged(store: LogStore, which: int, rolled: bool) -> None:
    for n in range(3):
        put(store, line(f"{n}"), now=NOW + n * 2 * HOUR)
        put(store, line(f"{n}"), now=NOW + n * 2 * HOUR)
        if not rolled:
            store = again(store)  # each in a file of its own
        elif n < 2:
            store._closed = True
    bad = sorted(store.folder.glob("journal-*.log"))[which]
    data = bytearray(bad.read_bytes())
    data[40] ^= 1
    bad.write_bytes(data)
    if rolled:
        store.upkeep(NOW + 9 * HOUR)
    wanted = ["0", "0", "1", "1", "2", "2"]
    wanted[2 * which : 2 * which + 2] = ["gone"]
    fresh = again(store)
    assert follow(fresh) == wanted
    put(fresh, line("new"), now=NOW + 10 * HOUR)
    fresh = again(fresh)
    assert follow(fresh) == [*wanted, "new"]
    fresh.close()


def test_what_is_dropped_for_room_is_written_down_when_there_is_room(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = put(store, line("old"))
    store.upkeep(NOW + 2 * HOUR)
    (block,) = store.folder.glob("*.parquet")
    sync = os.fsync

    def full(handle: int) -> None:
        if block.exists():
            raise OSError(28, "No space left on device")
        sync(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        store.upkeep(NOW + 8 * 86_400)
    assert not block.exists()
    fresh = again(store)
    assert fresh.read(Query(after=0)).gone == (1, last)
    fresh.close()


def test_two_processes_do_not_share_a_folder(store: LogStore) -> None:
    with pytest.raises(StoreError, match="in use"):
        LogStore(store.folder, Logs()).open()


def test_a_disk_that_refuses_takes_nothing_and_goes_on_later(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, line("before"))

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", refuse)
        with pytest.raises(StoreError):
            put(store, line("refused"), now=NOW + 1)
    put(store, line("after"), now=NOW + 2)
    assert texts(store, Query()) == ["after", "before"]
    fresh = again(store)
    assert texts(fresh, Query()) == ["after", "before"]
    fresh.close()


def test_a_search_that_takes_too_long_says_how_far_it_came(tmp_path: Path) -> None:
    store = LogStore(tmp_path / "logs", Logs(), patience=0.0)
    store.open()
    for n in range(3):
        put(store, line(f"{n}"), now=NOW + n)
    seen, before = 0, None
    for _ in range(4):
        page = store.read(Query(pattern="never", before=before))
        before = page.cursor
        seen += 1
        if not page.more:
            break
    assert seen == 4
    store.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            Line(NOW, "s" * 300, "h\0st", "u", 9, "text\0\udc00", {}),
            ("s" * 255, "h�st", "u", 7, "text�?", ""),
        ),
        (Line(float("nan"), "s", "h", "u", -1, "x" * 20, {}), ("s", "h", "u", 0, "x" * 10, "")),
        (Line(NOW, "s", "h", "u", 6, "", {"a": "b", "c": "d" * 20}), ("s", "h", "u", 6, "", '{"a":"b"}')),
    ],
)
def test_what_is_kept_of_a_line_is_bounded_and_can_be_written(given: Line, kept: Sequence[object]) -> None:
    rows, cut = rows_of([given], 10)
    assert rows[0][1:] == kept
    assert cut == (len(given.text) > 10)


def test_as_many_fields_are_kept_as_have_room() -> None:
    rows, _ = rows_of([Line(NOW, "s", "h", "u", 6, "", {f"f{n}": "x" for n in range(100)})], 1000)
    assert rows[0][6].count(":") == 64
