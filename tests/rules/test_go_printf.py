"""printf in templates beside Go's: what promtool 2.42 writes for the same call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.rules.evaluate import data_of
from gadfly.rules.go_printf import printf
from gadfly.rules.go_value import TemplateError
from gadfly.rules.template_functions import KNOWN, functions
from gadfly.rules.template_parse import parse

ROWS = [
    ('printf "%X" 1', "1"),
    ('printf "%d" 1', "1"),
    ('printf "%05d" 1', "00001"),
    ('printf "%s" 1', "%!s(int=1)"),
    ('printf "%#q" 1', "'\\x01'"),
    ('printf "%+v" 1', "1"),
    ('printf "%.2q" 1', "'\\x01'"),
    ('printf "%U" -5', "U+FFFFFFFFFFFFFFFB"),
    ('printf "%o" -5', "-5"),
    ('printf "%#x" -5', "-0x5"),
    ('printf "%#o" -5', "-05"),
    ('printf "%#q" -5', "'�'"),
    ('printf "%#v" -5', "-5"),
    ('printf "%.2q" -5', "'�'"),
    ('printf "%#b" -5', "-0b101"),
    ('printf "%o" 65', "101"),
    ('printf "%s" 65', "%!s(int=65)"),
    ('printf "%#q" 65', "'A'"),
    ('printf "%U" 20320', "U+4F60"),
    ('printf "%+q" 20320', "'\\u4f60'"),
    ('printf "%-5d|" 20320', "20320|"),
    ('printf "%t" 20320', "%!t(int=20320)"),
    ('printf "%8.3d" 20320', "   20320"),
    ('printf "%.2q" 20320', "'你'"),
    ('printf "%#X" 20320', "0X4F60"),
    ('printf "%5d" 0', "    0"),
    ('printf "%05d" 0', "00000"),
    ('printf "%e" 0', "%!e(int=0)"),
    ('printf "%.5d" 0', "00000"),
    ('printf "%f" 128512', "%!f(int=128512)"),
    ('printf "%x" -1', "-1"),
    ('printf "%O" -1', "-0o1"),
    ('printf "%.5d" -1', "-00001"),
    ('printf "%#q" -1', "'�'"),
    ('printf "%+v" -1', "-1"),
    ('printf "%#b" -1', "-0b1"),
    ('printf "%v" 55296', "55296"),
    ('printf "%s" 55296', "%!s(int=55296)"),
    ('printf "%8.3d" 55296', "   55296"),
    ('printf "%#v" 55296', "55296"),
    ('printf "%+q" 1114112', "'\\ufffd'"),
    ('printf "%x" 1114112', "110000"),
    ('printf "%#o" 1114112', "04200000"),
    ('printf "%s" 1114112', "%!s(int=1114112)"),
    ('printf "%8.3d" 1114112', " 1114112"),
    ('printf "%q" 1.5', "%!q(float64=1.5)"),
    ('printf "%.3g" 1.5', "1.5"),
    ('printf "%t" 1.5', "%!t(float64=1.5)"),
    ('printf "%T" -0.25', "float64"),
    ('printf "%+v" -0.25', "-0.25"),
    ('printf "%e" -0.25', "-2.500000e-01"),
    ('printf "%U" 1e21', "%!U(float64=1e+21)"),
    ('printf "%v" 1e21', "1e+21"),
    ('printf "%d" 1e21', "%!d(float64=1e+21)"),
    ('printf "%#v" 1e21', "1e+21"),
    ('printf "%t" 1e21', "%!t(float64=1e+21)"),
    ('printf "%#g" 1e21', "1.00000e+21"),
    ('printf "%q" 3.0', "%!q(float64=3)"),
    ('printf "%x" 3.0', "0x1.8p+01"),
    ('printf "%e" 3.0', "3.000000e+00"),
    ('printf "%G" 3.0', "3"),
    ('printf "%t" 3.0', "%!t(float64=3)"),
    ('printf "%T" 1e-7', "float64"),
    ('printf "%5v|" 1e-7', "1e-07|"),
    ('printf "%e" 1e-7', "1.000000e-07"),
    ('printf "%10.3v|" 1e-7', "     1e-07|"),
    ('printf "%.1x" "ab"', "61"),
    ('printf "%+v" "ab"', "ab"),
    ('printf "%T" "é\\"\\n"', "string"),
    ('printf "%q" "é\\"\\n"', '"é\\"\\n"'),
    ('printf "%+q" "é\\"\\n"', '"\\u00e9\\"\\n"'),
    ('printf "%v" "é\\"\\n"', 'é"\n'),
    ('printf "%-5s|" "é\\"\\n"', 'é"\n  |'),
    ('printf "%t" "é\\"\\n"', '%!t(string=é"\n)'),
    ('printf "%v" ""', ""),
    ('printf "%-5s|" ""', "     |"),
    ('printf "%+q" "a`b"', '"a`b"'),
    ('printf "%d" "a`b"', "%!d(string=a`b)"),
    ('printf "%+v" "a`b"', "a`b"),
    ('printf "%t" "a`b"', "%!t(string=a`b)"),
    ('printf "%q" "\\x00\\u007f"', '"\\x00\\x7f"'),
    ('printf "%X" "\\x00\\u007f"', "007F"),
    ('printf "%#x" "\\x00\\u007f"', "0x007f"),
    ('printf "%t" "\\x00\\u007f"', "%!t(string=\x00\x7f)"),
    ('printf "%U" "日本"', "%!U(string=日本)"),
    ('printf "%v" "日本"', "日本"),
    ('printf "%d" "日本"', "%!d(string=日本)"),
    ('printf "%.2q" "日本"', '"日本"'),
    ('printf "%8q|" "日本"', '    "日本"|'),
    ('printf "%v" true', "true"),
    ('printf "%5t|" false', "false|"),
    ('printf "%q" false', "%!q(bool=false)"),
    ('printf "%s" false', "%!s(bool=false)"),
    ('printf "%-7t|" false', "false  |"),
    ('printf "%07t" false', "00false"),
    ('printf "%#v" false', "false"),
    ('printf "%[2]v %[1]v" 1 2', "2 1"),
    ('printf "%[2]v %v" 1 2', "2 %!v(MISSING)"),
    ('printf "%[1]v %[1]v %v" 1 2', "1 1 2"),
    ('printf "%[3]v" 1 2', "%!v(BADINDEX)"),
    ('printf "%[x]v" 1 2', "%!v(BADINDEX)"),
    ('printf "%[0]v" 1 2', "%!v(BADINDEX)"),
    ('printf "%[-1]v" 1 2', "%!v(BADINDEX)"),
    ('printf "%[2]*[1]d" 1 5', "    1"),
    ('printf "%*d|" 5 3', "    3|"),
    ('printf "%-*d|" 5 3', "3    |"),
    ('printf "%*d|" -5 3', "3    |"),
    ('printf "%.*f" 2 3.14159', "3.14"),
    ('printf "%[3]*.[2]*[1]f" 12.0 2 6', " 12.00"),
    ('printf "%*d" "x" 3', "%!(BADWIDTH)3"),
    ('printf "%.*f" -1 3.5', "%!(BADPREC)3.500000"),
    ('printf "%[1]" 1', "%!(NOVERB)"),
    ('printf "%[1" 1', "%!(NOVERB)"),
    ('printf "%" 1', "%!(NOVERB)%!(EXTRA int=1)"),
    ('printf "%v" 1 2', "1%!(EXTRA int=2)"),
    ('printf "%v %v" 1', "1 %!v(MISSING)"),
    ('printf "%%" 1', "%%!(EXTRA int=1)"),
    ('printf "%[1]%" 1', "%"),
    ('printf "%!" 1', "%!!(int=1)"),
    ('printf "%z" 1', "%!z(int=1)"),
    ('printf "%[2]v" 1', "%!v(BADINDEX)"),
    ('printf "%[2]v %[1]v %v %v" 1 2', "2 1 2 %!v(MISSING)"),
    ('printf "%d%%" 5', "5%"),
    ('printf "%[1]d %[2]5d" 1 2', "1 %!d(BADINDEX)"),
    ('printf "%[1]5d" 1', "%!d(BADINDEX)"),
    ('printf "%5[1]d|" 1', "    1|"),
    ('printf "%.[1]f" 2.5', "2"),
    ('printf "%.3[1]f" 2.5', "2.500"),
    ('printf "%é" 1', "%!é(int=1)"),
    ('printf "%-05d|" 3', "3    |"),
    ('printf "%+ d" 3', "+3"),
    ('printf "%v" nil', "<nil>"),
    ('printf "%T" 1.5', "float64"),
    ('printf "%6.2f%%" 12.345', " 12.35%"),
    ('printf "%d" 1.5', "%!d(float64=1.5)"),
    ('printf "%[1]v %T" 1 2', "1 int"),
    ('printf "%*" 5', "%!(NOVERB)"),
    ('printf "%." 5', "%!.(int=5)"),
    ('printf "%.d" 0', ""),
    ('printf "%.0d" 0', ""),
    ('printf "%.f" 2.5', "2"),
    ('printf "%[1]*d" 1 2', "2"),
    ('printf "%[2]" 1 2', "%!(NOVERB)"),
    ('printf "%v %[5]v %v" 1 2', "1 %!v(BADINDEX) 2"),
    ('printf "%[1]q %[1]U %[1]T" 66', "'B' U+0042 int"),
    ('printf "%T" $labels', "map[string]string"),
    ('printf "%T" $value', "float64"),
    ('printf "%T" (parseDuration "1m")', "float64"),
    ('printf "%T" (args 1 2)', "map[string]interface {}"),
    ('printf "%d" $labels', "map[%!d(string=__name__):%!d(string=m) %!d(string=a):%!d(string=b)]"),
    ('printf "%s" $labels', "map[__name__:m a:b]"),
    ('printf "%q" $labels', 'map["__name__":"m" "a":"b"]'),
    ('printf "%x" $labels', "map[5f5f6e616d655f5f:6d 61:62]"),
    ('printf "%v" "a" "b"', "a%!(EXTRA string=b)"),
    ('printf "%v" 1 $labels', "1%!(EXTRA map[string]string=map[__name__:m a:b])"),
]


@pytest.mark.parametrize(("call", "wanted"), ROWS, ids=[str(place) for place in range(len(ROWS))])
def test_as_go_writes_it(call: str, wanted: str) -> None:
    data = data_of({"__name__": "m", "a": "b"}, 1.0, "")
    assert parse("{{ " + call + " }}", KNOWN).expand(data, functions()) == wanted


def test_what_is_too_wide() -> None:
    for form in ("%1001d", "%.1001f", "%99999999999999999999s"):
        with pytest.raises(TemplateError, match="more than 1,000 characters"):
            printf(form, 1)
    with pytest.raises(TemplateError, match="precision of %x"):
        printf("%.3x", 1.5)
    assert printf("%*d", 10_000_000, 1) == "%!(BADWIDTH)1"


@given(
    form=st.text("%[]0123456789*.+-# dvsqxXUTcfgetb", max_size=20),
    values=st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none()), max_size=3),
)
def test_any_form_is_text_or_a_template_error(form: str, values: list[object]) -> None:
    try:
        printf(form, *values)
    except TemplateError:
        return
