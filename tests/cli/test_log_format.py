from __future__ import annotations

import json
import logging

from gadfly.cli.log_format import Json, Lines


def record(exception: bool = False) -> logging.LogRecord:
    info = (ValueError, ValueError("no"), None) if exception else None
    return logging.LogRecord("gadfly.alert.courier", logging.WARNING, "f", 1, "tried %d times", (3,), info)


def test_json_for_programs():
    line = json.loads(Json().format(record()))
    assert line["at"].endswith("Z")
    del line["at"]
    assert line == {"level": "warning", "name": "gadfly.alert.courier", "message": "tried 3 times"}
    assert "ValueError: no" in json.loads(Json().format(record(True)))["exception"]
    assert "\n" not in Json().format(record(True))


def test_words_for_a_person():
    assert Lines().format(record()).endswith(" warning alert.courier: tried 3 times")
    assert Lines().format(record(True)).endswith("ValueError: no")
