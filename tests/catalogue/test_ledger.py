"""The tables of the ledger: keys are checked when the file is read, with the line on which they stand."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly import catalogue
from gadfly.errors import ConfigError
from gadfly.ledger.note import COSIGNATURE, verifier_of

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = str(verifier_of("gadfly/north/1", SECRET))
WITNESS = str(verifier_of("gadfly/south/2", SECRET, COSIGNATURE))


def table(key: str = WITNESS, url: str = "https://south.example/ledger/witness") -> str:
    return f'[[ledger.witnesses]]\nurl = "{url}"\nkey = "{key}"\n'


def test_what_is_right_is_taken() -> None:
    config = catalogue.loads(
        f'{table()}[witness.north]\nkey = "{LOG}"\n[witness.x]\nkey = "{LOG}"\norigin = "o"'
    )
    assert config.ledger.witnesses[0].key == WITNESS
    assert config.ledger.ask == 10.0
    assert config.witness["north"].origin == ""
    assert catalogue.loads(catalogue.as_toml(config)) == config


WRONG: list[tuple[str, str]] = [
    (table("nonsense"), "gadfly.toml:3: ledger.witnesses[0].key: 'nonsense' is not a verifier key"),
    (table(WITNESS[:-4] + "AAA="), "gadfly.toml:3: ledger.witnesses[0].key: "),
    (table(LOG), "this is the ledger's key of gadfly/north/1, and the witness's is needed"),
    (table(url="south:7171"), "gadfly.toml:2: ledger.witnesses[0].url: "),
    (table() + table(), 'the witness "gadfly/south/2" is named twice'),
    (f'[witness.north]\nkey = "{WITNESS}"', "this is the witness's key of gadfly/south/2, and the ledger's"),
    (
        f'[witness.a]\nkey = "{LOG}"\n[witness.b]\nkey = "{LOG}"',
        'witness.b: the ledger "gadfly/north/1" is that of witness.a',
    ),
    ("[witness.a]\norigin = 'x'", "`key` is missing"),
    ('[ledger]\nask = "1ms"', "ledger.ask: "),
    ('[ledger]\ntimeout = "2m"', "ledger.timeout: "),
    ("[ledger]\nwitness = []", 'unknown key; did you mean "witnesses"?'),
]


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_is_wrong_is_named(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        catalogue.loads(text)
    assert any(problem in line for line in error.value.problems), error.value.problems


def test_too_many_witnesses_are_refused() -> None:
    many = "".join(table(str(verifier_of(f"gadfly/w/{number}", SECRET, COSIGNATURE))) for number in range(17))
    with pytest.raises(ConfigError, match="17 witnesses; at most 16"):
        catalogue.loads(many)


def test_a_change_is_told() -> None:
    old, new = catalogue.loads(""), catalogue.loads(table())
    lines = catalogue.difference(old, new)
    assert any(line.startswith("ledger: witnesses") and WITNESS[:20] in line for line in lines)
    added = catalogue.loads(f'[witness.north]\nkey = "{LOG}"')
    assert catalogue.difference(old, added) == ["witness north added"]
