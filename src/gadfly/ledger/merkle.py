"""The hash tree of RFC 6962, section 2.1: pure functions.

A *node* is a full subtree, named by its level (2^level leaves) and its number from the left. Every other
part of a tree, its ragged right edge, is folded from nodes. So whoever can give nodes (a list, tiles in a
database, tiles from another machine) can give every root and proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

EMPTY = sha256().digest()
"""The root of a tree without leaves."""
HASH = 32
"""Bytes of a hash."""

_INNER = sha256(b"\1")

Node = Callable[[int, int], bytes]
"""(level, number) → the hash of that full subtree."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + entry).digest()


def full_root(hashes: bytes) -> bytes:
    """The root over a power of two of hashes, which lie one after another in `hashes`."""
    while len(hashes) > HASH:
        hashes = above(hashes)
    return hashes


def above(hashes: bytes) -> bytes:
    """The hashes one level up, from an even number of them, which lie one after another."""
    copy, found = _INNER.copy, []
    for i in range(0, len(hashes), 2 * HASH):
        inner = copy()  # a tenth cheaper than to begin anew
        inner.update(hashes[i : i + 2 * HASH])
        found.append(inner.digest())
    return b"".join(found)


def parts(start: int, stop: int) -> list[tuple[int, int]]:
    """The nodes (level, number) that make up leaves [start, stop), from the left, largest first.

    `start` must be a multiple of the largest of them, as it is for every subtree of RFC 6962.
    """
    found = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over nodes of falling size."""
    if not hashes:
        return EMPTY
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = sha256(b"\1" + left + root).digest()
    return root


def subtree(start: int, stop: int, node: Node) -> bytes:
    """MTH(D[start:stop])."""
    return fold([node(level, number) for level, number in parts(start, stop)])


def root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return subtree(0, size, node)


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """PATH(index, D[size]) as ranges of leaves, from the leaf's sibling upwards.

    IndexError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise IndexError(f"entry {index} is not among the first {size}")
    found, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    found.reverse()
    return found


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """PROOF(old, D[new]) as ranges of leaves. IndexError unless 0 <= old <= new."""
    if not 0 <= old <= new:
        raise IndexError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    found, start, stop = [], 0, new
    whole = True  # the old tree is all of what is on the left so far
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, stop))
    found.reverse()
    return found


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The inclusion proof of entry `index` in the tree of `size` leaves."""
    return [subtree(start, stop, node) for start, stop in inclusion_ranges(index, size)]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the tree of `new`."""
    return [subtree(start, stop, node) for start, stop in consistency_ranges(old, new)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash `leaf` at `index` in the tree of `size` with `root`.

    The algorithm of RFC 9162, section 2.1.3.2, which holds for RFC 6962's trees.
    """
    if not 0 <= index < size:
        return False
    last, got = size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            got = sha256(b"\1" + step + got).digest()
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            got = sha256(b"\1" + got + step).digest()
        index >>= 1
        last >>= 1
    return last == 0 and got == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` leaves continues the tree of `old` (RFC 9162, 2.1.4.2).

    Every tree continues the empty one.
    """
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first >>= 1
        last >>= 1
    was = now = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            was = sha256(b"\1" + step + was).digest()
            now = sha256(b"\1" + step + now).digest()
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            now = sha256(b"\1" + now + step).digest()
        first >>= 1
        last >>= 1
    return last == 0 and was == old_root and now == new_root


class Peaks:
    """The full subtrees of a growing tree, largest first: all that its root needs, however large it is."""

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        """ValueError unless `hashes` holds one hash for each bit that is set in `size`."""
        if len(hashes) != HASH * size.bit_count():
            raise ValueError(f"{len(hashes)} bytes are not the peaks of {size} entries")
        self.size = size
        self._stack = [hashes[i : i + HASH] for i in range(0, len(hashes), HASH)]

    def push(self, leaf: bytes, height: int = 0) -> None:
        """Add the full subtree of 2^`height` leaves whose hash is `leaf`; the size must be a multiple."""
        size, stack = self.size >> height, self._stack
        while size & 1:
            leaf = sha256(b"\1" + stack.pop() + leaf).digest()
            size >>= 1
        stack.append(leaf)
        self.size += 1 << height

    def root(self) -> bytes:
        """The root of the tree."""
        return fold(self._stack)

    def packed(self) -> bytes:
        """The hashes, one after another."""
        return b"".join(self._stack)

    def nodes(self) -> Iterator[tuple[tuple[int, int], bytes]]:
        """((level, number), hash) of each."""
        return zip(parts(0, self.size), self._stack, strict=True)
