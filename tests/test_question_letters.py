"""Letters about questions: to whom, how often, and in whose name their links answer."""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gadfly.ask.life import Team, Told
from gadfly.ask.link import LASTS, mark
from gadfly.ask.question import Evidence, Move, Question
from gadfly.config import Config
from gadfly.config.owner import Owner
from gadfly.errors import LedgerError, Refused
from gadfly.question_letters import APART, KEY, Asked, QuestionLetters
from gadfly.store import question_letters as store
from gadfly.store.schema import migrate

NOW = 1_790_000_000.0
ALWAYS = "Mon-Sun 00:00-24:00"
OWNERS = {
    "payments": Owner(contact=("mailto:Anna@example.org", "receiver:chat"), owner="platform"),
    "search": Owner(contact=("receiver:chat",)),
    "crew": Owner(contact=("mailto:a@example.org, b@example.org",)),
    "hook": Owner(contact=("https://hooks.example.org/s3cret",)),
    "platform": Owner(contact=("mailto:platform@example.org",)),
    "nobody": Owner(owner="platform"),
}
TEAMS = {name: Team(name=name, hours=ALWAYS) for name in OWNERS}


class Post:
    """The letters of a node whose configuration may change, and what is in its outbox."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.config = Config(owner=OWNERS)
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        migrate(self.connection)
        self.letters = self.anew()
        self.asked: dict[int, Question] = {}

    def anew(self) -> QuestionLetters:
        return QuestionLetters(self.state, lambda: self.config, url=lambda: "http://n/", node="north")

    def ask(self, id: int, team: str, now: float = NOW, why: Any = "asked", **more: Any) -> None:
        named: dict[str, Any] = {
            "kind": "unacted",
            "digest": "d",
            "sort": "check",
            "again": 60,
            "observe": 60,
            "minutes": 5,
            "subjects": ("api",),
            "owner": team,
            "text": f"Question {id}, of 24 pages in 60 days?",
            "asked": now,
            "since": now,
            "moves": (Move(team, now),),
            **more,
        }
        self.asked[id] = Question(id=id, **named)
        self.letters.note(self.connection, [Told(team, id, why)], now)

    def send(self, now: float = NOW, teams: dict[str, Team] = TEAMS) -> tuple[str, ...]:
        def asked(id: int) -> Asked | None:
            proof = Evidence(
                kind="k", digest="d", query="", params={}, rows=({"n": 24},), count=1, window=(None, now)
            )
            return Asked(self.asked[id], proof, None) if id in self.asked else None

        return self.letters.send(self.connection, asked, teams, now)

    def texts(self) -> list[str]:
        rows = self.connection.execute("SELECT body FROM outbox ORDER BY id").fetchall()
        return [msgspec.json.decode(body)["text"] for (body,) in rows]

    def links(self) -> list[str]:
        return [link for text in self.texts() for link in re.findall(r"http://n/q/(\S+)", text)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path)
    yield made
    made.connection.close()


def test_all_of_a_day_is_one_letter(post: Post) -> None:
    post.ask(1, "payments")
    post.ask(2, "payments", safety=True)
    post.ask(3, "search")
    assert len(post.send()) == 2
    first, second = post.texts()
    assert first.index("q2:") < first.index("q1:")
    assert "q3:" in second
    assert len(set(post.links())) == 3
    post.ask(4, "payments", NOW + 60)
    assert post.send(NOW + 60) == ()
    assert post.send(NOW + APART - 1) == ()
    assert len(post.send(NOW + APART)) == 1
    assert "q4:" in post.texts()[-1]
    assert post.send(NOW + 3 * APART) == ()


def test_a_clock_that_was_ahead_makes_nobody_wait(post: Post) -> None:
    post.ask(1, "payments", NOW + 400 * 86_400)
    post.send(NOW + 400 * 86_400)
    post.ask(2, "payments")
    assert len(post.send(NOW)) == 1


def test_nobody_is_disturbed(post: Post) -> None:
    post.ask(1, "payments")
    busy = {"payments": Team(name="payments", hours=ALWAYS, busy=True)}
    assert post.send(teams=busy) == ()
    assert len(post.send()) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"state": "answered"},
        {"state": "resting"},
        {"moves": (Move("payments", NOW), Move("search", NOW))},
        {"heading": "search", "heading_why": "referred"},
    ],
    ids=["answered", "resting", "elsewhere", "on-its-way"],
)
def test_what_is_no_longer_asked_of_them_is_not_told(post: Post, more: dict[str, Any]) -> None:
    post.ask(1, "payments", **more)
    assert post.send() == ()
    post.ask(2, "payments")
    assert len(post.send()) == 1
    assert "q1:" not in post.texts()[0]


def test_what_came_and_went_is_not_told(post: Post) -> None:
    post.ask(1, "payments")
    post.ask(1, "payments", why="withdrawn", state="withdrawn")
    assert post.send() == ()
    post.ask(2, "payments")
    post.send()
    post.ask(2, "payments", NOW + APART, why="withdrawn", state="withdrawn")
    post.send(NOW + APART)
    assert "q2 is withdrawn" in post.texts()[-1]


def test_a_question_that_is_forgotten_is_not_told(post: Post) -> None:
    post.ask(1, "payments")
    del post.asked[1]
    assert post.send() == ()


@pytest.mark.parametrize(
    ("team", "who"),
    [
        ("payments", "person:anna@example.org"),
        ("search", "owner:search"),
        ("crew", "owner:crew"),
        ("hook", "owner:hook"),
        ("nobody", "person:platform@example.org"),
    ],
    ids=["a-mailbox", "a-receiver", "two-mailboxes", "a-webhook", "the-owners-owner"],
)
def test_a_link_answers_in_the_name_of_whom_it_went_to(post: Post, team: str, who: str) -> None:
    post.ask(1, team)
    post.send()
    (link,) = post.links()
    said, by = post.letters.read(link, NOW)
    assert (said.question, by) == (1, who)
    assert said.ends == int(NOW + LASTS)
    assert "s3cret" not in link
    assert b"example" not in link.encode()


def test_a_link_does_not_hold_an_address(post: Post) -> None:
    post.ask(1, "payments")
    post.send()
    (link,) = post.links()
    assert b"anna" not in base64.urlsafe_b64decode(link + "==").lower()


@pytest.mark.parametrize(
    ("team", "owners"),
    [
        ("payments", {**OWNERS, "payments": Owner(contact=("mailto:bob@example.org",))}),
        ("payments", {"platform": OWNERS["platform"]}),
        ("search", {**OWNERS, "search": Owner(contact=("mailto:bob@example.org",))}),
    ],
    ids=["another-person", "no-owner", "another-receiver"],
)
def test_who_does_not_answer_any_more_has_no_link(post: Post, team: str, owners: dict[str, Owner]) -> None:
    post.ask(1, team)
    post.send()
    (link,) = post.links()
    post.config = Config(owner=owners)
    with pytest.raises(Refused, match="does not answer for the owner any more") as caught:
        post.letters.read(link, NOW)
    assert caught.value.status == 410


def test_the_key_is_kept_and_is_nobody_elses(post: Post) -> None:
    post.ask(1, "payments")
    post.send()
    (link,) = post.links()
    key = post.state / KEY
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().strip() not in "".join(post.texts())
    assert post.anew().read(link, NOW)[0].question == 1
    key.unlink()
    with pytest.raises(Refused) as caught:
        post.anew().read(link, NOW)
    assert caught.value.status == 404


def test_without_a_key_nothing_is_signed(post: Post) -> None:
    (post.state / KEY).mkdir()
    post.ask(1, "payments")
    with pytest.raises(LedgerError, match="cannot be used"):
        post.send()


def test_a_link_is_used_once_and_then_forgotten(post: Post) -> None:
    post.ask(1, "payments")
    post.send()
    said, _ = post.letters.read(post.links()[0], NOW)
    assert not store.used(post.connection, mark(said))
    store.use(post.connection, mark(said), 1, said.ends, NOW)
    assert store.used(post.connection, mark(said))
    with pytest.raises(Refused, match="good for one answer"):
        store.use(post.connection, mark(said), 1, said.ends, NOW + 1)
    store.use(post.connection, b"another", 2, said.ends + 99, said.ends + 1.0)
    assert post.connection.execute("SELECT count(*) FROM question_link").fetchone() == (1,)


def passed(post: Post, team: str, link: str) -> None:
    """The question went from payments, which is declared no longer, to this team; then the link is opened."""
    config, question = post.config, post.asked[1]
    post.config = Config(owner={**OWNERS, team: Owner(contact=("receiver:chat",))})
    post.asked[1] = msgspec.structs.replace(
        question,
        owner=team,
        was=(*question.was, question.owner),
        passed=NOW + 3_600.0,
    )
    try:
        post.letters.read(link, NOW + 7_200.0, post.asked.get)
    finally:
        post.config = config


def test_a_link_of_an_owner_that_is_no_more_is_over(post: Post) -> None:
    post.ask(1, "payments")
    post.send()
    with pytest.raises(Refused, match="passed to pay2, where it is answered: payments is") as caught:
        passed(post, "pay2", post.links()[0])
    assert caught.value.status == 410


def test_an_owner_that_is_named_so_again_has_links(post: Post) -> None:
    was = ("payments", "pay2")
    post.ask(1, "payments", why="inherited", was=was, passed=NOW + 0.5, moves=(Move("payments", NOW),))
    post.send(NOW + 0.7)
    (link,) = post.links()
    assert post.letters.read(link, NOW + 60, post.asked.get)[0].question == 1


def test_who_could_know_may_answer_though_the_owner_is_another_now(post: Post) -> None:
    moves = (Move("payments", NOW - 60), Move("search", NOW, "referred"))
    post.ask(1, "search", why="referred", owner="payments", moves=moves)
    post.send()
    (link,) = post.links()
    passed(post, "pay2", link)
    # Once it is on its way back it waits there no more.
    post.asked[1] = msgspec.structs.replace(post.asked[1], heading="payments", heading_why="returned")
    with pytest.raises(Refused, match="passed to"):
        passed(post, "pay2", link)


def test_a_letter_to_the_head_of_who_could_know_is_theirs(post: Post) -> None:
    moves = (Move("payments", NOW - 60), Move("nobody", NOW, "referred"))
    post.ask(1, "payments", owner="payments", moves=moves[:1])
    post.send(NOW - 60)
    post.ask(1, "nobody", why="referred", owner="payments", moves=moves)
    post.send()
    early, link = post.links()
    passed(post, "pay2", link)
    with pytest.raises(Refused, match="passed to"):
        passed(post, "pay2", early)


def test_of_several_it_names_some(post: Post) -> None:
    post.ask(1, "payments", subjects=("disk-03", "disk-07", "disk-09"), gone=("disk-07",))
    post.ask(2, "search")
    post.send()
    several, single = post.texts()
    assert "\nAbout: disk-03, disk-09\n" in several
    assert "About: " not in single
