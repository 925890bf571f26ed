"""How the targets of a job in a `prometheus.yml`, or a server that lists them, let us in."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from gadfly.catalogue import prometheus_value as value
from gadfly.catalogue.values import url as check_url
from gadfly.config.scrape import Listing
from gadfly.config.section import Duration

KEYS = ("basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "follow_redirects")


def access(config: dict[str, Any], folder: Path, where: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers, and the other fields: how the target is let in, and trusted."""
    headers: dict[str, str] = {}
    values: dict[str, Any] = {}
    value.one_of(config, ("bearer_token", "bearer_token_file"), where)
    for ways in (("authorization", "bearer_token"), ("authorization", "bearer_token_file")):
        value.one_of(config, ("basic_auth", *ways), where)
    basic = value.only(config, "basic_auth", where, ("username", "password", "password_file"))
    value.one_of(basic, ("password", "password_file"), f"{where}.basic_auth")
    if basic:
        user = value.text(basic.get("username", ""), f"{where}.basic_auth.username")
        if "password_file" in basic:
            values |= {"user": user, "password": value.file(basic["password_file"], folder, where)}
        else:
            login = f"{user}:{value.text(basic.get('password', ''), where)}"
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    other = value.only(config, "authorization", where, ("type", "credentials", "credentials_file"))
    value.one_of(other, ("credentials", "credentials_file"), f"{where}.authorization")
    kind = value.text(other.get("type", "Bearer"), f"{where}.authorization.type")
    if kind.lower() == "basic":
        raise value.Wrong(f"{where}.authorization: for the type Basic write basic_auth")
    secret = other.get("credentials", config.get("bearer_token"))
    file = other.get("credentials_file", config.get("bearer_token_file"))
    if secret is not None:
        headers["Authorization"] = f"{kind} {value.text(secret, where)}"
    elif file is not None:
        if kind.lower() != "bearer":
            raise value.Wrong(f"{where}.authorization: a credentials_file goes with the type Bearer here")
        values["bearer"] = value.file(file, folder, where)
    known = ("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify")
    tls = value.only(config, "tls_config", where, known)
    for key, field in (("ca_file", "ca"), ("cert_file", "cert"), ("key_file", "key")):
        if tls.get(key):
            values[field] = str(folder / value.text(tls[key], f"{where}.tls_config.{key}"))
    if ("cert" in values) != ("key" in values):
        raise value.Wrong(f"{where}.tls_config: a cert_file and its key_file go together; write both")
    if "server_name" in tls:
        values["server_name"] = value.text(tls["server_name"], f"{where}.tls_config.server_name")
    if tls.get("insecure_skip_verify"):
        values["verify"] = False
    values["redirects"] = 10 if config.get("follow_redirects", True) else 0
    return headers, values


def listing(config: dict[str, Any], folder: Path, where: str) -> Listing:
    headers, values = access(config, folder, where)
    if values.keys() & {"user", "cert", "key", "server_name"}:
        raise value.Wrong(
            f"{where}: of a list's server, only a token, ca_file and insecure_skip_verify are known"
        )
    if bearer := values.get("bearer"):
        raise value.Wrong(f"{where}: {bearer}: of a list's server, only a token that stands there is known")
    url = value.text(config.get("url"), f"{where}.url")
    try:
        check_url(url)
    except ValueError as error:
        raise value.Wrong(f"{where}.url: {error}") from None
    return Listing(
        url=url,
        headers=headers,
        ca=values.get("ca", ""),
        verify=values.get("verify", True),
        every=Duration(value.seconds(config.get("refresh_interval"), 60.0, where)),
    )
