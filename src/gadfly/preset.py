"""What `node.preset` changes: defaults only, never what the file says.

The defaults in :mod:`gadfly.config` are those of `lan`. Where the node listens for beats, and how far its
enquiries travel, follows from the preset too; that is the ear's work.
"""

from __future__ import annotations

from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Preset
from gadfly.config.probe import Probe
from gadfly.config.section import Duration, Section

PRESETS: dict[Preset, dict[type[Section], dict[str, tuple[object, str]]]] = {
    "local": {
        Probe: {
            "every": (
                Duration(5.0),
                "A first try should show something at once, and the target is on this machine.",
            ),
            "timeout": (
                Duration(2.0),
                "Loopback answers within milliseconds; two seconds is a hung program.",
            ),
        },
    },
    "lan": {},
    "wan": {
        Heartbeat: {
            "every": (
                Duration(5.0),
                "Many senders share a narrow line, and a lost packet must not look like a late one.",
            ),
        },
        Probe: {
            "every": (Duration(30.0), "Each enquiry crosses lines that others pay for."),
            "timeout": (
                Duration(10.0),
                "A handshake over a lossy line with two retransmissions takes seven seconds.",
            ),
            "retries": (2, "With 5 % loss, two failures in a row happen by chance every day; three do not."),
        },
    },
}
"""For each preset and section: field, value and reason."""


def preset_value(preset: Preset, section: type[Section], field: str) -> object | None:
    """What `preset` puts in place of the default of `section`'s `field`; None where the default stays."""
    for cls, values in PRESETS[preset].items():
        if issubclass(section, cls) and field in values:
            return values[field][0]
    return None
