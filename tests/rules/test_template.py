"""Templates of labels and annotations; what they come to was compared with Prometheus in test_trial.py."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.promql.values import Sample
from gadfly.rules.evaluate import data_of
from gadfly.rules.go_printf import printf
from gadfly.rules.go_value import TemplateError, number, show
from gadfly.rules.template_functions import KNOWN, functions
from gadfly.rules.template_parse import parse

LABELS = {"job": "api", "instance": "a.example.org:9100", "__name__": "up"}
FOUND = [Sample({"instance": "b", "__value__": "7"}, 2.0), Sample({"instance": "a"}, 1.5)]


def query(text: str) -> list[Sample]:
    if text == "bad":
        raise QueryError("it is bad")
    if text == "full":
        raise StoreError("the disk is full")
    if text == "too much":
        raise LimitError("it is too much")
    return FOUND if text == "up" else []


def write(text: str, value: float = 0.25) -> str:
    return parse(text, KNOWN).expand(
        data_of(LABELS, value, "http://here/g"), functions("http://here/g", query)
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{{ $labels.job }}/{{ .Labels.job }}/{{ $labels.none }}/", "api/api//"),
        ("{{ $value }} {{ .Value }}", "0.25 0.25"),
        ("a {{- 1 -}} b{{ 2 -}}  c  {{- 3 }}", "a1b2c3"),
        ("a{{/* no\nword */}}b", "ab"),
        ("a {{- /* no word */ -}} b", "ab"),
        ('{{ "a\\n\\"\\x41\\u00e9\\101" }}{{ `r"a\\w` }}', 'a\n"AéAr"a\\w'),
        (
            "{{ 'a' }} {{ 0x1f }} {{ 1_000 }} {{ .5 }} {{ -3 }} {{ true }} {{ nil }}",
            "97 31 1000 0.5 -3 true <no value>",
        ),
        ("{{ if $value }}y{{ else }}n{{ end }}", "y"),
        ("{{ if false }}y{{ else if eq 1 2 }}m{{ else }}n{{ end }}", "n"),
        ("{{ with $labels.none }}{{ . }}{{ else }}none{{ end }}", "none"),
        ("{{ with $x := 5 }}{{ $x }}{{ . }}{{ end }}", "55"),
        ('{{ range query "up" }}{{ .Labels.instance }}{{ .Value }} {{ end }}', "b2 a1.5 "),
        ('{{ range $i, $e := query "up" }}{{ $i }}{{ $e.Value }} {{ end }}', "02 11.5 "),
        ('{{ range $e := query "up" }}{{ $e.Value }}{{ end }}', "21.5"),
        ('{{ range query "none" }}x{{ else }}empty{{ end }}', "empty"),
        (
            "{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}",
            "__name__=up;instance=a.example.org:9100;job=api;",
        ),
        ("{{ range nil }}x{{ end }}", ""),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"),
        ('{{ query "up" | sortByLabel "instance" | first | label "instance" }}', "a"),
        (
            '{{ query "up" | first | value }} {{ (query "up" | first).Value }}'
            ' {{ first (query "up") | strvalue }}',
            "2 2 7",
        ),
        (
            '{{ 1234567 | humanize }} {{ 0.0012 | humanize }} {{ humanize 0 }} {{ humanize "12e3" }}',
            "1.235M 1.2m 0 12k",
        ),
        ("{{ humanize1024 2048 }} {{ humanize1024 1 }} {{ humanizePercentage 0.1234 }}", "2ki 1 12.34%"),
        (
            "{{ humanizeDuration 100000 }} {{ humanizeDuration -61 }} {{ humanizeDuration 3700 }}",
            "1d 3h 46m 40s -1m 1s 1h 1m 40s",
        ),
        (
            "{{ humanizeDuration 0 }} {{ humanizeDuration 0.001 }} {{ humanizeDuration 12.345 }}",
            "0s 1ms 12.35s",
        ),
        (
            "{{ humanizeTimestamp 1.5e9 }} {{ toTime 0.5 }}",
            "2017-07-14 02:40:00 +0000 UTC 1970-01-01 00:00:00.5 +0000 UTC",
        ),
        ('{{ title "ab cd" }} {{ "x" | toUpper }} {{ toLower "Y" }}', "Ab Cd X y"),
        ('{{ match "^a" "ba" }} {{ reReplaceAll "(?P<n>b+)(.)" "<${n}$2$$>" "abbc" }}', "false a<bbc$>"),
        (
            '{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripPort "[::1]:9" }}',
            "a.example.org a:9100 ::1",
        ),
        ('{{ stripDomain "10.0.0.1:9" }} {{ stripPort "x" }} {{ stripDomain "a.b" }}', "10.0.0.1:9 x a"),
        ("{{ externalURL }} {{ pathPrefix }} {{ .ExternalURL }}", "http://here/g /g http://here/g"),
        (
            '{{ graphLink "a b" }} {{ tableLink "a" }}',
            "/graph?g0.expr=a+b&g0.tab=0 /graph?g0.expr=a&g0.tab=1",
        ),
        (
            '{{ parseDuration "1w1h30m" }} {{ (args 1 "b").arg1 }} {{ safeHtml "<b>" }} {{ html "<b>" }}',
            "610200 b <b> &lt;b&gt;",
        ),
        ('{{ and 1 0 2 }} {{ or 0 "" 3 }} {{ not 1 }} {{ 0 | or 5 }}', "0 3 false 5"),
        (
            "{{ eq 1 2 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt $value 0.2 }} {{ ge 1 2 }}",
            "true true true true true false",
        ),
        (
            '{{ len "é" }} {{ len $labels }} {{ index $labels "job" }} {{ slice "abcd" 1 3 }}'
            ' {{ slice "ab" 1 }}',
            "2 3 api bc b",
        ),
        ('{{ print 1 2 "a" 3 }} {{ println "a" 1 }}{{ urlquery "a b" }} {{ js "\'" }}', "1 2a3 a 1\na+b \\'"),
        ('{{ index (query "up") 1 | value }}', "1.5"),
    ],
)
def test_written(text: str, wanted: str) -> None:
    assert write(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "{{ }}",
        "{{ 1",
        "{{ if }}{{ end }}",
        "{{ if 1 }}",
        "{{ end }}",
        "{{ else }}",
        "{{ nofunction }}",
        "{{ ( 1 }}",
        "{{ 1 | 2 }}",
        "{{ 1 | }}",
        "{{ | 1 }}",
        '{{ "a }}',
        '{{ define "x" }}{{ end }}',
        '{{ template "x" }}',
        "{{ break }}",
        "{{ if 1 }}{{ else range 2 }}{{ end }}",
        "{{ ) }}",
        "{{ $x := }}",
        '{{ "\\z" }}',
        "{{ # }}",
        "{{ 1a }}",
        "{{ if 1 }}" * 60 + "{{ end }}" * 60,
        "{{ " + "(" * 60 + "1" + ")" * 60 + " }}",
    ],
)
def test_not_a_template(text: str) -> None:
    with pytest.raises(TemplateError):
        parse(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{{ $none }}",
        "{{ $none = 1 }}",
        "{{ .None }}",
        "{{ $value.x }}",
        "{{ $value 1 }}",
        "{{ 1 2 }}",
        "{{ gt $value 90 }}",
        "{{ eq $labels $labels }}",
        '{{ first (query "none") }}',
        '{{ query "bad" }}',
        "{{ query 5 }}",
        "{{ humanize true }}",
        '{{ humanize "x" }}',
        "{{ humanize $labels }}",
        '{{ toTime "NaN" }}',
        "{{ humanizeTimestamp 1e300 }}",
        '{{ match "(" "a" }}',
        "{{ len 5 }}",
        '{{ index "abc" 5 }}',
        "{{ index 5 1 }}",
        '{{ slice "ab" 3 }}',
        "{{ slice 5 }}",
        '{{ parseDuration "x" }}',
        "{{ range 5 }}{{ end }}",
        "{{ toUpper }}",
        "{{ value (args 1) }}",
        '{{ label "a" (args 1) }}',
        '{{ printf "%v" and }}',
        '{{ query "full" }}',
        '{{ query "too much" }}',
        "{{ toUpper 5 }}",
        '{{ range query "up" }}' * 14 + "{{ end }}" * 14,
        '{{ $x := "' + "x" * 9000 + '" }}' + "{{ $x }}" * 9,
    ],
)
def test_not_for_this_data(text: str) -> None:
    found = parse(text, KNOWN)
    with pytest.raises(TemplateError):
        found.expand(data_of(LABELS, 0.25, ""), functions("", query))


@pytest.mark.parametrize(
    ("form", "values", "wanted"),
    [
        ("%d|%5d|%-5d|%05d|%+d", (1, 2, 3, -4, 5), "1|    2|3    |-0004|+5"),
        ("%s|%10s|%-4s|%.2s|%q|%x", ("a", "b", "c", "def", 'g"', "h"), 'a|         b|c   |de|"g\\""|68'),
        (
            "%f|%.1f|%g|%e|%.3v|%v",
            (1.5, 2.25, 3e9, 4.0, 3.14159, 1e6),
            "1.500000|2.2|3e+09|4.000000e+00|3.14|1e+06",
        ),
        ("%t %v %% %c %x %X %o %b", (True, None, 65, 255, 255, 8, 5), "true <nil> % A ff FF 10 101"),
        ("%d %s %t", (1.5, 2, "x"), "%!d(float64=1.5) %!s(int=2) %!t(string=x)"),
        ("%d", (), "%!d(MISSING)"),
        ("a", (1,), "a%!(EXTRA int=1)"),
        ("%", (), "%!(NOVERB)"),
        ("%c|%c|%c|%c", (0x1F600, 0xD800, -1, 10**20), "\U0001f600|\ufffd|\ufffd|\ufffd"),
        ("%.2f %+g %X", (float("nan"), 2.5, "a"), "NaN +2.5 61"),
    ],
)
def test_printf(form: str, values: tuple[object, ...], wanted: str) -> None:
    assert printf(form, *values) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (100000.0, "100000"),
        (1e6, "1e+06"),
        (123456789.0, "1.23456789e+08"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1.5e300, "1.5e+300"),
        (-12.5, "-12.5"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e21, "1e+21"),
    ],
)
def test_numbers(value: float, wanted: str) -> None:
    assert number(value) == wanted


def test_what_is_shown() -> None:
    assert show({"b": [1, 2.5], "a": None}) == "map[a:<no value> b:[1 2.5]]"


SIGNS = ["if", "range", "with", "else", "end", "(", ")", "|", ".", "$labels", "$value", "nil", ".Labels.job"]
VALUES = ['"up"', '"%c"', '"%v"', '"("', '"\\ud800"', "-1", "0.5", "0x_", "55296", "18446744073709551615"]
WORDS = st.sampled_from([*sorted(KNOWN), *SIGNS, *VALUES])
ACTIONS = st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=3)
WRITTEN = st.text(alphabet="{}-/*|()$.:= \"`'aif\\nd1,", max_size=40)


@given(WRITTEN | ACTIONS.map(lambda actions: "".join(f"{{{{ {' '.join(words)} }}}}" for words in actions)))
@example("{{ " + "9" * 5000 + " }}")
@example("{{ 0x" + "f" * 5000 + " }}")
def test_anything_is_a_template_or_an_error(text: str) -> None:
    try:
        found = parse(text, KNOWN)
        said = found.expand(data_of(LABELS, 1.0, ""), functions("", query))
    except TemplateError:
        return
    said.encode()
