"""The same handler answers in the same bytes here and under AWS' own runtime client, `awslambdaric`."""

# ruff: noqa: E501  a handler a line

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow]

HEAD = "def handler(event, context):\n    "
EVENT = {
    "text": 'Grüße, 世界 😀 \u2028 " \\ \n \x7f',
    "numbers": [0, -1, 1.5, 1e22, 1e-7, 2**63, 0.1, 3.0],
    "kinds": [True, False, None, {}, [], ""],
    "deep": {"a": {"b": {"c": [[[{"d": None}]]]}}},
}


def gives(expression: str, first: str = "") -> str:
    return f"{first}\n{HEAD}return {expression}\n"


VALUES = {
    "nothing": gives("None"),
    "no-return": f"{HEAD}pass\n",
    "true": gives("True"),
    "false": gives("False"),
    "zero": gives("0"),
    "large-number": gives("-(2 ** 200)"),
    "floats": gives("[0.1, -0.0, 1e16, 1e-5, 1.7976931348623157e308, 5e-324, 1e15, 123456789.0]"),
    "text": gives("'plain'"),
    "empty-text": gives("''"),
    "unicode": gives("'ü € 世界 😀 \\u2028 \\x00 \\x7f \\ufeff'"),
    "escapes": gives("'\"\\\\/\\b\\f\\n\\r\\t<>&'"),
    "the-event": gives("event"),
    "kinds-of-the-event": gives("{k: type(v).__name__ for k, v in event.items()}"),
    "empty": gives("[{}, [], (), '']"),
    "tuple": gives("(1, (2, (3,)))"),
    "order": gives("{'b': 1, 'a': 2, 'C': 3}"),
    "keys": gives("{1: 'a', 2.5: 'b', True: 'c', None: 'd', 'ü': 'e'}"),
    "keys-of-bytes": gives("{b'k': 1}"),
    "bytes-within": gives("[b'abc', {'x': 'ü'.encode()}]"),
    "named-tuple": gives("[P(1, P(2, 3))]", "import collections\nP = collections.namedtuple('P', 'x y')"),
    "typed-named-tuple": gives(
        "P()", "import typing\nclass P(typing.NamedTuple):\n    x: int = 1\n    y: tuple = ()"
    ),
    "has-asdict": gives("{'p': P()}", "class P:\n    def _asdict(self):\n        return {'a': 1}"),
    "enumerations": gives(
        "[N.A, S.A, {S.A: 1}]",
        "import enum\nclass N(enum.IntEnum):\n    A = 3\nclass S(str, enum.Enum):\n    A = 'a'",
    ),
    "ordered": gives("OrderedDict(z=1, a=defaultdict(list, x=[1]))", "from collections import *"),
    "subclasses": gives(
        "[L([1]), D(a=1), T('t'), I(7), F(1.5)]",
        "class L(list): pass\nclass D(dict): pass\nclass T(str): pass\nclass I(int): pass\nclass F(float): pass",
    ),
    "decimals": gives("[D('1.5'), D('10'), D('-3'), D('0.25')]", "from decimal import Decimal as D"),
    "url-answer": gives("{'statusCode': 200, 'headers': {'content-type': 'text/plain'}, 'body': 'ü'}"),
    "large": gives("'ü' * 1_000_000"),
    "wide": gives("{str(i): list(range(10)) for i in range(2000)}"),
    "deep": f"{HEAD}found = 1\n    for _ in range(150):\n        found = [{{'a': found}}]\n    return found\n",
    "zones": gives(
        "datetime(2026, 3, 29, 3, tzinfo=ZoneInfo('Europe/Berlin')).isoformat()",
        "from datetime import datetime\nfrom zoneinfo import ZoneInfo",
    ),
}
ERRORS = {
    "datetime": gives("datetime.datetime(2026, 1, 1)", "import datetime"),
    "set": gives("{'a': {1}}"),
    "object": gives("object()"),
    "class": gives("int"),
    "generator": f"{HEAD}yield 1\n",
    "coroutine": "import warnings\nwarnings.simplefilter('ignore')\nasync def handler(event, context):\n    return 1\n",
    "range": gives("range(3)"),
    "map": gives("map(str, [1])"),
    "complex": gives("1j"),
    "dataclass": gives("P(1)", "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int"),
    "uuid": gives("uuid.UUID(int=1)", "import uuid"),
    "path": gives("pathlib.Path('/a')", "import pathlib"),
    "bytes-of-no-text-within": gives("[b'\\xff']"),
    "asdict-that-raises": gives("P()", "class P:\n    def _asdict(self):\n        raise LookupError('no')"),
    "bytearray": gives("[bytearray(b'a')]"),
    "tuple-as-key": gives("{(1, 2): 3}"),
    "itself": f"{HEAD}found = []\n    found.append(found)\n    return found\n",
    "raised": f"{HEAD}raise ValueError('no ü')\n",
    "without-words": f"{HEAD}raise KeyError\n",
    "key": f"{HEAD}return event['absent']\n",
    "attribute": f"{HEAD}return context.absent\n",
    "by-zero": "def inner(x):\n    return 1 / x\n\n\ndef handler(event, context):\n    return inner(0)\n",
    "caused": f"{HEAD}try:\n        int('x')\n    except ValueError as e:\n        raise RuntimeError('worse') from e\n",
    "in-a-finally": f"{HEAD}try:\n        1 / 0\n    finally:\n        [][1]\n",
    "own-class": "class Refused(Exception):\n    def __str__(self):\n        return f'refused {self.args}'\n"
    f"{HEAD}raise Refused(1, 'b')\n",
    "group": f"{HEAD}raise ExceptionGroup('both', [ValueError(1), KeyError('k')])\n",
    "with-a-note": f"{HEAD}e = ValueError('a')\n    e.add_note('b')\n    raise e\n",
    "many-lines": f"{HEAD}raise ValueError('a\\nb\\tc')\n",
    "assertion": f"{HEAD}assert event == 1, ('not', 1)\n",
    "in-a-lambda": "handler = lambda event, context: [].pop()\n",
    "library": f"import json\n{HEAD}return json.loads('{{')\n",
    "of-two-lines": f"{HEAD}return max(\n        1,\n        'a',\n    )\n",
    "deep-recursion": "def f(n):\n    if n:\n        return f(n - 1)\n    raise ValueError('deep')\n"
    f"{HEAD}return f(30)\n",
    "stopped": f"{HEAD}next(iter([]))\n",
    "exec": f"{HEAD}exec('raise ValueError(1)')\n",
    "imported-late": f"{HEAD}import there_is_no_such_module\n",
    "time-out-of-its-own": f"{HEAD}raise TimeoutError\n",
}
FORMS = {
    "object": "class H:\n    def __call__(self, event, context):\n        return [type(self).__name__, len(event)]\n"
    "handler = H()\n",
    "class": "class handler(dict):\n    def __init__(self, event, context):\n        self['n'] = len(event)\n",
    "method": "class H:\n    def run(self, event, context):\n        return 1\nhandler = H().run\n",
    "class-method": "class H:\n    @classmethod\n    def run(cls, event, context):\n        return 1\nhandler = H.run\n",
    "partial": "import functools\ndef f(extra, event, context):\n    return extra\n"
    "handler = functools.partial(f, 'x')\n",
    "wrapped": "import functools\ndef w(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        return f(*a, **k)\n"
    "    return g\n@w\ndef handler(event, context):\n    return handler.__name__\n",
    "star": "def handler(*all):\n    return len(all)\n",
    "defaults": "def handler(event, context, more=3):\n    return more\n",
    "async-run": "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return [1]\n"
    "def handler(event, context):\n    return asyncio.run(f())\n",
    "state-of-the-module": "seen = []\ndef handler(event, context):\n    seen.append(1)\n    return seen\n",
    "annotations": "from __future__ import annotations\ndef handler(event: Nothing, context: There) -> None:\n    return 1\n",
    "thread": "import threading\ndef handler(event, context):\n    found = []\n"
    "    t = threading.Thread(target=found.append, args=(1,))\n    t.start()\n    t.join()\n    return found\n",
}
SEEN = {
    "context": gives(
        "[context.function_name, context.function_version, context.invoked_function_arn,"
        " context.memory_limit_in_mb, context.aws_request_id, context.log_group_name,"
        " context.log_stream_name, context.tenant_id, context.client_context,"
        " context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id]"
    ),
    "time-left": gives("[type(n := context.get_remaining_time_in_millis()).__name__, 5_000 < n <= 20_000]"),
    "name-of-the-module": gives("[__name__, __file__]"),
    "print": f"{HEAD}print('a', 'ü', end='')\n    print()\n    return 1\n",
    "standard-error": f"import sys\n{HEAD}print('b', file=sys.stderr)\n    return 1\n",
    "context-log": f"{HEAD}context.log('c\\n')\n    context.log(3)\n    return 1\n",
    "logging": f"import logging\n{HEAD}logging.warning('w %s', 1)\n    logging.info('i')\n    return 1\n",
    "logging-level": "import logging\nlog = logging.getLogger()\nlog.setLevel('DEBUG')\n"
    f"{HEAD}log.debug('ü')\n    logging.getLogger('a.b').error('e')\n    return 1\n",
    "logging-exception": "import logging\n"
    f"{HEAD}try:\n        1 / 0\n    except ZeroDivisionError:\n        logging.exception('x')\n    return 1\n",
    "logging-basic": "import logging\nlogging.basicConfig(level=10, format='%(message)s')\n"
    f"{HEAD}logging.info('not said')\n    return logging.root.level\n",
    "logging-format": "import logging\nlogging.root.handlers[0].setFormatter(logging.Formatter('own %(message)s|'))\n"
    f"{HEAD}logging.error('e')\n    return 1\n",
}
ALL = [
    pytest.param(source, id=f"{kind}-{name}")
    for kind, table in (("value", VALUES), ("error", ERRORS), ("form", FORMS), ("seen", SEEN))
    for name, source in table.items()
]


@pytest.mark.parametrize("source", ALL)
def test_the_same(source: str, function: Callable[[str], Path], official: Any, ours: Any) -> None:
    folder = function(source)
    there, here = official.answer(folder, EVENT), ours.answer(folder, EVENT)
    assert there.how in ("response", "error")
    assert (here.how, here.body) == (there.how, there.body)
    if there.how == "response":
        assert here.log == there.log
