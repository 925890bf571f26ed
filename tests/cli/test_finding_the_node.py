from __future__ import annotations

import json
import os

import pytest

from gadfly.cli.node import Node, locate
from gadfly.errors import ConfigError
from gadfly.instrument import runfile


def leave_run_file(url: str, pid: int | None = None) -> None:
    runfile.path().parent.mkdir(parents=True, exist_ok=True)
    runfile.path().write_text(json.dumps({"url": url, "token": "secret", "pid": pid or os.getpid()}))


def test_the_local_node_is_found_with_its_token(node, monkeypatch):
    monkeypatch.delenv("GADFLY_NODE")
    leave_run_file(node.url)
    node.gives("summary", {})
    locate().get("summary")
    assert node.asked == [("GET", "summary", None, "secret")]


def test_without_any_the_usual_address_is_tried(monkeypatch):
    assert locate().url == "http://127.0.0.1:7171"
    assert locate().token == ""


def test_the_local_token_is_not_sent_to_another_node(node):
    leave_run_file("http://127.0.0.1:1")
    assert locate(node.url).token == ""


def test_the_local_token_serves_when_the_local_node_is_named(node):
    leave_run_file(node.url)
    assert locate(node.url + "/").token == "secret"


def test_a_token_may_stand_in_a_file(node, tmp_path):
    (tmp_path / "t").write_text("from-file\n")
    assert locate(node.url, f"file:{tmp_path / 't'}").token == "from-file"


def test_nobody_listening_is_one_line_and_unknown(gadfly):
    code, out, err = gadfly("status", "--node", "http://127.0.0.1:9")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1
    assert "nobody listens there" in err
    assert "gadfly up" in err


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://h:99999", "http://h:x"])
def test_what_is_no_address_is_said(url):
    with pytest.raises(ConfigError, match="not the address of a node"):
        Node(url)


@pytest.mark.parametrize("url", ["127.0.0.1:7171", "http://127.0.0.1:7171/", "http://127.0.0.1:7171"])
def test_addresses_are_taken_as_people_write_them(url):
    assert Node(url).url == "http://127.0.0.1:7171"


def test_a_missing_token_says_where_to_get_one(node, gadfly):
    node.gives("reload", {"detail": "This needs a token."}, method="POST", status=401)
    code, _, err = gadfly("reload")
    assert code == 3
    assert "This needs a token. Give it with --token or GADFLY_TOKEN" in err


def test_something_else_than_a_node_is_noticed(node, gadfly):
    node.gives("summary", b"<html>")
    assert "is not a gadfly node" in gadfly("status")[2]


def test_a_redirect_is_not_followed(node, gadfly):
    node.gives("summary", None, status=302)
    assert "elsewhere" in gadfly("status")[2]
