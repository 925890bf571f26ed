"""Evidence says who told what its query reads: persons by the pseudonym that the ledger has, too."""

from __future__ import annotations

from typing import Any

from gadfly.ask.question import LOCAL, Teller


async def test_two_persons_and_the_local_token_are_told_apart(place: Any) -> None:
    journal, mask = place.recorder.journal, place.recorder.mask
    journal.persons = {"local": "bob", "laptop": "anna", "desk": "bob"}
    tellers = {"alert": {"feeder": 4, "laptop": 3, "local": 2, "desk": 1}, "rota": {"laptop": 9}}
    told = place.asking.looking._told({"unacted": place.asking.kinds.every()["unacted"]}, tellers)
    assert told["unacted"] == (
        Teller("alert", "program:feeder", 4),
        Teller("alert", f"person:{mask.of('anna')}", 3),
        Teller("alert", LOCAL, 2),
        Teller("alert", f"person:{mask.of('bob')}", 1),
    )
