"""What must hold of `[ask]`: a time that comes, thresholds with a reason, bounds."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError

KIND = "[ask.kind.never-near]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[ask]\nat = "every morning"', "is not a schedule"),
        ("[ask]\nmemory_mb = 1", "ask.memory_mb: 1 is out of range"),
        ("[ask]\nrows = -1", "ask.rows: -1 is out of range"),
        ("[ask]\nseries = -1", "ask.series: -1 is out of range"),
        (KIND + "muted = true", "say in 10 characters or more why this place differs"),
        (KIND + "threshold = { n = 3 }\nbecause = 'so'", "say in 10 characters or more"),
        (KIND + "review = 2027-01-01", "it ends a muting"),
        (KIND + "threshold = { N = 3 }\nbecause = 'it is otherwise here'", "named as the kind names it"),
        (KIND + "threshold = { n = inf }\nbecause = 'it is otherwise here'", "a threshold is a number"),
        (KIND + "threshold = { n = '3' }\nbecause = 'it is otherwise here'", "where a number is needed"),
        ("[ask.kind.Never]\nmuted = true\nbecause = 'it is otherwise here'", "small letters, digits"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        catalogue.loads(text)


def test_a_whole_number_is_a_number_and_all_of_it_reads_back() -> None:
    text = KIND + "threshold = { n = 3, bound = 0.5 }\nbecause = 'it is otherwise here'\n"
    config = catalogue.loads(f'[ask]\nat = "30 8 * * 1-5 Europe/Berlin"\n{text}')
    assert config.ask.kind["never-near"].threshold == {"n": 3.0, "bound": 0.5}
    assert catalogue.loads(catalogue.as_toml(config)).ask == config.ask
    lines = catalogue.difference(catalogue.loads(""), config)
    assert "ask: at 0 9 * * * → 30 8 * * 1-5 Europe/Berlin" in lines
