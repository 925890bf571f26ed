"""What must hold of the tables of the ledger: keys that can be read, each witness and ledger once."""

from __future__ import annotations

from gadfly.catalogue import values
from gadfly.catalogue.positions import Path
from gadfly.catalogue.report import Report
from gadfly.config import Config
from gadfly.errors import LedgerError
from gadfly.ledger import note
from gadfly.ledger.note import COSIGNATURE, ED25519

MOST = 16
"""Witnesses asked at most; a note with more signatures is one that nobody reads."""
MOST_WITNESSED = 1000


def check(report: Report, config: Config) -> None:
    """Append what is wrong with `[ledger]` and `[witness.NAME]`."""
    ledger = config.ledger
    report.within(("ledger", "ask"), ledger.ask, 0.1, 3_600, seconds=True)
    report.within(("ledger", "timeout"), ledger.timeout, 0.1, 60, seconds=True)
    if len(ledger.witnesses) > MOST:
        report.say(("ledger", "witnesses"), f"{len(ledger.witnesses)} witnesses; at most {MOST} are asked")
    names: set[str] = set()
    for index, witness in enumerate(ledger.witnesses):
        path: Path = ("ledger", "witnesses", index)
        report.test((*path, "url"), values.url, witness.url)
        name = _key(report, (*path, "key"), witness.key, COSIGNATURE)
        if name and name in names:
            report.say((*path, "key"), f'the witness "{name}" is named twice; take one out')
        names.add(name)
    if len(config.witness) > MOST_WITNESSED:
        report.say(("witness",), f"{len(config.witness)} ledgers; at most {MOST_WITNESSED} are witnessed")
    origins: dict[str, str] = {}
    for entry, log in config.witness.items():
        name = _key(report, ("witness", entry, "key"), log.key, ED25519)
        origin = log.origin or name
        if origin and origin in origins:
            report.say(
                ("witness", entry),
                f'the ledger "{origin}" is that of witness.{origins[origin]}; take one out',
            )
        origins.setdefault(origin, entry)


def _key(report: Report, path: Path, text: str, kind: int) -> str:
    """The name in a verifier key; empty where it is none, or of the other kind."""
    try:
        key = note.verifier(text)
    except LedgerError as error:
        report.say(path, f"{error} `gadfly ledger witness`, on its machine, prints the right one")
        return ""
    if key.kind != kind:
        wanted, found = ("witness's", "ledger's") if kind == COSIGNATURE else ("ledger's", "witness's")
        report.say(
            path,
            f"this is the {found} key of {key.name}, and the {wanted} is needed; `gadfly ledger witness`, on "
            "its machine, prints both",
        )
        return ""
    return key.name
