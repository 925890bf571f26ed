"""What waits to be sent: in order, never twice, across a restart, and not without bound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gadfly.outgrown.spool import Spool
from gadfly.store.series.batch import Batch
from gadfly.store.series.segments import Segments

T = 1_790_000_000_000


class Journals:
    """A store's journal with a spool beside it; batch n has the one value n."""

    def __init__(self, folder: Path, bound: int = 10**9) -> None:
        self.folder = folder
        self.bound = bound
        self.start()

    def start(self) -> None:
        self.spool = Spool(self.folder, self.folder / "spool", self.bound)
        self.segments = Segments(self.folder, self.spool.collect)
        for _ in self.segments.read():
            pass
        self.spool.open()

    def write(self, *numbers: int) -> None:
        for number in numbers:
            self.segments.write(
                Batch(np.zeros(1, np.int64), np.array([T + number]), np.array([float(number)]))
            )

    def take(self, samples: int) -> list[int]:
        """Send so many."""
        found, place = self.spool.following(samples)
        self.spool.sent(place)
        return [int(value) for batch in found for value in batch.value]


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path)


def test_in_order_and_each_once(journals: Journals) -> None:
    journals.write(1, 2, 3)
    journals.spool.collect()
    assert journals.take(2) == [1, 2]
    journals.write(4)
    assert journals.take(10) == [3, 4]
    assert journals.take(10) == []
    journals.segments.rotate()
    journals.write(5)
    journals.spool.collect()
    assert journals.take(10) == [5]


def test_what_was_not_sent_is_given_again(journals: Journals) -> None:
    journals.write(1, 2)
    journals.spool.collect()
    first, _ = journals.spool.following(10)
    again, _ = journals.spool.following(10)
    assert [one.value.tolist() for one in first] == [one.value.tolist() for one in again] == [[1.0], [2.0]]


def test_after_a_restart_it_goes_on(journals: Journals) -> None:
    journals.write(1, 2, 3)
    journals.spool.collect()
    assert journals.take(2) == [1, 2]
    journals.start()
    journals.write(4)
    journals.spool.collect()
    assert journals.take(10) == [3, 4]
    (journals.folder / "spool" / "sent.json").write_text("torn")
    journals.start()
    assert journals.take(10) == [1, 2, 3, 4]


def test_what_the_store_lets_go_of_still_waits(journals: Journals) -> None:
    journals.write(1, 2)
    journals.segments.release(T + 100)
    assert not list(journals.folder.glob("journal-*.log"))
    journals.write(3)
    assert journals.take(1) == [1]
    journals.spool.collect()
    assert journals.take(10) == [2, 3]


def test_what_is_done_goes_when_the_store_has_let_go_of_it(journals: Journals) -> None:
    journals.write(1)
    journals.spool.collect()
    assert journals.take(10) == [1]
    journals.segments.rotate()
    journals.write(2)
    journals.spool.collect()
    assert len(list((journals.folder / "spool").glob("*.log"))) == 2
    assert journals.take(10) == [2]
    journals.segments.release(T + 2)
    journals.write(3)
    journals.spool.collect()
    assert len(list((journals.folder / "spool").glob("*.log"))) == 2
    # The store begins to count anew; the spool does not.
    journals.start()
    assert journals.take(10) == [3]


def test_the_oldest_is_lost_beyond_the_bound_and_counted(tmp_path: Path) -> None:
    journals = Journals(tmp_path, bound=100)
    for number in range(1, 9):
        journals.write(number)
        journals.segments.rotate()
    journals.spool.collect()
    lost = journals.spool.lost
    assert lost > 0
    assert 0 < journals.spool.waiting() <= 200
    sent = journals.take(100)
    assert sent == list(range(9 - len(sent), 9))
    assert 0 < len(sent) < 8
    assert journals.spool.waiting() == 0


def test_a_torn_end_is_left_where_it_is(journals: Journals) -> None:
    journals.write(1)
    journals.spool.collect()
    file = next((journals.folder / "spool").glob("*.log"))
    with file.open("ab") as torn:
        torn.write(b"GfJ1\x20\0\0\0half of a fr")
    assert journals.take(10) == [1]
    journals.segments.rotate()
    journals.write(2)
    journals.spool.collect()
    assert journals.take(10) == [2]


@pytest.mark.parametrize("behind", [True, False])
def test_what_the_disk_damaged_is_passed_over_and_told(
    journals: Journals, caplog: pytest.LogCaptureFixture, behind: bool
) -> None:
    journals.write(1)
    journals.spool.collect()
    file = next((journals.folder / "spool").glob("*.log"))
    place, start = file.stat().st_size + 20, file.stat().st_size
    journals.write(2)
    length = file.stat().st_size - start
    if behind:
        journals.write(3)
    with file.open("r+b") as damaged:
        damaged.seek(place)
        damaged.write(b"!?")
    assert journals.take(10) == [1]
    journals.segments.rotate()
    journals.write(4)
    journals.spool.collect()
    for _ in range(2):
        found, _ = journals.spool.following(10)
        assert [int(one.value[0]) for one in found] == ([3, 4] if behind else [4])
    # The last frame of a file may be one that was torn.
    assert journals.spool.damaged == (length if behind else 0)
    assert caplog.text.count("is damaged at byte") == behind
    assert journals.take(10) == ([3, 4] if behind else [4])
