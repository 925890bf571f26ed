"""The `scrape_configs` of a `prometheus.yml` as jobs of ours.

What a job there has and we do not is an error that names it: a job that is scraped otherwise than it says
would be worse than none. Parts of the file that are not about scraping are passed over.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from gadfly.catalogue import prometheus_access as access
from gadfly.catalogue import prometheus_value as value
from gadfly.config.scrape import (
    Group,
    Names,
    Relabel,
    Scrape,
)
from gadfly.config.section import Duration
from gadfly.errors import ConfigError
from gadfly.promql.relabel import objections
from gadfly.telemetry.target_list import yaml

BYTES = 16 << 20
MINUTE = 60.0
TIMEOUT = 10.0
_LIST = re.compile(r"[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)")
"""The names that files of targets have there."""
_PLAIN = {
    "metrics_path": ("path", str),
    "scheme": ("scheme", str),
    "honor_labels": ("honor_labels", bool),
    "honor_timestamps": ("honor_timestamps", bool),
    "sample_limit": ("samples", int),
    "target_limit": ("target_limit", int),
    "label_limit": ("label_limit", int),
    "label_name_length_limit": ("label_name_bytes", int),
    "label_value_length_limit": ("label_value_bytes", int),
}
_IGNORED = frozenset({"enable_http2"})
_KNOWN = frozenset(
    {
        *_PLAIN,
        *_IGNORED,
        *access.KEYS,
        "job_name",
        "scrape_interval",
        "scrape_timeout",
        "params",
        "static_configs",
        "file_sd_configs",
        "dns_sd_configs",
        "http_sd_configs",
        "relabel_configs",
        "metric_relabel_configs",
        "body_size_limit",
    }
)


def read(path: str) -> dict[str, Scrape]:
    """The jobs by name. ConfigError with a line for each problem."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            data = stream.read(BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; the node must be able to read this file") from None
    if len(data) > BYTES:
        raise ConfigError(f"{path}: longer than {BYTES >> 20} MB")
    try:
        tree = yaml(data)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None
    return jobs(tree, file.parent, path)


def jobs(tree: Any, folder: Path, name: str) -> dict[str, Scrape]:
    """The same from the tree of the file; what is relative in it is relative to `folder`."""
    problems: list[str] = []
    found: dict[str, Scrape] = {}
    try:
        top = value.table(tree, "the file")
        general = value.table(top.get("global"), "global")
        _times(general, {}, "global")
        configs = value.listed(top.get("scrape_configs"), "scrape_configs")
    except value.Wrong as error:
        raise ConfigError(f"{name}: {error}") from None
    for number, config in enumerate(configs):
        where = f"scrape_configs[{number}]"
        wrong: list[str] = []
        with value.noted(wrong):
            job = value.text(value.table(config, where).get("job_name"), f"{where}.job_name")
            if not job:
                wrong.append(f"{where}.job_name: empty; every job has a name")
            if job in found:
                wrong.append(f'{where}.job_name: "{job}" stands there already')
            found[job] = _job(config, general, folder, f"{where} ({job})", wrong)
        problems += [f"{name}: {problem}" for problem in wrong]
    if problems:
        raise ConfigError(*problems)
    return found


def _job(
    config: dict[str, Any], general: dict[str, Any], folder: Path, where: str, wrong: list[str]
) -> Scrape:
    """The job; without each part that is wrong, which is added to `wrong`."""
    for key in sorted(map(str, config.keys() - _KNOWN)):
        what = "not known here; take it out, or leave this job to Prometheus"
        if key.endswith("_sd_configs"):
            what = "this discovery is not known here; use file_sd, dns_sd or http_sd"
        wrong.append(f"{where}.{key}: {what}")
    values: dict[str, Any] = {}
    for key, (field, kind) in _PLAIN.items():
        if config.get(key) not in (None, ""):
            with value.noted(wrong):
                values[field] = value.of(kind, config[key], f"{where}.{key}")
    with value.noted(wrong):
        value.choice(values.get("scheme", "http"), ("http", "https"), f"{where}.scheme")
    with value.noted(wrong):
        values["every"], values["timeout"] = _times(config, general, where)
    with value.noted(wrong):
        values["params"] = {
            name: tuple(
                value.text(one, f"{where}.params") for one in value.listed(texts, f"{where}.params.{name}")
            )
            for name, texts in value.table(config.get("params"), f"{where}.params").items()
        }
    if "body_size_limit" in config:
        with value.noted(wrong):
            values["body_mb"] = value.megabytes(config["body_size_limit"], f"{where}.body_size_limit")
    with value.noted(wrong):
        headers, rest = access.access(config, folder, where)
        values |= rest
        values["headers"] = headers
    with value.noted(wrong):
        values["groups"] = tuple(
            Group(
                targets=value.addresses(one.get("targets"), f"{place}.targets"),
                labels=value.labels(one.get("labels"), f"{place}.labels"),
            )
            for one, place in value.tables(config, "static_configs", where, ("targets", "labels"))
        )
    with value.noted(wrong):
        values["files"] = tuple(
            str(folder / Path(pattern).expanduser())
            for one, place in value.tables(config, "file_sd_configs", where, ("files", "refresh_interval"))
            for pattern in _lists(one, place)
        )
    with value.noted(wrong):
        fields = ("names", "type", "port", "refresh_interval")
        values["dns"] = tuple(
            _names(one, place) for one, place in value.tables(config, "dns_sd_configs", where, fields)
        )
    with value.noted(wrong):
        kinds = ("url", "refresh_interval", *access.KEYS)
        values["http"] = tuple(
            access.listing(one, folder, place)
            for one, place in value.tables(config, "http_sd_configs", where, kinds)
        )
    for key, field in (("relabel_configs", "relabel"), ("metric_relabel_configs", "metric_relabel")):
        with value.noted(wrong):
            values[field] = tuple(
                _relabel(value.table(one, where), f"{where}.{key}[{number}]")
                for number, one in enumerate(value.listed(config.get(key), f"{where}.{key}"))
            )
    return Scrape() if wrong else Scrape(**values)


def _times(config: dict[str, Any], general: dict[str, Any], where: str) -> tuple[Duration, Duration]:
    """How often, and how long at most. Only a timeout that stands for all jobs is cut to the interval."""
    for key in ("scrape_interval", "scrape_timeout"):
        value.seconds(config.get(key), 0.0, f"{where}.{key}")
    every = value.seconds(general.get("scrape_interval"), MINUTE, "global.scrape_interval")
    every = value.seconds(config.get("scrape_interval"), every, f"{where}.scrape_interval")
    limit = value.seconds(general.get("scrape_timeout"), TIMEOUT, "global.scrape_timeout")
    limit = value.seconds(config.get("scrape_timeout"), min(limit, every), f"{where}.scrape_timeout")
    if limit > every:
        raise value.Wrong(f"{where}.scrape_timeout: longer than scrape_interval; write a shorter one")
    return Duration(every), Duration(limit)


def _lists(config: dict[str, Any], where: str) -> tuple[str, ...]:
    value.seconds(config.get("refresh_interval"), 0.0, f"{where}.refresh_interval")
    where += ".files"
    found = value.texts(config.get("files"), where)
    if not found:
        raise value.Wrong(f"{where}: none; name at least one")
    for one in found:
        if not _LIST.fullmatch(one):
            raise value.Wrong(
                f'{where}: "{one[:80]}" does not end in .json, .yml or .yaml, or has * before a /'
            )
    return found


def _names(config: dict[str, Any], where: str) -> Names:
    found = Names(
        names=value.texts(config.get("names"), f"{where}.names"),
        type=value.choice(str(config.get("type") or "SRV").upper(), ("SRV", "A", "AAAA"), f"{where}.type"),
        port=value.of(int, config.get("port", 0), f"{where}.port"),
        every=Duration(value.seconds(config.get("refresh_interval"), 30.0, f"{where}.refresh_interval")),
    )
    if not found.names:
        raise value.Wrong(f"{where}.names: none; name at least one")
    if found.type != "SRV" and not 0 < found.port < 65_536:
        raise value.Wrong(f"{where}.port: {found.type} records say no port; write it here")
    return found


def _relabel(config: dict[str, Any], where: str) -> Relabel:
    if strangers := config.keys() - set(Relabel.__struct_fields__):
        raise value.Wrong(f"{where}: {sorted(strangers)[0]} is not known")
    values = {key: one for key, one in config.items() if one is not None}
    if isinstance(values.get("action"), str):
        values["action"] = values["action"].lower()
    for key in ("regex", "replacement", "separator", "target_label"):
        if isinstance(values.get(key), int | float | bool):
            values[key] = str(values[key]).lower()  # an unquoted 1 or true is a text there
    try:
        rule = msgspec.convert(values, Relabel)
    except msgspec.ValidationError as error:
        raise value.Wrong(f"{where}: {error}") from None
    for field, why in objections(rule):
        raise value.Wrong(f"{where}.{field}: {why}")
    return rule
