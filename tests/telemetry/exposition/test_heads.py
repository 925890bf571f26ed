"""Each head is parsed once; what was said before costs no grammar, and means the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.telemetry import exposition_line
from gadfly.telemetry.exposition import UNTIMED, Heads, format_of
from gadfly.telemetry.exposition_line import Malformed

BODY = b'# TYPE a counter\n# HELP a Some \\\\ words\na{b="c d"} 1\na{b="e"} 2.5\nx NaN\ny +Inf\n'


def test_the_second_time_no_grammar_is_asked(monkeypatch):
    heads = Heads("text")
    first = heads.scan(BODY)
    assert [(one.what, one.metric, one.text) for one in first.described] == [
        ("TYPE", "a", "counter"),
        ("HELP", "a", "Some \\ words"),
    ]
    for name in ("text_sample", "text_comment", "labels"):
        monkeypatch.setattr(exposition_line, name, lambda *_, **__: pytest.fail("parsed again"))
    again = heads.scan(BODY.replace(b" 2.5", b" 1e3"))
    assert again.heads.tolist() == first.heads.tolist() == [0, 1, 2, 3]
    assert again.value.tolist()[:2] == [1.0, 1000.0]
    assert np.isnan(again.value[2])
    assert again.at is None
    assert again.described == []


def test_times_are_each_sample_s_own():
    heads = Heads("text")
    for _ in range(2):
        assert heads.scan(b"a 1\nb 2 77\n").at.tolist() == [UNTIMED, 77]


@pytest.mark.parametrize("text", [b"1_0", b"1e999", b"+nan", b"1\r", b"0x1", b"", b"infinit", b"1\x0b"])
def test_a_known_head_with_a_number_of_python_s_only_is_refused(text):
    heads = Heads("text")
    heads.scan(b"a 1\n")
    with pytest.raises(Malformed, match=r"^line 2: "):
        heads.scan(b"a 1\na " + text + b"\n")


def test_too_many_heads_begin_anew():
    heads = Heads("text", most=3)
    heads.scan(b"a 1\nb 1\nc 1\nd 1\n")
    assert heads.generation == 0
    heads.scan(b"e 1\n")
    assert (heads.generation, len(heads), heads.labels(0)) == (1, 1, {"__name__": "e"})


@pytest.mark.parametrize(
    ("media", "format"),
    [
        ("application/openmetrics-text; version=1.0.0", "openmetrics"),
        ("text/plain; version=0.0.4", "text"),
        ("", "text"),
        ("text/html", "text"),
    ],
)
def test_the_format_is_what_the_answer_says(media, format):
    assert format_of(media) == format


names = st.text("aZ_:", min_size=1, max_size=6)
label_names = st.text("aZ_", min_size=1, max_size=6)
label_values = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
samples = st.tuples(
    names,
    st.dictionaries(label_names, label_values, max_size=4),
    st.floats(allow_nan=False),
    st.none() | st.integers(0, 10**15),
)


def written(sample):
    name, labels, value, at = sample
    escaped = (
        (label, text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for label, text in labels.items()
    )
    inside = ",".join(f'{label}="{text}"' for label, text in escaped)
    return f"{name}{{{inside}}} {value!r}{'' if at is None else f' {at}'}"


@settings(max_examples=50)
@given(st.lists(samples, max_size=5))
def test_what_is_written_is_read_back(given_samples):
    body = "\n".join(map(written, given_samples)).encode() + b"\n"
    heads = Heads("text")
    for _ in range(2):
        scan = heads.scan(body)
        assert [heads.labels(head) for head in scan.heads.tolist()] == [
            {"__name__": name, **labels} for name, labels, _, _ in given_samples
        ]
        assert scan.value.tolist() == [value for _, _, value, _ in given_samples]
        times = [UNTIMED] * len(scan.heads) if scan.at is None else scan.at.tolist()
        assert times == [UNTIMED if at is None else at for _, _, _, at in given_samples]


@given(
    st.sampled_from(["text", "openmetrics"]),
    st.binary(max_size=200) | st.text('a{}=",# 1\\\n\t').map(str.encode),
)
def test_any_bytes_are_read_or_refused_and_never_differently_the_second_time(format, body):
    heads = Heads(format)
    outcomes = []
    for _ in range(2):
        try:
            scan = heads.scan(body)
            outcomes.append(([heads.labels(one) for one in scan.heads.tolist()], scan.value.tobytes()))
        except Malformed as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
