"""A file is taken whole or refused with every problem in it, each one line that says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly import catalogue
from gadfly.errors import ConfigError
from gadfly.monitor.suspicion import mistakes_per_month

GOOD = """
[node]
name = "north"
preset = "lan"

[owner.payments]
contact = ["mailto:payments@example.org", "receiver:hook"]
owner = "platform"

[owner.platform]
contact = ["exec:/usr/local/bin/page-oncall", "ntfys://example.org/topic"]
hours = "Mon-Fri 08:00-18:00 Europe/Berlin"

[receiver.hook]
webhook = "https://chat.example.org/hook"
headers = { Authorization = "env:HOOK_TOKEN" }

[component.checkout]
owner = "payments"
beats = "1s"
needs = ["postgres"]
probe.http = { url = "https://checkout.example.org/readyz", status = [200, 204], certificate = "> 14d" }

[component.postgres]
owner = "platform"
probe.tcp = [
  { name = "main", address = "db1.example.org:5432" },
  { name = "copy", address = "[2001:db8::1]:5432" },
]

[component.nightly]
kind = "job"
owner = "platform"
schedule = "0 2 * * * Europe/Berlin"
runs = "< 2h"

[[route]]
match = { owner = "~pay.*" }
receiver = "hook"

[[inhibit]]
source = { kind = "host" }
target = { group = "!db" }
equal = ["host"]

[[maintenance]]
match = { component = "postgres" }
because = "new disks"
starts = 2026-12-01T22:00:00+01:00
ends = 2026-12-01T23:00:00+01:00
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        catalogue.loads(text)
    return list(caught.value.problems)


def tolerated(text: str) -> tuple[str, ...]:
    """Any other exception than ConfigError is a failure."""
    try:
        catalogue.loads(text)
    except ConfigError as error:
        return error.problems
    return ()


def test_a_good_file() -> None:
    config = catalogue.loads(GOOD)
    checkout = config.component["checkout"]
    assert checkout.probe.http[0].status == (200, 204)
    assert [probe.name for probe in config.component["postgres"].probe.tcp] == ["main", "copy"]
    assert config.component["nightly"].grace == 300
    assert config.maintenance[0].ends is not None
    assert catalogue.warnings(config) == [
        "heartbeats are not authenticated: anybody on the network may send them; set heartbeat.keys"
    ]


def test_without_a_file_the_local_defaults_hold() -> None:
    config = catalogue.load(None)
    assert config.node.listen == "127.0.0.1:7171"
    assert config.node.preset == "local"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[nodes]", '1: nodes: unknown key; did you mean "node"?'),
        ("[node]\nnmae = 1", '2: node.nmae: unknown key; did you mean "name"?'),
        ("[mail]\nx = 1", "2: mail.x: unknown key; known here: server, sender, user, password, tls"),
        (
            "[prediction.p]\nof = 'x'\nfull = '0'\nact = '1h'",
            "1: prediction.p: `owner` is missing; whoever wrote it must name an owner, who is told and "
            "answers for it",
        ),
        ("[node]\nname = 3", "2: node.name: the number 3 where text in quotes is needed"),
        ("[node]\nwatch_host = 'yes'", '2: node.watch_host: the text "yes" where true or false is needed'),
        ("[node]\ncomponents = true", "2: node.components: true where a whole number is needed"),
        ("[node]\ncomponents = 0", "2: node.components: 0 is out of range; write 1 to 10000000"),
        ("node = 1", "1: node: the number 1 where a table is needed; write [node]"),
        ("component = 1", "1: component: the number 1 where a table is needed; write [component]"),
        ("component.a = 1", "1: component.a: the number 1 where a table is needed; write [component.a]"),
        (
            "[node]\npreset = 'lann'",
            '2: node.preset: "lann" is not one of local, lan, wan; did you mean "lan"?',
        ),
        ("[node]\nstate = ' '", "2: node.state: a folder is needed; the default is ~/.local/state/gadfly"),
        ('[node]\nname = "a\\u0000"', "2: node.name: a NUL character cannot be part of any value here"),
        (
            "[node]\nlisten = '::1:80'",
            '2: node.listen: "::1:80" is not an address; write host:port, or [::1]:port',
        ),
        ("[node]\nurl = 'ftp://x'", '2: node.url: "ftp://x" is not a URL; write http://… or https://…'),
        ("[node]\nurl = 'http://[x'", '2: node.url: "http://[x" is not a URL'),
        (
            "[heartbeat]\nevery = '15x'",
            '2: heartbeat.every: "15x" is not a duration; write 250ms, 5s, 1m30s, 12h or 14d',
        ),
        (
            "[heartbeat]\nevery = 15",
            '2: heartbeat.every: a duration needs a unit: write "15s" if seconds are meant',
        ),
        ("[heartbeat]\nevery = []", "2: heartbeat.every: a list where a duration is needed"),
        ("[heartbeat]\nevery = '1ms'", "2: heartbeat.every: 1ms is out of range; write 20ms to 1d"),
        (
            "[heartbeat]\ngroups = 'x'",
            '2: heartbeat.groups: the text "x" where a list is needed; write [ … ]',
        ),
        (
            "[heartbeat]\ngroups = [\n1]",
            "3: heartbeat.groups[0]: the number 1 where text in quotes is needed",
        ),
        (
            "[heartbeat]\ngroups = ['10.0.0.1:1']",
            '"10.0.0.1:1" is not a multicast group; write one like 239.',
        ),
        ("[heartbeat]\ngroups = ['host:1']", '"host:1" is not a multicast group; write one like 239.'),
        ("[heartbeat]\ninterfaces = ['a b']", '2: heartbeat.interfaces[0]: "a b" is not an IP address'),
        ("[heartbeat]\nbind = 'host'", '2: heartbeat.bind: "host" is not an IP address'),
        ("[heartbeat]\nmistakes = '0 per node-month'", "is not a budget of mistakes"),
        ("[heartbeat]\nmistakes = 'few'", '"few" is not a budget of mistakes; write "1 per node-month"'),
        (
            "[heartbeat]\nkeys = ['hunter2']",
            "2: heartbeat.keys[0]: a secret itself does not belong into this file",
        ),
        (
            "[heartbeat]\nkeys = ['env:A', 'env:B', 'env:C']",
            "2: heartbeat.keys: 3 keys; two are live at most",
        ),
        (
            "[alerting]\ntold = ['dwon']",
            '2: alerting.told[0]: there is no verdict "dwon"; did you mean "down"?',
        ),
        ("[mail]\nserver = 'x'", '2: mail.server: "x" is not an address'),
        ("[mail]\nsender = 'x'", '2: mail.sender: "x" is not a mail address'),
        ("[mail]\nuser = 'u'", "1: mail: `user` and `password` belong together"),
        (
            "[mail]\nuser = 'u'\npassword = 'p'",
            "3: mail.password: a secret itself does not belong into this file",
        ),
        ("[mail]\nuser = 'u'\npassword = 'env:P'", "1: mail.tls: a password would travel in the clear"),
        ("[owner.a]\nowner = 'b'", '2: owner.a.owner: there is no owner "b"'),
        ("[owner.a]\nowner = 'b'\n[owner.b]\nowner='a'", "2: owner.a.owner: owners in a circle: a → b → a"),
        ("[owner.a]\ncontact = ['x']", '2: owner.a.contact[0]: "x" is not a contact'),
        ("[owner.a]\ncontact = ['mailto:x']", '2: owner.a.contact[0]: "x" is not a mail address'),
        ("[owner.a]\ncontact = ['exec:']", '2: owner.a.contact[0]: "exec:" is not a contact'),
        ("[owner.a]\ncontact = ['exec:a \"b']", "cannot be split into words: No closing quotation"),
        ("[owner.a]\ncontact = ['https:x']", '2: owner.a.contact[0]: "https:x" is not a URL'),
        ("[owner.a]\ncontact = ['receiver:r']", '2: owner.a.contact[0]: there is no receiver "r"'),
        ("[owner.a]\nhours = 'always'", '2: owner.a.hours: "always" are not working hours; write Mon-Fri'),
        ("[owner.a]\nafter = '0s'", "2: owner.a.after: 0s is out of range; write 1s to 30d"),
        ("[component.' a']", '1: component." a": a name is 1 to 200 printable characters'),
        ('[component."a\\"\\n"]', '1: component."a\\"\\n": a name is 1 to 200 printable characters'),
        ("[component.a]\nowner = 'x'", '2: component.a.owner: there is no owner "x"'),
        ("[component.a]\nneeds = ['a']", "2: component.a.needs: a component does not need itself"),
        ("[component.a]\nhost = 'a'", "2: component.a.host: a component does not run on itself"),
        ("[component.a]\nbeats = '10ms'", "2: component.a.beats: 10ms is out of range"),
        ("[component.a]\nlabels = { '1' = '' }", '2: component.a.labels.1: "1" is not a label'),
        (
            "[component.a]\nschedule = '0 2 * * *'",
            '2: component.a.schedule: only a job has this; write kind = "job"',
        ),
        ("[component.a]\nkind='job'\nschedule = '0 2 *'", '"0 2 *" is not a schedule; write minute, hour'),
        ("[component.a]\nkind='job'\nschedule = '0 26 * * *'", '"0 26 * * *" is not a schedule ('),
        ("[component.a]\nkind='job'\nschedule = '0 2 30 2 *'", '"0 2 30 2 *" '),
        ("[component.a]\nkind='job'\nschedule = '0 2 * * * X/Y'", '"X/Y" is not a time zone'),
        ("[component.a]\nkind='job'\nschedule = 'every 1x'", '"1x" is not a duration'),
        ("[component.a]\nkind='job'\nschedule = 'every 1ms'", "a job runs every second at most"),
        ("[component.a]\nkind='job'\nruns = '2h'", '"2h" is not a bound; write "< 2h"'),
        ("[component.a]\nprobe.htp = {}", '2: component.a.probe.htp: unknown key; did you mean "http"?'),
        ("[component.a]\nprobe.http = {}", "2: component.a.probe.http: `url` is missing"),
        ("[component.a]\nprobe.http = 1", "2: component.a.probe.http: the number 1 where a list is needed"),
        (
            "[component.a]\nprobe.http = [1]",
            "2: component.a.probe.http[0]: the number 1 where a table is needed",
        ),
        (
            "[receiver.r]",
            "1: receiver.r: exactly one of webhook, email, command and apprise is needed; found none",
        ),
        ("[receiver.r]\nemail='a@b'\napprise='x://y'", "is needed; found email and apprise"),
        ("[receiver.r]\nemail='a'", '2: receiver.r.email: "a" is not a mail address'),
        (
            "[receiver.r]\napprise='a'",
            "2: receiver.r.apprise: an address of apprise has the form SERVICE://…",
        ),
        ("[receiver.r]\nemail='a@b'\nheaders={A='b'}", "3: receiver.r.headers: only a webhook has headers"),
        (
            "[receiver.r]\nwebhook='http://a'\n[receiver.r.headers]\nAuthorization = 'Bearer hunter2'",
            "4: receiver.r.headers.Authorization: a secret itself does not belong into this file",
        ),
        ("[receiver.r]\nwebhook='http://a'\nheaders={'a b'='c'}", '"a b" is not the name of a header'),
        ("[receiver.r]\nwebhook='http://a'\nheaders={a=\"b\\nc\"}", "a header's value is one line"),
        ("[[route]]\nreceiver = 'x'", '2: route[0].receiver: there is no receiver "x"'),
        (
            "[[route]]\n[[route]]\nmatch = { a = '!~[' }",
            '3: route[1].match.a: "[" is not a regular expression',
        ),
        ("[[route]]\nrepeat = '1s'", "2: route[0].repeat: 1s is out of range"),
        (
            "[[inhibit]]\nsource = {}\ntarget = {a='b'}",
            "2: inhibit[0].source: empty, which would match everything",
        ),
        ("[[inhibit]]\nsource = {a='b'}", "1: inhibit[0]: `target` is missing"),
        (
            "[[maintenance]]\nmatch = {a='b'}\nbecause = ' '",
            "3: maintenance[0].because: a window needs its reason",
        ),
        ("[[maintenance]]\nmatch = {a='b'}\nbecause = 'x'", "1: maintenance[0]: a window needs an end"),
        (
            "[[maintenance]]\nmatch = {a='b'}\nbecause = 'x'\nends = 2026-12-01T22:00:00",
            "4: maintenance[0].ends: a date and time with a zone is needed",
        ),
        (
            "[[maintenance]]\nmatch={a='b'}\nbecause='x'\nstarts=2026-12-02T00:00:00Z\nends=2026-12-01T00:00:00Z",
            "5: maintenance[0].ends: the window ends before it starts",
        ),
        (
            "[[maintenance]]\nmatch={a='b'}\nbecause='x'\nschedule='0 2 * * *'",
            "maintenance[0].lasts: 0s is out of range; write 1m to 7d",
        ),
        (
            "[[maintenance]]\nmatch={a='b'}\nbecause='x'\nlasts='1h'",
            "4: maintenance[0].lasts: `lasts` goes with `schedule`",
        ),
        ("a = ", "1: not TOML: Invalid value"),
        ("\n[node]\nname = 'a\n", "3: not TOML: "),
        ("a = 1\na = 2", "2: not TOML: Cannot overwrite a value"),
    ],
)
def test_each_mistake_has_its_line(text: str, problem: str) -> None:
    found = problems(text)
    assert any(problem in line for line in found), found
    assert all(line.startswith("gadfly.toml:") and "\n" not in line for line in found)
    assert not any("hunter2" in line for line in found)


def _probe(kind: str, body: str) -> str:
    return f"[component.a]\nprobe.{kind} = {{ {body} }}"


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("http", "url='x'", 'url: "x" is not a URL'),
        ("http", "url='http://a', every='10ms'", "every: 10ms is out of range; write 100ms to 1d"),
        ("http", "url='http://a', timeout='0s'", "timeout: 0s is out of range"),
        ("http", "url='http://a', retries=-1", "retries: -1 is out of range"),
        ("http", "url='http://a', status=20", "status: 20 is out of range; write 100 to 599"),
        (
            "http",
            "url='http://a', status='ok'",
            'status: the text "ok" where a whole number or a list is needed',
        ),
        ("http", "url='http://a', body='x'", "body: GET sends no body"),
        ("http", "url='http://a', contains='('", 'contains: "(" is not a regular expression'),
        ("http", "url='http://a', contains='[[a]'", None),
        ("http", "url='http://a', json={'a.'=1}", 'json."a.": "a." is not a path'),
        ("http", "url='http://a', json={a=[]}", "json.a: a list where text in quotes or a whole number"),
        ("http", "url='http://a', json={'a[0].b'=1.5, c=true}", None),
        ("http", "url='http://a', certificate='14d'", 'certificate: "14d" is not a bound; write "> 14d"'),
        ("http", "url='http://a', slow='9s'", "slow: as long as `timeout` or longer"),
        ("http", "url='http://a', method='PATCH'", 'method: "PATCH" is not one of GET, HEAD'),
        ("http", "url='http://a', headers={'a:'='b'}", 'headers."a:": "a:" is not the name of a header'),
        ("tcp", "address='a'", 'address: "a" is not an address'),
        ("tcp", "address='a:1', send='\\q'", r"send: a backslash begins \r, \n, \t, \\ or \xNN"),
        ("tcp", "address='a:1', send='PING\\r\\n\\x00'", None),
        ("tls", "address='a:99999'", 'address: "a:99999": a port is between 1 and 65535'),
        ("dns", "query=''", 'query: "" is not a domain name'),
        ("dns", "query='a.example.', name_server='ns1'", "name_server: "),
        ("dns", "query='.', name_server='[::1]:53'", None),
        ("grpc", "address=':1'", 'address: ":1" is not an address'),
        ("icmp", "address='a:1'", 'address: "a:1" is not a host'),
        ("icmp", "address='::1'", None),
        ("command", "run=[]", "run: a program is needed"),
        ("command", "run='df'", 'run: the text "df" where a list is needed'),
    ],
)
def test_each_mistake_in_a_probe(kind: str, body: str, problem: str | None) -> None:
    if problem is None:
        catalogue.loads(_probe(kind, body))
        return
    found = problems(_probe(kind, body))
    assert any(f"gadfly.toml:2: component.a.probe.{kind}.{problem}" in line for line in found), found


def test_an_address_may_be_a_secret() -> None:
    config = catalogue.loads("[receiver.a]\nwebhook='env:HOOK'\n[receiver.b]\napprise='file:/etc/token'")
    assert config.receiver["a"].webhook == "env:HOOK"


def test_a_circle_of_owners_is_told_once() -> None:
    text = "".join(f"[owner.{a}]\nowner = '{b}'\n" for a, b in ("ab", "bc", "cb", "dc"))
    assert problems(text) == ["gadfly.toml:4: owner.b.owner: owners in a circle: b → c → b"]


def test_two_probes_of_a_kind_need_names() -> None:
    text = "[[component.a.probe.icmp]]\naddress='a'\n" * 3
    assert problems(text) == [
        'gadfly.toml:1: component.a.probe.icmp[0].name: two icmp probes are called ""; give each a name'
    ]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace('"1s"', '"1x"').replace('"> 14d"', '"14d"').replace('owner = "platform"', 'owner = "x"')
    )
    found = problems(text)
    assert len(found) == 5
    assert [int(line.split(":")[1]) for line in found] == sorted(int(line.split(":")[1]) for line in found)


def test_a_hundred_problems_are_enough() -> None:
    found = problems("\n".join(f"[component.c{n}]\nx = 1" for n in range(150)))
    assert len(found) == 101
    assert found[-1] == "… and 50 more problems"


def test_more_components_than_are_heard() -> None:
    text = "[node]\ncomponents = 1\n[component.a]\n[component.b]"
    assert problems(text) == [
        "gadfly.toml:2: node.components: 2 components are declared; at most 1 are heard"
    ]


@pytest.mark.parametrize(
    "budget", ["1 per node-month", "0.5 per node-year", "2 per node-week", "3 per node-day"]
)
def test_the_ear_understands_what_is_taken_as_a_budget(budget: str) -> None:
    config = catalogue.loads(f'[heartbeat]\nmistakes = "{budget}"')
    assert mistakes_per_month(config.heartbeat.mistakes) > 0


def test_presets_change_only_what_the_file_leaves_open() -> None:
    text = "[node]\npreset = '{}'\n[component.a]\nprobe.http = {{ url = 'http://a', retries = 1 }}"
    local, lan, wan = (catalogue.loads(text.format(name)) for name in ("local", "lan", "wan"))
    seen = [
        (c.component["a"].probe.http[0].every, c.component["a"].probe.http[0].timeout)
        for c in (local, lan, wan)
    ]
    assert seen == [(5, 2), (15, 5), (30, 10)]
    assert wan.component["a"].probe.http[0].retries == 1
    assert (lan.heartbeat.every, wan.heartbeat.every) == (1, 5)


def test_a_folder_is_one_catalogue(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        "[node]\nname='n'\n[owner.o]\ncontact=['mailto:a@b']\n[[route]]\nwait='1s'"
    )
    (tmp_path / "b.toml").write_text("[node]\npreset='lan'\n[component.c]\nowner='o'\n[[route]]\nwait='2s'")
    (tmp_path / "ignored.txt").write_text("not TOML")
    config = catalogue.load(tmp_path)
    assert (config.node.name, config.node.preset) == ("n", "lan")
    assert config.component["c"].owner == "o"
    assert [route.wait for route in config.route] == [1, 2]


def test_a_folder_names_both_places_of_a_double_entry(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("x = 1\n[component.c]\n[node]\nname='a'")
    (tmp_path / "b.toml").write_text("x = 1\n[node]\nname='b'\n\n[component.c]\nbeats='1s'")
    with pytest.raises(ConfigError) as caught:
        catalogue.load(tmp_path)
    a, b = tmp_path / "a.toml", tmp_path / "b.toml"
    assert caught.value.problems == (
        f"{b}:1: x: already declared at {a}:1; a setting has one place",
        f"{b}:3: node.name: already declared at {a}:4; a setting has one place",
        f"{b}:5: component.c: already declared at {a}:2; an entry has one place",
    )


def test_a_folder_finds_the_file_of_each_problem(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[[route]]\n[[route]]\n")
    (tmp_path / "b.toml").write_text("\n[[route]]\nreceiver='x'\n[component.c]\nbeats='x'")
    with pytest.raises(ConfigError) as caught:
        catalogue.load(tmp_path)
    assert [problem.split(": ")[0] for problem in caught.value.problems] == [
        f"{tmp_path}/b.toml:{n}" for n in (3, 5)
    ]


def test_a_folder_where_one_file_has_a_list_and_another_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[[route]]")
    (tmp_path / "b.toml").write_text("[route]")
    with pytest.raises(ConfigError, match=r"b\.toml:1: route: already declared at .*a\.toml:1"):
        catalogue.load(tmp_path)


def test_every_file_of_a_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a =")
    (tmp_path / "b.toml").write_bytes(b"\n# \xff")
    with pytest.raises(ConfigError) as caught:
        catalogue.load(tmp_path)
    assert caught.value.problems[1] == f"{tmp_path}/b.toml:2: not UTF-8; save the file as UTF-8"


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml:1: cannot be read: No such file"):
        catalogue.load(tmp_path / "x.toml")
    with pytest.raises(ConfigError, match=r"holds no file that ends in \.toml"):
        catalogue.load(tmp_path)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        catalogue.loads("a = " + "[" * 100_000)


@given(st.text(max_size=200))
def test_any_text_is_a_configuration_or_problems(text: str) -> None:
    assert all(problem.startswith("gadfly.toml:") for problem in tolerated(text))


_junk = st.recursive(
    st.sampled_from([0, 1.5, True, "x", "1s", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "name"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    st.sampled_from(
        ["node", "heartbeat", "owner", "component", "receiver", "route", "inhibit", "maintenance", "mail"]
    ),
    st.sampled_from(
        ["name", "keys", "contact", "probe", "match", "labels", "every", "source", "headers", "starts"]
    ),
    _junk,
)
def test_any_value_anywhere_is_taken_or_named(section: str, key: str, value: object) -> None:
    for text in (f"{section}.{key} = {_toml(value)}", f"[[{section}]]\n{key} = {_toml(value)}"):
        assert all(problem.startswith("gadfly.toml:") for problem in tolerated(text))


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(element)}" for key, element in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else repr(value)
