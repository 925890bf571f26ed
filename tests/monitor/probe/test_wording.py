"""What targets say, on one line."""

from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.wording import line


@given(st.text(max_size=1000), st.integers(4, 100))
def test_one_short_printable_line(text: str, most: int) -> None:
    told = line(text, most)
    assert len(told) <= most
    assert told.isprintable()
    assert told == told.strip()


def test_white_space_and_control_letters() -> None:
    assert line("a\r\n\tb\x1b[31m c") == "a b [31m c"
    assert line("x" * 100, 10) == "x" * 7 + "..."
