"""Names and labels of collectd's values, as collectd_exporter gives them.

`collectd_PLUGIN_TYPE`, or `collectd_TYPE` where both are one, with the value's name behind it where the type
has several, and `_total` where it only grows. The plugin's instance is the label PLUGIN; the type's instance
is `type`, or the label PLUGIN where the plugin has none; `instance` is the host.
"""

from __future__ import annotations

import re

from gadfly.telemetry.collectd import Kind, Name

_ODD = re.compile(r"[^A-Za-z0-9_]")

TYPES: dict[str, tuple[str, ...]] = {
    "arc_counts": ("demand_data", "demand_metadata", "prefetch_data", "prefetch_metadata"),
    "arc_l2_bytes": ("read", "write"),
    "arc_size": ("current", "target", "minlimit", "maxlimit"),
    "compression": ("uncompressed", "compressed"),
    "df": ("used", "free"),
    "disk_io_time": ("io_time", "weighted_io_time"),
    "disk_latency": ("read", "write"),
    "disk_merged": ("read", "write"),
    "disk_octets": ("read", "write"),
    "disk_ops": ("read", "write"),
    "disk_time": ("read", "write"),
    "dns_octets": ("queries", "responses"),
    "domain_state": ("state", "reason"),
    "if_dropped": ("rx", "tx"),
    "if_errors": ("rx", "tx"),
    "if_octets": ("rx", "tx"),
    "if_packets": ("rx", "tx"),
    "io_octets": ("rx", "tx"),
    "io_ops": ("read", "write"),
    "io_packets": ("rx", "tx"),
    "load": ("shortterm", "midterm", "longterm"),
    "memcached_octets": ("rx", "tx"),
    "mysql_octets": ("rx", "tx"),
    "mysql_qcache": ("hits", "inserts", "not_cached", "lowmem_prunes", "queries_in_cache"),
    "mysql_threads": ("running", "connected", "cached", "created"),
    "node_octets": ("rx", "tx"),
    "ps_count": ("processes", "threads"),
    "ps_cputime": ("user", "syst"),
    "ps_disk_octets": ("read", "write"),
    "ps_disk_ops": ("read", "write"),
    "ps_pagefaults": ("minflt", "majflt"),
    "serial_octets": ("rx", "tx"),
    "smart_attribute": ("current", "worst", "threshold", "pretty"),
    "vmpage_faults": ("minflt", "majflt"),
    "vmpage_io": ("in", "out"),
    "voltage_threshold": ("value", "threshold"),
}
"""The names of the values of the usual types that have several. A type that is not here has one, `value`."""
LARGEST = 4_000_000
"""Bytes of a types.db that are read."""


def types_db(text: str) -> dict[str, tuple[str, ...]]:
    """The types of a types.db: `name value:KIND:min:max, value:KIND:min:max` a line."""
    found = {}
    for line in text[:LARGEST].splitlines():
        name, _, rest = line.strip().partition("\t") if "\t" in line.strip() else line.strip().partition(" ")
        if not rest or name.startswith("#"):
            continue
        words = tuple(one.strip().partition(":")[0] for one in rest.split(","))
        if all(words):
            found[name] = words
    return found


def labels_of(name: Name, kinds: bytes, types: dict[str, tuple[str, ...]]) -> list[dict[str, str]]:
    """The labels of each value, `__name__` among them."""
    words = types.get(name.type) or TYPES.get(name.type) or ("value",)
    if len(words) != len(kinds):
        # Of a type that we know otherwise, or not at all: told apart by their place.
        words = tuple(str(place) for place in range(len(kinds))) if len(kinds) > 1 else ("value",)
    parts = (name.plugin, name.type) if name.plugin and name.plugin != name.type else (name.type,)
    metric = _ODD.sub("_", "_".join(("collectd", *parts)))
    plugin = _ODD.sub("_", name.plugin)
    if not plugin or plugin[0].isdigit() or plugin.startswith("__"):
        plugin = f"plugin_{plugin.strip('_')}".rstrip("_")
    labels = {}
    if name.plugin_instance:
        labels[plugin] = name.plugin_instance
    if name.type_instance:
        labels["type" if name.plugin_instance else plugin] = name.type_instance
    labels["instance"] = name.host
    return [
        {
            "__name__": metric + (f"_{_ODD.sub('_', word)}" if word != "value" else "") + _end(kind),
            **labels,
        }
        for word, kind in zip(words, kinds, strict=True)
    ]


def _end(kind: int) -> str:
    return "_total" if kind in (Kind.counter, Kind.derive) else ""
