"""Lists of targets, as Prometheus' file_sd and HTTP SD have them."""

import json

import pytest

from gadfly.telemetry.target_list import NoList, read, read_json

LIST = [{"targets": ["a:1", "b:2"], "labels": {"env": "prod", "shard": 3, "on": True}}, {"targets": ["c:3"]}]
YAML = b"""
- targets: ['a:1', "b:2"]
  labels: {env: prod, shard: 3, on: true}
- targets:
  - c:3
"""


@pytest.mark.parametrize(
    ("path", "data"), [("t.json", json.dumps(LIST).encode()), ("t.yml", YAML), ("t.yaml", YAML)]
)
def test_groups_become_targets_with_their_labels(path, data):
    found = read(data.replace(b"on: true", b"'on': true"), path)
    labels = {"env": "prod", "shard": "3", "on": "true", "__meta_filepath": path}
    assert found == [
        {"__address__": "a:1", **labels},
        {"__address__": "b:2", **labels},
        {"__address__": "c:3", "__meta_filepath": path},
    ]


def test_an_empty_file_is_no_targets():
    assert read(b"", "t.yml") == read(b"[]", "t.json") == []


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{}",
        b'"x"',
        b"[1]",
        b'[{"targets": "a:1"}]',
        b'[{"targets": [1]}]',
        b'[{"targets": ["a:1"], "labels": [1]}]',
        b'[{"targets": ["a:1"], "labels": {"a-b": "c"}}]',
        b'[{"targets": ["a:1"], "labels": {"a": null}}]',
        b'[{"targets": ["a:1"], "other": 1}]',
        b"[" * 100_000,
    ],
)
def test_what_is_no_list_is_refused(data):
    with pytest.raises(NoList):
        read_json(data, {})
    with pytest.raises(NoList):
        read(data, "t.yml")


def test_yaml_makes_no_objects_and_other_files_are_not_read():
    with pytest.raises(NoList, match="not YAML"):
        read(b"!!python/object/apply:os.system ['true']", "t.yml")
    with pytest.raises(NoList, match="ends in"):
        read(b"[]", "t.txt")


@pytest.mark.parametrize("value", ["1" + ":1" * 200 + ".5", "!!timestamp x", "!!int ''", "!!bool x"])
def test_what_yaml_s_parser_stumbles_over_is_no_yaml(value):
    with pytest.raises(NoList, match="not YAML"):
        read(f"- targets: [a]\n  labels: {{a: {value}}}".encode(), "t.yml")
