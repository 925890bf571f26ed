"""A prometheus.yml is read as Prometheus reads it, or refused by the name of what is not known."""

import pytest

from gadfly.catalogue.prometheus_file import read
from gadfly.config.scrape import Relabel
from gadfly.errors import ConfigError

FILE = """
global:
  scrape_interval: 30s
  external_labels: {dc: eu}
rule_files: [rules.yml]
alerting: {}
scrape_configs:
- job_name: node
  scrape_interval: 5s
  metrics_path: /m
  scheme: https
  params: {module: [http_2xx, 2]}
  honor_labels: true
  honor_timestamps: false
  follow_redirects: false
  basic_auth: {username: me, password_file: secret}
  tls_config: {ca_file: ca.pem, insecure_skip_verify: true, server_name: x}
  sample_limit: 5
  body_size_limit: 10MB
  static_configs:
  - targets: ['a:1', 'b:2']
    labels: {env: prod, canary: true}
  file_sd_configs: [{files: ['t/*.json', /abs/x.yml], refresh_interval: 1m}]
  dns_sd_configs: [{names: [x.example], type: A, port: 9100}]
  http_sd_configs: [{url: 'http://sd/targets', bearer_token: abc}]
  relabel_configs:
  - {source_labels: [__address__], regex: 'a.*', action: Keep}
  metric_relabel_configs:
  - {source_labels: [le], regex: 1, target_label: one, replacement: true}
- job_name: plain
  authorization: {credentials: hush}
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        path = tmp_path / "prometheus.yml"
        path.write_text(text)
        return read(str(path))

    return loaded


def test_everything_that_is_known_is_taken(load, tmp_path):
    jobs = load(FILE)
    assert list(jobs) == ["node", "plain"]
    node = jobs["node"]
    assert (node.every, node.timeout, node.path, node.scheme) == (5.0, 5.0, "/m", "https")
    assert node.params == {"module": ("http_2xx", "2")}
    assert (node.honor_labels, node.honor_timestamps, node.redirects) == (True, False, 0)
    assert (node.user, node.password) == ("me", f"file:{tmp_path}/secret")
    assert (node.ca, node.verify, node.server_name) == (f"{tmp_path}/ca.pem", False, "x")
    assert (node.samples, node.body_mb) == (5, 10)
    assert node.groups[0].targets == ("a:1", "b:2")
    assert node.groups[0].labels == {"env": "prod", "canary": "true"}
    assert node.files == (f"{tmp_path}/t/*.json", "/abs/x.yml")
    assert (node.dns[0].names, node.dns[0].type, node.dns[0].port) == (("x.example",), "A", 9100)
    assert node.http[0].headers == {"Authorization": "Bearer abc"}
    assert node.relabel == (Relabel(source_labels=("__address__",), regex="a.*", action="keep"),)
    assert node.metric_relabel == (
        Relabel(source_labels=("le",), regex="1", target_label="one", replacement="true"),
    )
    plain = jobs["plain"]
    assert (plain.every, plain.timeout, plain.redirects) == (30.0, 10.0, 10)
    assert plain.headers == {"Authorization": "Bearer hush"}


def test_by_default_it_is_a_minute_as_in_prometheus(load):
    assert load("scrape_configs: [{job_name: a}]")["a"].every == 60.0
    assert load("{}") == {}


JOB = "scrape_configs: [{job_name: a, %s}]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "not YAML"),
        ("[]", "names with values"),
        ("scrape_configs: {}", "a list is needed"),
        ("scrape_configs: [{}]", "job_name"),
        ("scrape_configs: [{job_name: a}, {job_name: a}]", "stands there already"),
        (JOB % "kubernetes_sd_configs: []", r"scrape_configs\[0\] \(a\)\.kubernetes_sd_configs"),
        (JOB % "proxy_url: x", "proxy_url: not known here"),
        (JOB % "oauth2: {}", "oauth2"),
        (JOB % "scrape_interval: soon", "not a duration"),
        (JOB % "scheme: ftp", "none of http, https"),
        (JOB % "honor_labels: 1", "honor_labels"),
        (JOB % "body_size_limit: big", "no size"),
        (JOB % "basic_auth: {user: x}", "basic_auth.user"),
        (JOB % "tls_config: {min_version: TLS13}", "min_version"),
        (JOB % "authorization: {type: Digest, credentials_file: x}", "type Bearer"),
        (JOB % "static_configs: [{targets: [a], other: 1}]", "other: not known"),
        (JOB % "dns_sd_configs: [{names: [a], type: MX}]", "none of SRV"),
        (JOB % "http_sd_configs: [{url: x, basic_auth: {username: a, password_file: b}}]", "only a token"),
        (JOB % "http_sd_configs: [{url: x, bearer_token_file: b}]", "only a token"),
        (JOB % "static_configs: [{targets: ['http://x/']}]", r"static_configs\[0\]\.targets: .* host:port"),
        (JOB % "static_configs: [{targets: ['']}]", "no address"),
        (JOB % "static_configs: [{targets: [a], labels: {a-b: c}}]", '"a-b" is not a label'),
        (JOB % "static_configs: [{targets: [a], labels: {a: [b]}}]", r"labels\.a: a text"),
        (JOB % "static_configs: [null]", r"static_configs\[0\]: empty"),
        (JOB % "scrape_interval: 1s, scrape_timeout: 5s", "scrape_timeout: longer than scrape_interval"),
        (JOB % "scrape_timeout: 90s", "scrape_timeout: longer than scrape_interval"),
        ("global: {scrape_interval: 5s, scrape_timeout: 9s}", "global.scrape_timeout: longer"),
        (JOB % "sample_limit: -1", "below 0"),
        (JOB % "basic_auth: {password: a, password_file: b}", "password and password_file; write one"),
        (JOB % "basic_auth: {username: a}, bearer_token: x", "basic_auth and bearer_token; write one"),
        (JOB % "basic_auth: {}, authorization: {credentials: x}", "basic_auth and authorization; write one"),
        (JOB % "authorization: {credentials: x}, bearer_token_file: y", "write one"),
        (JOB % "bearer_token: x, bearer_token_file: y", "write one"),
        (JOB % "authorization: {credentials: x, credentials_file: y}", "write one"),
        (JOB % "authorization: {type: basic, credentials: x}", "write basic_auth"),
        (JOB % "tls_config: {cert_file: a}", "go together"),
        (JOB % "tls_config: {key_file: a}", "go together"),
        (JOB % "file_sd_configs: [{files: [x.txt]}]", "does not end in .json"),
        (JOB % "file_sd_configs: [{files: ['x*/y.json']}]", "does not end in .json"),
        (JOB % "file_sd_configs: [{}]", "name at least one"),
        (JOB % "file_sd_configs: [{files: [a.json], refresh_interval: soon}]", "not a duration"),
        (JOB % "dns_sd_configs: [{port: 1}]", "name at least one"),
        (JOB % "dns_sd_configs: [{names: [a], type: A}]", "port"),
        (JOB % "http_sd_configs: [{url: 'ftp://x/'}]", "not a URL"),
        ("scrape_configs: [{job_name: ''}]", "job_name: empty"),
        (JOB % "relabel_configs: [{regex: '('}]", r"relabel_configs\[0\]\.regex"),
        (JOB % "relabel_configs: [{action: explode}]", "relabel_configs"),
        (JOB % "relabel_configs: [{colour: red}]", "colour is not known"),
    ],
)
def test_what_is_not_known_is_refused_by_its_name(load, text, words):
    with pytest.raises(ConfigError, match=words):
        load(text)


def test_every_bad_job_is_named(load):
    with pytest.raises(ConfigError) as caught:
        load("scrape_configs: [{job_name: a, x: 1}, {job_name: b}, {job_name: c, y: 1}]")
    assert [problem.partition("(")[2][0] for problem in caught.value.problems] == ["a", "c"]


def test_every_mistake_of_a_job_is_named(load):
    with pytest.raises(ConfigError) as caught:
        load(
            JOB % "scheme: ftp, sample_limit: x, static_configs: [{targets: [a/b]}], x: 1, basic_auth: {y: 1}"
        )
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    ("text", "every", "timeout"),
    [
        ("global: {scrape_timeout: 50s}\nscrape_configs: [{job_name: a, scrape_interval: 20s}]", 20.0, 20.0),
        ("global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}]", 5.0, 5.0),
        ("scrape_configs: [{job_name: a, scrape_timeout: 30s, scheme: '', honor_labels: null}]", 60.0, 30.0),
    ],
)
def test_a_timeout_for_all_jobs_is_cut_to_the_interval(load, text, every, timeout):
    assert (load(text)["a"].every, load(text)["a"].timeout) == (every, timeout)


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(ConfigError, match="No such file"):
        read("/nowhere/prometheus.yml")
