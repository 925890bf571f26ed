"""Changes that the ledger knows: of the configuration, and of functions that were deployed."""

from __future__ import annotations

from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores

LONGEST = 200


def facts(stores: Stores) -> Tables:
    """The table `change`: a row for each thing that an entry is about."""
    found = Columns("change")
    for entry in stores.entries:
        body = entry.body
        if entry.kind == "configuration" and body.get("event") == "read again":
            _configured(found, entry.at, [str(line) for line in body.get("lines", ())])
        elif entry.kind == "function" and body.get("event") in ("deployed", "rolled back"):
            for subject in entry.about:
                sort, _, name = subject.partition(":")
                if sort == "function":
                    found.add(at=entry.at, subject=name, kind="deploy", what=str(body["event"]))
    return together(found)


def _configured(found: Columns, at: float, lines: list[str]) -> None:
    """`rule disk-full: for 5m → 1m` is an edit of `disk-full`."""
    for line in lines:
        head, colon, _ = line.partition(": ")
        words = head.split(" ", 1)
        name = words[1].removesuffix(" added").removesuffix(" removed") if len(words) == 2 else words[0]
        kind = "owner" if colon and line[len(head) + 2 :].startswith("owner ") else "edit"
        found.add(at=at, subject=name, kind=kind, what=line[:LONGEST])
