"""Names and labels of values, as collectd_exporter has them."""

from __future__ import annotations

import pytest

from gadfly.telemetry.collectd import Name
from gadfly.telemetry.collectd_names import TYPES, labels_of, types_db


@pytest.mark.parametrize(
    ("name", "kinds", "found"),
    [
        (
            Name("h", "cpu", "0", "cpu", "idle"),
            b"\2",
            [{"__name__": "collectd_cpu_total", "cpu": "0", "type": "idle"}],
        ),
        (Name("h", "uptime", "", "uptime", ""), b"\1", [{"__name__": "collectd_uptime"}]),
        (
            Name("h", "memory", "", "memory", "free"),
            b"\1",
            [{"__name__": "collectd_memory", "memory": "free"}],
        ),
        (
            Name("h", "interface", "eth0", "if_octets", ""),
            b"\2\2",
            [
                {"__name__": "collectd_interface_if_octets_rx_total", "interface": "eth0"},
                {"__name__": "collectd_interface_if_octets_tx_total", "interface": "eth0"},
            ],
        ),
        (
            Name("h", "x-y", "", "unheard.of", ""),
            b"\0\3",
            [{"__name__": "collectd_x_y_unheard_of_0_total"}, {"__name__": "collectd_x_y_unheard_of_1"}],
        ),
        (Name("h", "load", "", "load", ""), b"\1", [{"__name__": "collectd_load"}]),
        (Name("h", "", "", "", ""), b"\1", [{"__name__": "collectd_"}]),
        (Name("h", "9p", "a", "t", ""), b"\1", [{"__name__": "collectd_9p_t", "plugin_9p": "a"}]),
        (
            Name("h", "custom", "", "mine", ""),
            b"\1\1",
            [{"__name__": "collectd_custom_mine_a"}, {"__name__": "collectd_custom_mine_b"}],
        ),
    ],
)
def test_labels(name: Name, kinds: bytes, found: list[dict[str, str]]) -> None:
    assert labels_of(name, kinds, {"mine": ("a", "b")}) == [{**one, "instance": "h"} for one in found]


def test_a_types_db() -> None:
    text = "# comment\nabsolute\tvalue:ABSOLUTE:0:U\nif_octets  rx:DERIVE:0:U, tx:DERIVE:0:U\n\nbroken\n"
    assert types_db(text) == {"absolute": ("value",), "if_octets": ("rx", "tx")}


def test_the_usual_types_have_several_values() -> None:
    assert all(len(words) > 1 for words in TYPES.values())
