"""What must hold of `[scrape.NAME]`."""

import pytest

from gadfly.catalogue import loads
from gadfly.errors import ConfigError

JOB = '[scrape.a]\ntargets = ["h:1"]\n'


def test_a_short_job_and_a_long_one_are_taken():
    config = loads(
        JOB
        + """every = "10s"
dns = { names = ["_m._tcp.example.org"] }
http = { url = "https://sd.example.org/t", headers = { Authorization = "env:SD" } }
groups = [{ targets = ["x:1"], labels = { a = "b" } }]
relabel = [{ source_labels = ["__address__"], regex = "x.*", action = "drop" }]
"""
    )
    job = config.scrape["a"]
    assert (job.every, job.dns[0].type, job.groups[0].labels) == (10.0, "SRV", {"a": "b"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[scrape.a]\n", "nothing to scrape"),
        (JOB + 'every = "1ms"', "out of range"),
        (JOB + 'timeout = "20s"', "longer than `every`"),
        (JOB + 'labels = { "a-b" = "c" }', "not a label"),
        (JOB + 'password = "hunter2"', "secret itself"),
        (JOB + 'headers = { Authorization = "x" }', "secret itself"),
        (JOB + 'bearer = "env:A"\npassword = "env:B"', "by one"),
        (JOB + 'http = { url = "sd" }', "not a URL"),
        (JOB + 'dns = { names = ["a"], type = "A" }', "say no port"),
        (JOB + 'relabel = [{ regex = "(" }]', "RE2"),
        (JOB + 'metric_relabel = [{ source_labels = ["a"] }]', "needs the label"),
        ('[scraping]\nfiles = ["/nowhere/p.yml"]', "No such file"),
        ("[push]\ngroups = 0", "out of range"),
    ],
)
def test_a_mistake_is_named(text, words):
    with pytest.raises(ConfigError, match=words):
        loads(text)


def test_one_job_has_one_place(tmp_path):
    (tmp_path / "p.yml").write_text("scrape_configs: [{job_name: a}]")
    with pytest.raises(ConfigError, match="declared in \\[scrape\\] too"):
        loads(JOB + f'[scraping]\nfiles = ["{tmp_path}/p.yml"]')


def test_two_files_do_not_share_a_job(tmp_path):
    for name in ("p.yml", "q.yml"):
        (tmp_path / name).write_text("scrape_configs: [{job_name: b, static_configs: [{targets: ['h:1']}]}]")
    with pytest.raises(ConfigError, match=r'q\.yml: the job "b" is declared in .*p\.yml too'):
        loads(f'[scraping]\nfiles = ["{tmp_path}/p.yml", "{tmp_path}/q.yml"]')
