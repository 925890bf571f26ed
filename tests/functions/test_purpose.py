"""What a purpose speaks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.purpose import Deed, deeds, names, says_nothing


@pytest.mark.parametrize(
    ("purpose", "spoken"),
    [
        ("Counts open alerts of the web group for the wall screen.", {Deed.read}),
        ("Posts the number of open uploads to the chat every morning.", {Deed.tell}),
        ("Reads the sitemap and counts its pages.", {Deed.read}),
        ("Compares our prices with the supplier's and posts what differs.", {Deed.read, Deed.tell}),
        ("Unfinished uploads older than a day are never finished.", set()),
        ("Nightly cleanup of exports that nobody fetched.", {Deed.delete}),
        ("Silences the shop while it calls the deployment.", {Deed.silence, Deed.act}),
        ("Each night it deletes the staging database.", {Deed.delete}),
        ("Reports the free space of the archive to the chat.", {Deed.tell}),
        ("Counts deleted rows of the day.", {Deed.read}),
        ("Monitors certificate expiry for our public sites.", {Deed.read}),
        ("Tidying what crashed imports leave behind.", {Deed.delete}),
    ],
)
def test_deeds(purpose: str, spoken: set[Deed]) -> None:
    assert deeds(purpose) == spoken


@pytest.mark.parametrize(
    ("purpose", "name", "nothing"),
    [
        ("stuff", "f", True),
        ("TODO write down what this is for", "f", True),
        ("Does various things that the team needs.", "f", True),
        ("Sync the stock now", "sync-the-stock-now", True),
        ("Deletes everything older than thirty days.", "f", False),
        ("Unfinished uploads are never finished.", "f", False),
    ],
)
def test_what_says_nothing(purpose: str, name: str, nothing: bool) -> None:
    assert says_nothing(purpose, name) is nothing


@pytest.mark.parametrize(
    ("purpose", "words", "every", "named"),
    [
        ("Deletes old sessions from the cache.", ["sessions"], False, True),
        ("Deletes each old session.", ["sessions"], False, True),
        ("Tidies directories of the build.", ["directory"], False, True),
        ("Deletes old sessions.", ["customers"], False, False),
        ("Restarts the mail worker when it is stuck.", ["restart", "mail", "worker"], True, True),
        ("Tells when replication lags.", ["failover", "replica"], True, False),
        ("Anything at all.", [], True, False),
    ],
)
def test_what_it_names(purpose: str, words: list[str], every: bool, named: bool) -> None:
    assert names(purpose, words, every=every) is named


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_words_are_read(purpose: str, name: str) -> None:
    deeds(purpose)
    says_nothing(purpose, name)
    names(purpose, [name])
