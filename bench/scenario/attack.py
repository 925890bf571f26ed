"""What an attack on the ledger, or on what it vouches for, is; and the node's office that it is tried in.

To add one, write a file `lNN_….py` beside this with one `ATTACK = Attack(...)` in it.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.ledger import cosigning
from gadfly.ledger import note as notes
from gadfly.ledger import witness as witnesses
from gadfly.ledger.audit import audit
from gadfly.ledger.audit_report import Report
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.ledger.note import Verifier
from gadfly.ledger.witness import Denied, Witness
from gadfly.store.schema import migrate

START = 1_800_000_000.0
ORIGIN = "gadfly/simulated/1"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of an attack. `control`: unharmed, nothing was said; an alarm that always rings is none."""

    tried: int
    detected: int
    control: bool
    bare: int
    """How often it was tried with what detects it taken away,"""
    unnoticed: int
    """and how often it was then not noticed."""
    words: str
    """What was said of it, or what cannot be."""

    @property
    def returned(self) -> bool:
        """Without its detector most of it goes unnoticed: so it is the detector that detects."""
        return 2 * self.unnoticed >= self.bare > 0


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack, and by what it must be detected."""

    name: str
    title: str
    by: str
    run: Callable[[Path, random.Random], Found]


def attacks() -> dict[str, Attack]:
    """All of them by name, in the order of their names."""
    package = importlib.import_module("scenario")
    found: dict[str, Attack] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        if module[0] == "l" and module[1:3].isdigit():
            attack: Attack = importlib.import_module(f"scenario.{module}").ATTACK
            found[attack.name] = attack
    return found


_open: list[sqlite3.Connection] = []


def attempt(attack: Attack, seed: int = 1) -> Found:
    """Try it in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        try:
            return attack.run(Path(folder), random.Random(seed))
        finally:
            while _open:
                _open.pop().close()


def database(path: Path) -> sqlite3.Connection:
    """A node's real store. What a power cut may take is not tried here, so nothing waits for the disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    migrate(connection)
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, keep: bool = True) -> Iterator[sqlite3.Connection]:
    """All of it or nothing, as the node's writer does it; `keep` False takes it back at the end."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT" if keep else "ROLLBACK")


class Office:
    """A node with its ledger, in a database of its own."""

    def __init__(self, path: Path, key: Ed25519PrivateKey | None = None) -> None:
        self.connection = database(path)
        _open.append(self.connection)
        self.key = key or Ed25519PrivateKey.generate()
        self.log = Log(ORIGIN, self.key)
        self.now = START

    def write(self, count: int, word: str = "known", every: int = 10) -> None:
        """So many entries, a second apart, with a checkpoint after `every` of them and at the end."""
        for number in range(count):
            entry = Entry(
                kind="decision",
                who="node",
                about=(f"component:app-{number % 7:03d}", "owner:web"),
                body={"number": number, "word": word},
                at=self.now,
            )
            with transaction(self.connection):
                self.log.append(self.connection, [entry])
                if (number + 1) % every == 0 or number + 1 == count:
                    self.log.checkpoint(self.connection)
            self.now += 1.0

    def head(self) -> Checkpoint:
        """The newest checkpoint."""
        found = self.log.latest(self.connection)
        assert found is not None
        return found

    def audit(self, **more: object) -> Report:
        """The full replay, with the ledger's own key."""
        return audit(self.connection, self.log.verifier, **more)  # type: ignore[arg-type]


class Watcher:
    """A witness on another machine: its own key, its own store, its own clock."""

    def __init__(self, path: Path) -> None:
        self.connection = database(path)
        _open.append(self.connection)
        self.witness = Witness("witness.example/other", Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> Verifier:
        """Its key, as an auditor was given it."""
        return self.witness.verifier

    def ask(self, office: Office, logs: Mapping[str, Verifier] | None = None) -> str:
        """The cosignature of the office's newest checkpoint, kept there; or why there is none."""
        head = office.head()
        known = witnesses.kept(self.connection, head.origin)
        old = known.size if known else 0
        proof = office.log.consistency(office.connection, old, head.size) if 0 < old <= head.size else []
        body = cosigning.request(old, proof, head)
        with transaction(self.connection):
            try:
                asked, new = witnesses.trusted(body, logs or {head.origin: office.log.verifier})
                answer = self.witness.keep(self.connection, witnesses.judge(asked, new, known), office.now)
            except Denied as denied:
                return f"refused ({denied.status}): {denied}".strip()
        if answer is not None:
            return f"refused, and kept as evidence: {answer.why}"
        line = self.witness.sign(new, office.now)
        with transaction(office.connection):
            office.log.cosigned(office.connection, head.size, [notes.signature(line.rstrip("\n"))])
        return ""
