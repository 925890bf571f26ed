"""Functions that could not work, or for which nobody answers, do not load; what is careless is named."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError

OWNER = '[owner.ops]\ncontact = ["exec:/bin/true"]\n'
GOOD = """
[function.tidy-uploads]
file = "functions/tidy.py"
owner = "ops"
purpose = "Deletes unfinished uploads older than a day, which nobody finishes."
on = "schedule: 15 3 * * * Europe/Berlin"
grants = ["http:DELETE https://files.example.org/uploads/old", "secret:use files", "scratch:1MiB"]
limits = { time = "60s", memory = "128MiB" }
review = 2027-05-01
"""


def test_good_ones_load() -> None:
    config = catalogue.loads(
        OWNER + GOOD + '[functions]\nsecrets = { files = "env:FILES" }\nnetworks = ["10.2.0.0/16"]\n'
        '[function.b]\nfile = "b"\nhandler = "app.run"\nowner = "ops"\nreview = 2027-05-01\n'
        'purpose = "Calls the other one by hand."\non = ["webhook: github env:S", "logs: unit=x"]\n'
        'grants = ["function:invoke tidy-uploads"]\n'
    )
    assert config.function["tidy-uploads"].limits.time == 60
    assert config.function["b"].on == ("webhook: github env:S", "logs: unit=x")
    assert catalogue.loads(catalogue.as_toml(config)) == config


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("tidy-uploads", "Tidy"), "a-z, 0-9"),
        (GOOD.replace("tidy-uploads", "1a"), "a letter first"),
        (GOOD.replace('owner = "ops"', ""), "must name an owner"),
        (GOOD.replace('"ops"', '"oops"'), 'there is no owner "oops"'),
        (GOOD.replace("Deletes unfinished uploads older than a day, which nobody finishes.", "x"), "why it"),
        (GOOD.replace("review = 2027-05-01", ""), "looks at it again"),
        (GOOD.replace("2027-05-01", "2099-05-01"), "earlier review"),
        (GOOD.replace("tidy.py", "tidy-up.py"), "cannot be imported"),
        (GOOD.replace("functions/tidy.py", "functions"), "app.handler"),
        (GOOD + 'handler = "other.f"', "the handler is f or tidy.f"),
        (GOOD + 'handler = "a b"', "names no handler"),
        (GOOD.replace("60s", "301s"), "out of range"),
        (GOOD.replace("128MiB", "128 MB"), "not a size"),
        (GOOD.replace("128MiB", "1MiB"), "32MiB to 4GiB"),
        (GOOD.replace('time = "60s"', "armed = 5"), "out of range"),
        (GOOD.replace("15 3 * * *", "15 3 * *"), "not a schedule"),
        (GOOD.replace("schedule:", "sometimes:"), "calls nothing"),
        (GOOD.replace("http:DELETE", "http:DEL"), "is no grant"),
        (GOOD.replace("secret:use files", "act:request restart"), 'no automation "restart"'),
        (GOOD.replace("secret:use files", "function:invoke tidy-upload"), 'did you mean "tidy-uploads"'),
        (
            GOOD.replace("scratch:1MiB", "secret:use a-b").replace("use files", "use a.b"),
            "a.b and a-b would both be GADFLY_SECRET_A_B",
        ),
        (GOOD + 'catchup = "some"', "none, last, all"),
        (GOOD + "retries = 21", "out of range"),
        (GOOD + 'on_ = "x"', "unknown key"),
        ('[functions]\nsecrets = { files = "hunter2" }', "env:NAME"),
        ('[functions]\nsecrets = { "a b" = "env:X" }', "named in whole"),
        ('[functions]\nnetworks = ["0.0.0.0/0"]', "cannot be opened"),
        ("[functions]\nat_once = 0", "out of range"),
        ("[functions]\nversions = 0", "out of range"),
        (GOOD + '[component."function:tidy-uploads"]\n', "has the name of this one"),
    ],
    ids=lambda text: text if len(text) < 40 else "",
)
def test_what_is_wrong_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        catalogue.loads(OWNER + text)
    (line,) = str(raised.value).splitlines()
    assert words in line
    assert line.startswith("gadfly.toml:")


def test_an_automation_calls_one_that_there_is() -> None:
    automation = """
    [automation.a]
    owner = "ops"
    purpose = "Tidies where it is needed."
    on = "manual"
    targets = 'group = "web"'
    run = "function:tidy-uploads json.which={component}"
    limits = { at_once = 1, per_hour = 6, tries_per_target = 2 }
    expect = "component alive within 30s"
    undo = "irreversible"
    level = "act"
    expires = 2027-03-31
    review = 2027-01-15
    """
    assert "a" in catalogue.loads(OWNER + GOOD + automation).automation
    with pytest.raises(ConfigError, match='there is no function "tidy"'):
        catalogue.loads(OWNER + GOOD + automation.replace("tidy-uploads ", "tidy "))


def test_what_is_careless_is_named() -> None:
    wide = GOOD.replace("uploads/old", "*").replace("2027-05-01", "2026-01-01")
    found = catalogue.warnings(catalogue.loads(OWNER + wide))
    assert any("function tidy-uploads: " in one and "files.example.org" in one for one in found)
    assert any("was to be reviewed by 2026-01-01" in one for one in found)


def test_one_name_is_declared_once(tmp_path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text((OWNER if name == "a.toml" else "") + GOOD)
    with pytest.raises(ConfigError, match="an entry has one place"):
        catalogue.load(tmp_path)


def test_secrets_of_like_names_are_told_apart_by_where_they_are() -> None:
    text = GOOD.replace("scratch:1MiB", "secret:use a-b").replace("use files", "use a.b")
    catalogue.loads(OWNER + text + '[functions]\nsecrets = { "a.b" = "env:OTHER" }\n')
