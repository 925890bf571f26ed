"""Verify a receipt of a gadfly ledger: offline, with nothing but Python and `cryptography`.

    python verify_receipt.py RECEIPT --key 'gadfly/NODE/ID+…' [--witness 'NAME+…' --needed 1]

A receipt is a C2SP tlog-proof (https://c2sp.org/tlog-proof) that carries the entry in its `extra` line. This
script shares no code with gadfly. It prints the entry and exits with 0 where all of this holds:

1. the ledger's key signed the checkpoint (C2SP signed-note, tlog-checkpoint; Ed25519),
2. as many of the witnesses as are needed cosigned it (C2SP tlog-cosignature, v1),
3. the hashes lead from the entry to the root of the checkpoint (RFC 6962, section 2.1.1).

Otherwise it says what does not hold and exits with 1. The keys must come from elsewhere than the receipt.
"""

import argparse
import base64
import datetime
import hashlib
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LEDGER, WITNESS = 1, 4  # signature types of C2SP signed-note


def verifier_key(text: str, kind: int) -> tuple[str, bytes, bytes]:
    """(name, key id, public key) of a C2SP verifier key."""
    name, key_id, encoded = text.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    if data[0] != kind or len(data) != 33:
        raise ValueError(f"{text} is not the key of a {'witness' if kind == WITNESS else 'ledger'}")
    if hashlib.sha256(f"{name}\n".encode() + data).digest()[:4].hex() != key_id:
        raise ValueError(f"{text} was changed: its key id does not fit")
    return name, bytes.fromhex(key_id), data[1:]


def signature_of(lines: list[str], name: str, key_id: bytes) -> bytes:
    """What this key signed the note with; empty where it did not."""
    for line in lines:
        dash, signer, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        if dash == "—" and signer == name and data[:4] == key_id:
            return data[4:]
    return b""


def signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature is of this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def root_of(entry: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root to which `proof` leads from `entry`, number `index` of `size`."""

    def parent(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    def climb(index: int, size: int, proof: list[bytes]) -> bytes:
        if size == 1:
            if proof:
                raise ValueError("the proof is too long")
            return hashlib.sha256(b"\x00" + entry).digest()
        if not proof:
            raise ValueError("the proof is too short")
        left = 1 << (size - 1).bit_length() - 1  # the largest power of two below the size
        if index < left:
            return parent(climb(index, left, proof[:-1]), proof[-1])
        return parent(proof[-1], climb(index - left, size - left, proof[:-1]))

    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not among {size}")
    return climb(index, size, proof)


def verify(receipt: str, key: str, witnesses: list[str], needed: int) -> tuple[bytes, list[str]]:
    """(entry, what is shown, in words). ValueError, with the reason, where the receipt does not hold."""
    head, _, note = receipt.partition("\n\n")
    header, extra, numbered, *hashes = head.split("\n")
    if header != "c2sp.org/tlog-proof@v1" or extra[:6] != "extra " or numbered[:6] != "index ":
        raise ValueError("this is not a receipt that carries its entry")
    entry, index = base64.b64decode(extra[6:], validate=True), int(numbered[6:])

    text, _, below = note.rpartition("\n\n")
    body, lines = text + "\n", below.splitlines()
    origin, size, root = body.split("\n")[:3]
    name, key_id, public = verifier_key(key, LEDGER)
    if origin != name or not signed(public, signature_of(lines, name, key_id), body.encode()):
        raise ValueError(f"the checkpoint is not signed by {name}")
    shown = [f"entry {index} of {size} in the ledger {origin}"]

    seen = set()
    for witness in witnesses:
        name, key_id, public = verifier_key(witness, WITNESS)
        stamped = signature_of(lines, name, key_id)
        at = int.from_bytes(stamped[:8], "big")
        if stamped and signed(public, stamped[8:], f"cosignature/v1\ntime {at}\n{body}".encode()):
            seen.add(public)
            shown.append(f"witnessed by {name} at {datetime.datetime.fromtimestamp(at, datetime.UTC)}")
    if len(seen) < needed:
        raise ValueError(f"{len(seen)} witnesses cosigned the checkpoint, and {needed} are needed")

    proof = [base64.b64decode(one, validate=True) for one in hashes]
    if root_of(entry, index, int(size), proof) != base64.b64decode(root, validate=True):
        raise ValueError("the entry is not in the ledger: entry, index or proof was changed")
    return entry, shown


def main() -> int:
    """Read the arguments, print the outcome; the exit code."""
    parser = argparse.ArgumentParser(description="Verify a receipt of a gadfly ledger, offline.")
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", required=True, help="the ledger's verifier key")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key; repeatable")
    parser.add_argument("--needed", type=int, default=0, help="how many of the witnesses must have cosigned")
    asked = parser.parse_args()
    try:
        entry, shown = verify(asked.receipt.read_text("utf-8"), asked.key, asked.witness, asked.needed)
    except (ValueError, OSError) as error:
        print(f"does not hold: {error}", file=sys.stderr)
        return 1
    print(entry.decode())
    print("\n".join(shown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
