"""The hash tree: published vectors, and another implementation written down from the RFC's definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ledger import merkle

# The reference leaves and roots of Certificate Transparency's tests for RFC 6962.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, D]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]


# Section 2.1 of RFC 6962, word for word, over lists of entries.
def _mth(d: list[bytes]) -> bytes:
    if not d:
        return sha256(b"").digest()
    if len(d) == 1:
        return sha256(b"\x00" + d[0]).digest()
    k = _k(len(d))
    return sha256(b"\x01" + _mth(d[:k]) + _mth(d[k:])).digest()


def _path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = _k(len(d))
    if m < k:
        return [*_path(m, d[:k]), _mth(d[k:])]
    return [*_path(m - k, d[k:]), _mth(d[:k])]


def _subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [_mth(d)]
    k = _k(len(d))
    if m <= k:
        return [*_subproof(m, d[:k], b), _mth(d[k:])]
    return [*_subproof(m - k, d[k:], False), _mth(d[:k])]


def _k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


# And a second verifier, by the same recursion instead of by the bits of the index.
def _root_by(m: int, n: int, leaf: bytes, proof: list[bytes]) -> bytes:
    if n == 1:
        assert not proof
        return leaf
    *below, last = proof
    k = _k(n)
    if m < k:
        return sha256(b"\x01" + _root_by(m, k, leaf, below) + last).digest()
    return sha256(b"\x01" + last + _root_by(m - k, n - k, leaf, below)).digest()


def _roots_by(m: int, n: int, old: bytes, proof: list[bytes], b: bool = True) -> tuple[bytes, bytes]:
    if m == n:
        if b:
            assert not proof
            return old, old
        (only,) = proof
        return only, only
    *below, last = proof
    k = _k(n)
    if m <= k:
        was, now = _roots_by(m, k, old, below, b)
        return was, sha256(b"\x01" + now + last).digest()
    was, now = _roots_by(m - k, n - k, old, below, False)
    return sha256(b"\x01" + last + was).digest(), sha256(b"\x01" + last + now).digest()


def nodes(entries: list[bytes]) -> merkle.Node:
    leaves = [merkle.leaf_hash(entry) for entry in entries]

    def node(level: int, number: int) -> bytes:
        part = leaves[number << level : (number + 1) << level]
        assert len(part) == 1 << level, "not a full subtree"
        return merkle.full_root(b"".join(part))

    return node


def hexes(hashes: list[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert merkle.root(size, nodes(LEAVES)).hex() == ROOTS[size]
    peaks = merkle.Peaks()
    for entry in LEAVES[:size]:
        peaks.push(merkle.leaf_hash(entry))
    assert peaks.root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_published_vectors(index: int, size: int, proof: list[str]) -> None:
    assert hexes(merkle.inclusion(index, size, nodes(LEAVES))) == proof


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_published_vectors(old: int, new: int, proof: list[str]) -> None:
    assert hexes(merkle.consistency(old, new, nodes(LEAVES))) == proof


ENTRIES = [b"%d" % i for i in range(70)]
NODE = nodes(ENTRIES)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 32, 33, 64, 70])
def test_every_inclusion_proof_is_the_rfcs_and_is_believed_by_both_verifiers(size: int) -> None:
    root = _mth(ENTRIES[:size])
    assert merkle.root(size, NODE) == root
    for index in range(size):
        proof = merkle.inclusion(index, size, NODE)
        leaf = merkle.leaf_hash(ENTRIES[index])
        assert proof == _path(index, ENTRIES[:size])
        assert merkle.verify_inclusion(leaf, index, size, proof, root)
        assert _root_by(index, size, leaf, proof) == root


@pytest.mark.parametrize("new", [1, 2, 3, 5, 8, 13, 32, 33, 64, 70])
def test_every_consistency_proof_is_the_rfcs_and_is_believed_by_both_verifiers(new: int) -> None:
    now = _mth(ENTRIES[:new])
    for old in range(1, new + 1):
        was = _mth(ENTRIES[:old])
        proof = merkle.consistency(old, new, NODE)
        assert proof == _subproof(old, ENTRIES[:new], True)
        assert merkle.verify_consistency(old, was, new, now, proof)
        assert _roots_by(old, new, was, proof) == (was, now)


def test_every_tree_continues_the_empty_one() -> None:
    now = _mth(ENTRIES)
    assert merkle.consistency(0, 70, NODE) == []
    assert merkle.verify_consistency(0, merkle.EMPTY, 70, now, [])
    assert not merkle.verify_consistency(0, now, 70, now, [])


@given(st.data())
def test_a_changed_inclusion_proof_is_not_believed(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    root, leaf = _mth(ENTRIES[:size]), merkle.leaf_hash(ENTRIES[index])
    proof = merkle.inclusion(index, size, NODE)
    changed = data.draw(st.sampled_from(["leaf", "index", "root", "longer", "proof", "shorter", "size"]))
    bit = data.draw(st.integers(0, 255))
    if changed == "leaf":
        leaf = _flip(leaf, bit)
    elif changed == "root":
        root = _flip(root, bit)
    elif changed == "index":
        index = data.draw(st.integers(-1, 80).filter(lambda other: other != index))
    elif changed == "longer":
        proof = [*proof, leaf]
    elif changed == "size":
        # Where the way from the leaf to the root is the same, another size is no other statement.
        size = data.draw(
            st.integers(0, 80).filter(lambda n: n <= index or len(_path_shape(index, n)) != len(proof))
        )
    elif not proof:
        return
    elif changed == "proof":
        at = data.draw(st.integers(0, len(proof) - 1))
        proof = [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]]
    else:
        proof = proof[:-1]
    assert not merkle.verify_inclusion(leaf, index, size, proof, root)


@given(st.data())
def test_a_changed_consistency_proof_is_not_believed(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    was, now = _mth(ENTRIES[:old]), _mth(ENTRIES[:new])
    proof = merkle.consistency(old, new, NODE)
    changed = data.draw(st.sampled_from(["was", "now", "longer", "proof", "shorter", "swapped"]))
    bit, at = data.draw(st.integers(0, 255)), data.draw(st.integers(0, len(proof) - 1))
    if changed == "was":
        was = _flip(was, bit)
    elif changed == "now":
        now = _flip(now, bit)
    elif changed == "longer":
        proof = [*proof, now]
    elif changed == "shorter":
        proof = proof[:-1]
    elif changed == "swapped":
        old, new, was, now = new, old, now, was
    else:
        proof = [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]]
    assert not merkle.verify_consistency(old, was, new, now, proof)


def test_a_proof_does_not_hold_for_a_size_that_was_not_proved() -> None:
    was, now = _mth(ENTRIES[:4]), _mth(ENTRIES[:5])
    proof = merkle.consistency(4, 5, NODE)
    assert merkle.verify_consistency(4, was, 5, now, proof)
    assert not merkle.verify_consistency(4, was, 16, now, proof)


def test_two_trees_of_one_size_are_one_tree() -> None:
    root = _mth(ENTRIES)
    assert merkle.verify_consistency(70, root, 70, root, [])
    assert not merkle.verify_consistency(70, root, 70, _flip(root, 3), [])
    assert not merkle.verify_consistency(70, root, 70, root, [root])


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion(index, size, NODE)
    with pytest.raises(IndexError):
        merkle.consistency(size + 1, size, NODE)


@given(st.lists(st.integers(0, 3), max_size=12))
def test_peaks_grow_by_subtrees_as_by_leaves(heights: list[int]) -> None:
    whole, single = merkle.Peaks(), merkle.Peaks()
    size = 0
    for height in sorted(heights, reverse=True):  # only so is each aligned
        if size + (1 << height) > len(ENTRIES):
            break
        whole.push(NODE(height, size >> height), height)
        for entry in ENTRIES[size : size + (1 << height)]:
            single.push(merkle.leaf_hash(entry))
        size += 1 << height
    assert (whole.size, whole.packed(), whole.root()) == (single.size, single.packed(), single.root())
    assert merkle.Peaks(whole.size, whole.packed()).root() == _mth(ENTRIES[:size])
    assert dict(whole.nodes()) == {
        (level, number): NODE(level, number) for level, number in merkle.parts(0, size)
    }


def test_peaks_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="not the peaks of 3"):
        merkle.Peaks(3, bytes(32))


def _flip(data: bytes, bit: int) -> bytes:
    at = bit // 8 % len(data)
    return data[:at] + bytes([data[at] ^ (1 << bit % 8)]) + data[at + 1 :]


def _path_shape(index: int, size: int) -> list[bytes]:
    return _path(index, ENTRIES[:1] * size)
