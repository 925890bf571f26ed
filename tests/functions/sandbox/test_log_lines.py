"""What is said by logging is in the log of the call, as AWS Lambda writes it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gadfly.functions.sandbox.supervisor import Answer

pytestmark = [pytest.mark.slow]
Called = Callable[..., list[Answer]]


@pytest.mark.parametrize("tier", ["A", "B"])
@pytest.mark.parametrize(
    "first", ["", "logging.basicConfig(level=logging.DEBUG)"], ids=["as-it-is", "configured"]
)
def test_a_line(called: Called, first: str, tier: str) -> None:
    source = f"""
        import logging
        {first}
        logger = logging.getLogger()
        logger.setLevel(logging.INFO)
        def handler(event, context):
            logger.info("hello %s", event)
            logging.getLogger("part").warning("mind")
            logger.debug("not said")
        """
    (answer,) = called(source, events=["you"], tier=tier)
    lines = answer.log.decode().splitlines()
    assert len(lines) == 2, answer
    for line, level, words in zip(lines, ["INFO", "WARNING"], ["hello you", "mind"], strict=True):
        time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        assert re.fullmatch(rf"\[{level}\]\t{time}\tr\t{words}", line)


def test_a_handler_that_was_put_there_is_left_alone(called: Called) -> None:
    source = """
        import logging, sys
        logging.root.handlers[:] = [logging.StreamHandler(sys.stdout)]
        def handler(event, context):
            logging.error("own")
        """
    (answer,) = called(source)
    assert answer.log == b"own\n"
