"""What the demo reads of the stream."""

from __future__ import annotations

import base64
import json
import struct

from gadfly.cli.demo.events import changed


def test_slots_that_changed_and_none_that_is_free() -> None:
    pairs = [(3, 0), (70_000, 4), (5, 255)]
    data = json.dumps({"s": base64.b64encode(b"".join(struct.pack("<IB", *pair) for pair in pairs)).decode()})
    assert changed(data) == [3, 70_000]
