"""The person of a rota is the person of a token, and neither's name is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gadfly.ask.table import Names
from gadfly.ask_facts.persons import MaskedWorld, masked
from gadfly.ledger.personal import Mask

MASK = Mask(b"7" * 32)
ANNA = MASK.of("anna@example.org")


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Anna@Example.org", "person", ANNA),
        ("person:anna@example.org", "person", ANNA),
        (ANNA, "person", ANNA),
        ("person:anna@example.org", "principal", f"person:{ANNA}"),
        ("person:*", "principal", "person:*"),
        ("program:deploy@ci", "principal", "program:deploy@ci"),
        ("ask anna@example.org", "words", f"ask {ANNA}"),
    ],
)
def test_a_name_becomes_the_pseudonym_of_the_ledger(text: str, names: Names, expected: str) -> None:
    assert masked(text, names, MASK.of) == expected


def test_what_a_folder_and_the_api_tell_meets_what_the_node_knows(tmp_path: Any) -> None:
    (tmp_path / "rota.csv").write_text("owner,person\nops,Anna@example.org\nops,\n")
    with MaskedWorld(MASK.of, memory="64MB", threads=1, spill=tmp_path.parent) as world:
        world.folder(tmp_path)
        world.add("grant", {"id": ["g"], "person": [ANNA], "principal": [f"person:{ANNA}"]})
        world.rows("change", [{"subject": "shop", "what": "by anna@example.org"}])
        world.at(2e9)
        found = world.ask('SELECT g.id FROM rota r JOIN "grant" g ON g.person = r.person')
        (empty,) = world.ask("SELECT count(*) AS n FROM rota WHERE person IS NULL")
        (said,) = world.ask("SELECT what FROM change")
    assert (found, empty["n"]) == ([{"id": "g"}], 1)
    assert "anna" not in said["what"]


def test_a_cell_that_is_not_known_stays_so(tmp_path: Any) -> None:
    with MaskedWorld(MASK.of, memory="64MB", threads=1, spill=tmp_path) as world:
        given = np.ma.array(["anna@example.org", "x"], mask=[False, True])
        world.add("rota", {"owner": ["ops", "ops"], "person": given})
        world.at(2e9)
        assert [row["person"] for row in world.ask("SELECT person FROM rota ORDER BY person")] == [ANNA, None]
