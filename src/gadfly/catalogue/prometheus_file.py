"""The `scrape_configs` of a `prometheus.yml` as jobs of ours.

What a job there has and we do not is an error that names it: a job that is scraped otherwise than it says
would be worse than none. Parts of the file that are not about scraping are passed over.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gadfly import duration
from gadfly.config_scrape import Group, Listing, Names, Relabel, Scrape
from gadfly.errors import ConfigError
from gadfly.promql.relabel import objections
from gadfly.section import Duration
from gadfly.telemetry.target_list import yaml

BYTES = 16 << 20
MINUTE = 60.0
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)
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
_AUTH = ("basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "follow_redirects")
_KNOWN = frozenset(
    {
        *_PLAIN,
        *_IGNORED,
        *_AUTH,
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

T = TypeVar("T")


class _Wrong(Exception):
    """Where, and what."""


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
        top = _table(tree, "the file")
        general = _table(top.get("global"), "global")
        configs = _list(top.get("scrape_configs"), "scrape_configs")
    except _Wrong as error:
        raise ConfigError(f"{name}: {error}") from None
    for number, config in enumerate(configs):
        where = f"scrape_configs[{number}]"
        try:
            job = _text(_table(config, where).get("job_name"), f"{where}.job_name")
            made = _job(config, general, folder, f"{where} ({job})")
        except _Wrong as error:
            problems.append(f"{name}: {error}")
            continue
        if job in found:
            problems.append(f'{name}: {where}.job_name: "{job}" stands there already')
        found[job] = made
    if problems:
        raise ConfigError(*problems)
    return found


def _job(config: dict[str, Any], general: dict[str, Any], folder: Path, where: str) -> Scrape:
    for key in config:
        if key.endswith("_sd_configs") and key not in _KNOWN:
            raise _Wrong(f"{where}.{key}: this discovery is not known here; use file_sd, dns_sd or http_sd")
        if key not in _KNOWN:
            raise _Wrong(f"{where}.{key}: not known here; take it out, or leave this job to Prometheus")
    values: dict[str, Any] = {}
    for key, (field, kind) in _PLAIN.items():
        if key in config:
            values[field] = _of(kind, config[key], f"{where}.{key}")
    every = _seconds(config.get("scrape_interval", general.get("scrape_interval")), MINUTE, where)
    limit = _seconds(config.get("scrape_timeout", general.get("scrape_timeout")), min(10.0, every), where)
    values["every"], values["timeout"] = Duration(every), Duration(min(limit, every))
    values["params"] = {
        name: tuple(_text(one, f"{where}.params") for one in _list(texts, f"{where}.params.{name}"))
        for name, texts in _table(config.get("params"), f"{where}.params").items()
    }
    if "body_size_limit" in config:
        values["body_mb"] = _megabytes(config["body_size_limit"], f"{where}.body_size_limit")
    headers, rest = _access(config, folder, where)
    values |= rest
    values["headers"] = headers
    values["groups"] = tuple(
        Group(targets=_texts(one.get("targets"), place), labels=_labels(one.get("labels"), place))
        for one, place in _tables(config, "static_configs", where, ("targets", "labels"))
    )
    values["files"] = tuple(
        str(folder / Path(pattern).expanduser())
        for one, place in _tables(config, "file_sd_configs", where, ("files", "refresh_interval"))
        for pattern in _texts(one.get("files"), place)
    )
    values["dns"] = tuple(
        Names(
            names=_texts(one.get("names"), place),
            type=_choice(one.get("type", "SRV"), ("SRV", "A", "AAAA"), f"{place}.type"),
            port=_of(int, one.get("port", 0), f"{place}.port"),
            every=Duration(_seconds(one.get("refresh_interval"), 30.0, place)),
        )
        for one, place in _tables(
            config, "dns_sd_configs", where, ("names", "type", "port", "refresh_interval")
        )
    )
    values["http"] = tuple(
        _listing(one, folder, place)
        for one, place in _tables(config, "http_sd_configs", where, ("url", "refresh_interval", *_AUTH))
    )
    for key, field in (("relabel_configs", "relabel"), ("metric_relabel_configs", "metric_relabel")):
        values[field] = tuple(
            _relabel(_table(one, where), f"{where}.{key}[{number}]")
            for number, one in enumerate(_list(config.get(key), f"{where}.{key}"))
        )
    _choice(values.get("scheme", "http"), ("http", "https"), f"{where}.scheme")
    return Scrape(**values)


def _access(config: dict[str, Any], folder: Path, where: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers, and the other fields: how the target is let in, and trusted."""
    headers: dict[str, str] = {}
    values: dict[str, Any] = {}
    basic = _only(config, "basic_auth", where, ("username", "password", "password_file"))
    if basic:
        user = _text(basic.get("username", ""), f"{where}.basic_auth.username")
        if "password_file" in basic:
            values |= {"user": user, "password": _file(basic["password_file"], folder, where)}
        else:
            login = f"{user}:{_text(basic.get('password', ''), where)}"
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    other = _only(config, "authorization", where, ("type", "credentials", "credentials_file"))
    kind = _text(other.get("type", "Bearer"), f"{where}.authorization.type")
    secret = other.get("credentials", config.get("bearer_token"))
    file = other.get("credentials_file", config.get("bearer_token_file"))
    if secret is not None:
        headers["Authorization"] = f"{kind} {_text(secret, where)}"
    elif file is not None:
        if kind.lower() != "bearer":
            raise _Wrong(f"{where}.authorization: a credentials_file goes with the type Bearer here")
        values["bearer"] = _file(file, folder, where)
    known = ("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify")
    tls = _only(config, "tls_config", where, known)
    for key, field in (("ca_file", "ca"), ("cert_file", "cert"), ("key_file", "key")):
        if tls.get(key):
            values[field] = str(folder / _text(tls[key], f"{where}.tls_config.{key}"))
    if "server_name" in tls:
        values["server_name"] = _text(tls["server_name"], f"{where}.tls_config.server_name")
    if tls.get("insecure_skip_verify"):
        values["verify"] = False
    values["redirects"] = 10 if config.get("follow_redirects", True) else 0
    return headers, values


def _listing(config: dict[str, Any], folder: Path, where: str) -> Listing:
    headers, values = _access(config, folder, where)
    if values.keys() & {"user", "cert", "key", "server_name"}:
        raise _Wrong(f"{where}: of a list's server, only a token, ca_file and insecure_skip_verify are known")
    if bearer := values.get("bearer"):
        raise _Wrong(f"{where}: {bearer}: of a list's server, only a token that stands there is known")
    return Listing(
        url=_text(config.get("url"), f"{where}.url"),
        headers=headers,
        ca=values.get("ca", ""),
        verify=values.get("verify", True),
        every=Duration(_seconds(config.get("refresh_interval"), 60.0, where)),
    )


def _relabel(config: dict[str, Any], where: str) -> Relabel:
    if strangers := config.keys() - set(Relabel.__struct_fields__):
        raise _Wrong(f"{where}: {sorted(strangers)[0]} is not known")
    values = {key: value for key, value in config.items() if value is not None}
    if isinstance(values.get("action"), str):
        values["action"] = values["action"].lower()
    for key in ("regex", "replacement", "separator", "target_label"):
        if isinstance(values.get(key), int | float | bool):
            values[key] = str(values[key]).lower()  # an unquoted 1 or true is a text there
    try:
        rule = msgspec.convert(values, Relabel)
    except msgspec.ValidationError as error:
        raise _Wrong(f"{where}: {error}") from None
    for field, why in objections(rule):
        raise _Wrong(f"{where}.{field}: {why}")
    return rule


def _tables(
    config: dict[str, Any], key: str, where: str, known: tuple[str, ...]
) -> list[tuple[dict[str, Any], str]]:
    found = []
    for number, one in enumerate(_list(config.get(key), f"{where}.{key}")):
        place = f"{where}.{key}[{number}]"
        if strangers := _table(one, place).keys() - set(known):
            raise _Wrong(f"{place}.{sorted(map(str, strangers))[0]}: not known here; take it out")
        found.append((_table(one, place), place))
    return found


def _only(config: dict[str, Any], key: str, where: str, known: tuple[str, ...]) -> dict[str, Any]:
    found = _table(config.get(key), f"{where}.{key}")
    if strangers := found.keys() - set(known):
        raise _Wrong(f"{where}.{key}.{sorted(map(str, strangers))[0]}: not known here; take it out")
    return found


def _file(value: Any, folder: Path, where: str) -> str:
    return f"file:{folder / _text(value, where)}"


def _table(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Wrong(f"{where}: names with values are needed")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Wrong(f"{where}: a list is needed")
    return value


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Wrong(f"{where}: a text is needed")
    return str(value)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_text(one, where) for one in _list(value, where))


def _labels(value: Any, where: str) -> dict[str, str]:
    found: Mapping[str, Any] = _table(value, where)
    return {str(name): str(one).lower() if isinstance(one, bool) else str(one) for name, one in found.items()}


def _of(kind: type[T], value: Any, where: str) -> T:
    if type(value) is not kind:
        raise _Wrong(f"{where}: {value!r} is not what is needed there ({kind.__name__})")
    return value


def _choice(value: Any, known: tuple[str, ...], where: str) -> Any:
    if value not in known:
        raise _Wrong(f"{where}: {value!r} is none of {', '.join(known)}")
    return value


def _seconds(value: Any, default: float, where: str) -> float:
    if value is None:
        return default
    try:
        return duration.parse(_text(value, where)) or default
    except ValueError as error:
        raise _Wrong(f"{where}: {error}") from None


def _megabytes(value: Any, where: str) -> int:
    found = _SIZE.fullmatch(str(value))
    if found is None:
        raise _Wrong(f"{where}: {value!r} is no size; write 10MB")
    size = float(found[1]) * 1024 ** (" KMGT".index(found[2].upper()) if found[2] else 0)
    return math.ceil(size / (1 << 20)) if size else Scrape().body_mb
