"""Where an answer is not what it is under `awslambdaric`: each one, on both sides, with its reason.

A difference that goes away fails here, too, and moves to the table of what is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow]

HEAD = "def handler(event, context):\n    "
DECIMAL = f"from decimal import Decimal as D\n{HEAD}return D"
NO_JSON = r'\{"errorMessage": "Unable to marshal response: Out of range float values .*Runtime.MarshalError.*'
Side = tuple[str, str]

DIFFERENCES: dict[str, tuple[str, Side, Side]] = {
    # NaN and infinities are no JSON: whoever reads the answer (a browser, jq) would fail in their place.
    "nan": (f"{HEAD}return float('nan')\n", ("response", "NaN"), ("error", NO_JSON)),
    "infinity": (f"{HEAD}return [float('-inf')]\n", ("response", r"\[-Infinity\]"), ("error", NO_JSON)),
    "decimal-nan": (f"{DECIMAL}('NaN')\n", ("response", "NaN"), ("error", NO_JSON)),
    # The node reads an answer (it strikes secrets out) and writes it again: doubles, and each key once.
    "decimal-zeros": (f"{DECIMAL}('1.10')\n", ("response", r"1\.10"), ("response", r"1\.1")),
    "decimal-long": (
        f"{DECIMAL}('0.12345678901234567891')\n",
        ("response", r"0\.12345678901234567891"),
        ("response", r"0\.12345678901234568"),
    ),
    "decimal-exponent": (f"{DECIMAL}('1E+3')\n", ("response", r"1E\+3"), ("response", r"1000\.0")),
    "key-twice": (
        f"{HEAD}return {{1: 'a', '1': 'b'}}\n",
        ("response", r'\{"1": "a", "1": "b"\}'),
        ("response", r'\{"1": "b"\}'),
    ),
    # An answer is JSON here, always; there, bytes alone are sent as they are.
    "bytes": (f"{HEAD}return b'abc'\n", ("response", "abc"), ("response", '"abc"')),
    # Half a character is no UTF-8: there, the runtime ends.
    "half-character": (
        f"{HEAD}return '\\ud800'\n",
        ("gone", ""),
        ("gone", "its answer could not be read: .*surrogates.*"),
    ),
    # What ends a process ends the runtime there, and somebody else says so; here it is an error like others.
    "system-exit": (
        f"import sys\n{HEAD}sys.exit(3)\n",
        ("gone", ""),
        ("error", r'\{"errorMessage": "3", "errorType": "SystemExit".*in handler.*'),
    ),
    "keyboard-interrupt": (
        f"{HEAD}raise KeyboardInterrupt\n",
        ("gone", ""),
        ("error", r'\{"errorMessage": "", "errorType": "KeyboardInterrupt".*'),
    ),
    "at-once": (f"import os\n{HEAD}os._exit(0)\n", ("gone", ""), ("gone", "ended without an answer.*")),
    # There, the runtime's own file and line are in the trace where the handler could not even be entered.
    "one-argument": (
        "def handler(event):\n    return 1\n",
        ("error", r".*takes 1 positional argument but 2 were given.*bootstrap\.py.*"),
        ("error", r'.*takes 1 positional argument but 2 were given.*"stackTrace": \[\]\}'),
    ),
    "keyword-only": (
        "def handler(event, *, context):\n    return 1\n",
        ("error", r".*takes 1 positional argument but 2 were given.*bootstrap\.py.*"),
        ("error", r'.*takes 1 positional argument but 2 were given.*"stackTrace": \[\]\}'),
    ),
    # Messages and traces have an end here: 4,096 characters, 40 frames.
    "long-message": (
        f"{HEAD}raise ValueError('x' * 5000)\n",
        ("error", r'\{"errorMessage": "x{5000}".*'),
        ("error", r'\{"errorMessage": "x{4096}".*'),
    ),
    # What cannot be called is refused when it is deployed, with Python's own words; there, by its first call.
    "no-function": (
        "handler = 3\n",
        ("error", ".*not callable.*"),
        ("refused", r".*f\.handler is no function.*"),
    ),
    "no-handler": (
        "def other(event, context):\n    return 1\n",
        ("refused", r".*Runtime\.HandlerNotFound.*"),
        ("refused", r".*has no attribute 'handler'.*"),
    ),
    "syntax": (
        "def handler(\n",
        ("refused", r".*Runtime\.UserCodeSyntaxError.*"),
        ("refused", r".*SyntaxError: '\(' was never closed.*"),
    ),
    "import": (
        f"import there_is_no_such_module\n{HEAD}return 1\n",
        ("refused", r".*No module named 'there_is_no_such_module'.*Runtime\.ImportModuleError.*"),
        ("refused", r".*ModuleNotFoundError: No module named 'there_is_no_such_module'.*"),
    ),
    "raised-while-loaded": (
        f"raise ValueError('early')\n{HEAD}return 1\n",
        ("refused", ".*early.*ValueError.*"),
        ("refused", ".*ValueError: early.*"),
    ),
}


@pytest.mark.parametrize(("source", "there", "here"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_it_is_as_written_down(
    source: str, there: Side, here: Side, function: Callable[[str], Path], official: Any, ours: Any
) -> None:
    folder = function(source)
    for side, (how, body) in ((official, there), (ours, here)):
        given = side.answer(folder, {})
        assert given.how == how, given
        assert re.fullmatch(body, given.body.decode(), re.DOTALL), given


def test_what_is_said_while_the_code_is_loaded_is_of_every_call(
    function: Callable[[str], Path], official: Any, ours: Any
) -> None:
    """Here the code is loaded in each call; there, before the first one."""
    folder = function(f"print('loaded')\n{HEAD}print('called')\n")
    assert official.answer(folder, {}).log == b"loaded\ncalled\n"
    assert ours.answer(folder, {}).log == b"loaded\ncalled\n"
