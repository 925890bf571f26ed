"""health+json bodies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.health import Health, is_health, read
from gadfly.monitor.probe.result import Outcome


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"status": "pass"}, Health(Outcome.passing, "")),
        ({"status": "UP"}, Health(Outcome.passing, "")),
        ({"status": "warn", "output": "disk\nfull"}, Health(Outcome.warn, "disk full")),
        ({"status": "fail", "checks": {"db": [{"status": "fail", "output": "timeout"}]}},
         Health(Outcome.fail, "db is fail (timeout)")),
        ({"status": "fail", "checks": {"a": [{"status": "warn"}], "b": [{"status": "down"}]}},
         Health(Outcome.fail, "b is down, a is warn")),
        ({"status": "fail", "checks": {"a": {"status": "fail"}}}, Health(Outcome.fail, "a is fail")),
        ({"status": "fail", "checks": {str(n): [{"status": "fail"}] for n in range(5)}},
         Health(Outcome.fail, "0 is fail, 1 is fail, 2 is fail and 2 more")),
        ({"status": "pass", "checks": {"a": [{"status": "pass"}, 3]}}, Health(Outcome.passing, "")),
        ({"status": "pass", "checks": [1]}, Health(Outcome.passing, "")),
        ({"status": "odd"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)  # fmt: skip
def test_read(body: Any, wanted: Health | None) -> None:
    assert read(body) == wanted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["status", "checks", "output", "x"]), inner)
    ),
)


@given(JSON)
def test_any_json_is_read(body: Any) -> None:
    told = read(body)
    assert told is None or len(told.reason) < 500


def test_content_type() -> None:
    assert is_health("Application/Health+JSON; charset=utf-8")
    assert not is_health("application/json")
