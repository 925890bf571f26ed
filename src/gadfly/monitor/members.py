"""Every component ever heard or expected, as numpy columns in one piece of shared memory.

The memory is a sparse memfd, reserved for as many members as the node takes at most; only the pages of those
that exist are real, so growing needs no copy and no stop. The node makes it, the ear inherits it: when the
ear dies its successor finds everything. One writer, the ear; the node reads.

Names of columns (each an array over all slots, use ``[:members.size]``): ``id``, ``incarnation``,
``sequence``, ``seen``, ``seen_wall``, ``deadline``, ``interval``, ``status``, ``liveness``, ``reason``,
``beats``, ``lost``, ``restarts``, ``jitter``, ``since``, ``address``, ``port``; units in
:mod:`gadfly.monitor.row`.
"""

from __future__ import annotations

import ipaddress
import mmap
import os
import secrets
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.cards import Cards
from gadfly.monitor.counters import NAMES, Counters
from gadfly.monitor.events import EVENT, Ring
from gadfly.monitor.index import Index, Slots, distinct
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.row import FREE, ROW
from gadfly.monitor.why import Why

NEVER = np.iinfo(np.int64).max
"""A deadline that does not come: nothing is expected of this member."""

PAGE = 4096
_MAGIC = 0x4761_6466_6C79_0001
_STATE = np.dtype(
    [
        ("magic", "u8"),
        ("capacity", "u8"),
        ("ring", "u8"),
        ("size", "u8"),
        ("freed", "u8"),
        ("index", "u8", 3),
        ("events", "u8", 3),
        ("cards", "u8"),
        ("counters", "u8", 256),
        ("hush", "u8", 2),
    ]
)
assert len(NAMES) <= 256
assert _STATE.itemsize <= PAGE
CARD_ROOM = 512
"""Bytes of card reserved a member on average; a card has some 200, at most 1136."""


def _cells(capacity: int) -> int:
    return 1 << max(10, (2 * capacity - 1).bit_length())


def _layout(capacity: int, ring: int) -> dict[str, tuple[int, int]]:
    """Offset and bytes of each part, each on its own pages."""
    place, parts = PAGE, {}
    for name, size in (
        ("rows", capacity * ROW.itemsize),
        ("deadline", capacity * 8),
        ("liveness", capacity),
        ("overdue", capacity * 8),
        ("free", capacity * 4),
        ("table", _cells(capacity) * 4),
        ("ring", ring * EVENT.itemsize),
        ("arena", max(capacity * CARD_ROOM, 1 << 20)),
    ):
        parts[name] = (place, size)
        place += -(-size // PAGE) * PAGE
    parts["end"] = (place, 0)
    return parts


class Members:
    """The columns, over the memory behind `descriptor`. Make new memory with :meth:`create`."""

    id: NDArray[np.uint64]
    incarnation: NDArray[np.uint64]
    sequence: NDArray[np.uint64]
    seen: NDArray[np.int64]
    seen_wall: NDArray[np.int64]
    since: NDArray[np.int64]
    interval: NDArray[np.uint32]
    jitter: NDArray[np.float32]
    beats: NDArray[np.uint32]
    lost: NDArray[np.uint32]
    restarts: NDArray[np.uint16]
    status: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    address: NDArray[np.void]
    port: NDArray[np.uint16]

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        with mmap.mmap(descriptor, PAGE) as head:
            first = np.frombuffer(bytes(head[: _STATE.itemsize]), _STATE)[0]
        if int(first["magic"]) != _MAGIC:
            raise ValueError("this memory holds no members")
        capacity, ring = int(first["capacity"]), int(first["ring"])
        parts = _layout(capacity, ring)
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_NORESERVE", 0)
        self._memory = mmap.mmap(descriptor, parts["end"][0], flags=flags)
        self._parts = parts
        self.capacity = capacity
        self._own: np.ndarray[Any, Any] = np.frombuffer(self._memory, _STATE, 1)
        self.rows = self._array("rows", ROW)
        self.deadline = self._array("deadline", "i8")
        """Monotonic ns at which something must be decided; NEVER where nothing is expected."""
        self.liveness = self._array("liveness", "u1")
        self.overdue = self._array("overdue", "i8")
        """Monotonic ns at which the present suspicion began; without meaning outside one."""
        self._free = self._array("free", "u4")
        self.counters = Counters(self._own["counters"][0])
        self.hush = self._own["hush"][0]
        """How many beats were missing though nobody was judged for them yet, when somebody last was; and when
        that was, monotonic ns. A large failure begins so: all are silent, and the first is just found."""
        self.ring = Ring(self._own["events"][0], self._array("ring", EVENT))
        self._index = Index(self._array("table", "u4"), self.rows["id"], self._own["index"][0])
        start, length = parts["arena"]
        self.cards = Cards(self.rows, memoryview(self._memory)[start : start + length], self._own["cards"])
        for name in Members.__annotations__:
            setattr(self, name, self.rows[name])

    @classmethod
    def create(cls, capacity: int, *, ring: int = 1 << 18) -> Members:
        """New memory for so many members. `ring`: events held for a node that does not read, a power of
        two."""
        descriptor = os.memfd_create("gadfly-members", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, _layout(capacity, ring)["end"][0])
        head = np.zeros(1, _STATE)
        head["magic"], head["capacity"], head["ring"] = _MAGIC, capacity, ring
        head["index"][0, Index.FACTOR] = secrets.randbits(64) | 1
        os.pwrite(descriptor, head.tobytes(), 0)
        return cls(descriptor)

    def _array(self, part: str, dtype: Any) -> NDArray[Any]:
        start, length = self._parts[part]
        dtype = np.dtype(dtype)
        return np.frombuffer(self._memory, dtype, length // dtype.itemsize, start)

    @property
    def size(self) -> int:
        """Slots in use, those given back among them; every slot is below."""
        return min(int(self._own["size"][0]), self.capacity)

    def find(self, ids: NDArray[np.uint64]) -> Slots:
        """The slot of each id, -1 where it is not known."""
        found = self._index.find(ids)
        return self._search(ids) if found is None else found

    def _search(self, ids: NDArray[np.uint64]) -> Slots:
        """As :meth:`find`, without the index: every id is looked at."""
        wanted, used = distinct(ids), self.used()
        slots = np.full(len(wanted), -1, np.int64)
        if len(wanted):
            held = self.rows["id"][used]
            place = np.searchsorted(wanted, held).clip(max=len(wanted) - 1)
            hit = wanted[place] == held
            slots[place[hit]] = used[hit]
        found: Slots = slots[np.searchsorted(wanted, ids)]
        return found

    def card(self, slot: int) -> bytes:
        """The JSON of its last announce as received; empty when none was heard."""
        return self.cards.read(slot)

    def source(self, slot: int) -> str:
        """Where its last beat came from, for people: `10.0.0.7:41234`; empty where it came by HTTP."""
        port = int(self.port[slot])
        return f"{_written(self.address[slot].tobytes())}:{port}" if port else ""

    # What follows is for the ear only.

    def insert(self, ids: NDArray[np.uint64]) -> Slots:
        """Slots for ids that are not known yet, each once. Raises ValueError when there is no room for
        all."""
        count, freed, size = len(ids), int(self._own["freed"][0]), self.size
        if count > self.room():
            raise ValueError(f"{self.capacity} members are the most; raise node.components")
        reused = min(count, freed)
        slots = np.empty(count, np.int64)
        slots[:reused] = self._free[freed - reused : freed]
        slots[reused:] = np.arange(size, size + count - reused)
        self._own["freed"][0] = freed - reused
        rows = np.zeros(count, ROW)
        rows["id"] = ids
        rows["card_version"] = self.rows["card_version"][slots]
        self.rows[slots] = rows
        self.deadline[slots] = NEVER
        self.liveness[slots] = Liveness.never
        self.overdue[slots] = 0
        self._own["size"][0] = size + count - reused
        self._index.insert(ids, slots)
        return slots

    def recover(self) -> None:
        """Put in order what an ear left that was killed at any moment: index, slots given back, cards."""
        unused = np.flatnonzero(self.liveness[: self.size] == FREE)
        self.deadline[unused] = NEVER
        self.rows["card_room"][unused] = self.rows["card_length"][unused] = 0
        self._free[: len(unused)] = unused
        self._own["freed"][0] = len(unused)
        self._index.recover(self.used())
        self.cards.recover(self.size)

    def room(self) -> int:
        """How many more members fit."""
        return self.capacity - self.size + int(self._own["freed"][0])

    def used(self) -> Slots:
        """The slots that hold a member."""
        return np.flatnonzero(self.liveness[: self.size] != FREE)

    def remove(self, slots: Slots) -> None:
        """Give slots back; each once, each in use."""
        ids = self.rows["id"][slots]
        self.liveness[slots] = FREE
        self._index.remove(ids, self.used())
        self.cards.release(slots)
        self.deadline[slots] = NEVER
        self.rows["id"][slots] = 0
        self.rows["incarnation"][slots] = 0
        self.rows["reason"][slots] = Why.forgotten
        freed = int(self._own["freed"][0])
        self._free[freed : freed + len(slots)] = slots
        self._own["freed"][0] = freed + len(slots)

    def unhear(self, slots: Slots) -> None:
        """Keep these, each once, as if nothing had ever been heard of them."""
        self.cards.release(slots)
        rows = np.zeros(len(slots), ROW)
        for name in ("id", "card_version"):
            rows[name] = self.rows[name][slots]
        self.rows[slots] = rows
        self.deadline[slots] = NEVER

    def close(self) -> None:
        """Close the descriptor; the mapping goes when the last view of it does."""
        os.close(self.descriptor)


@lru_cache(maxsize=65_536)
def _written(address: bytes) -> str:
    """An address as it stands before a port."""
    whole = ipaddress.IPv6Address(address)
    return str(whole.ipv4_mapped) if whole.ipv4_mapped else f"[{whole}]"


def pack_address(host: str) -> bytes:
    """16 bytes: an IPv6 address, or an IPv4 one mapped into it; zeros where it is none (a Unix socket's
    peer)."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return bytes(16)
    if isinstance(address, ipaddress.IPv4Address):
        return b"\0" * 10 + b"\xff\xff" + address.packed
    return address.packed


def source_buckets(addresses: NDArray[np.void]) -> NDArray[np.uint16]:
    """A number for each source network (IPv4 /24, IPv6 /64), folded into 4096; networks may share one."""
    raw = np.frombuffer(addresses.tobytes(), ">u8").reshape(-1, 2).astype(np.uint64)
    mapped = (raw[:, 0] == 0) & (raw[:, 1] >> np.uint64(32) == np.uint64(0xFFFF))
    network = np.where(mapped, (raw[:, 1] >> np.uint64(8)) ^ np.uint64(1 << 63), raw[:, 0])
    mixed = (network.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(52)
    return mixed.astype(np.uint16)


def host_numbers(addresses: NDArray[np.void]) -> NDArray[np.uint64]:
    """A number for each address, the same for the same address (void arrays have no order to sort by)."""
    raw = np.frombuffer(addresses.tobytes(), "u8").reshape(-1, 2)
    return (raw[:, 0] * np.uint64(0x9E3779B97F4A7C15)) ^ (raw[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F))
