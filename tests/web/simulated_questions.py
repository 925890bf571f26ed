"""Questions as a node shows them, for the tests of the API and the pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from gadfly.errors import Refused
from gadfly.web.answers.questions import (
    Answering,
    Evidence,
    Given,
    Happened,
    Question,
    Questions,
    QuestionStory,
    Review,
)
from gadfly.web.questioning import UnfitAnswer

EVIL = "<img src=x onerror=alert(1)> \u202eevil"
DAY = 86_400.0
LINK = "good-link"


class SimulatedQuestions:
    """Five open ones, one that nobody answered, and some of every end."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.answered: list[tuple[Any, ...]] = []
        self.opened: list[str] = []
        self.used = False
        self.kept = {one.id: one for one in self._all()}

    def _question(self, id: int, text: str, **more: Any) -> Question:
        named: dict[str, Any] = {
            "id": f"q{id}",
            "kind": "unacted",
            "number": 14,
            "type": "reasons and evidence",
            "minutes": 5,
            "sort": "check",
            "subjects": ["checkout-latency"],
            "component": "api-00001",
            "owner": "payments",
            "whom": "payments",
            "state": "open",
            "asked": self.now - id * DAY,
            "text": text,
            "assumed": "This page causes action.",
            "change": "Delete it, make it a ticket, automate the response, or repair the cause.",
            "figures": {"n": 24, "k": 2, "days": 60, "share": 0.0833333},
            "latest": self.now + 365 * DAY,
            "then": "Unanswered in 14 days it goes once to platform, then rests as an open assumption.",
            **more,
        }
        return Question(**named)

    def _all(self) -> list[Question]:
        text = (
            "checkout-latency paged 24 times in 60 days; 2 led to something being done. "
            "What should a person do at the next one?"
        )
        yes = Given(answer="accept", at=self.now - DAY, by="person:anna", words="The sale needs it loud")
        done = Given(answer="change", at=self.now - 3 * DAY, by="person:bob", words="commit 4f2a: for = 5m")
        no = Given(
            answer="wrong",
            at=self.now - 4 * DAY,
            by="person:bob",
            words="data: the exporter was down",
        )
        many = [f"disk-{n:02d}" for n in range(14)]
        return [
            self._question(1, text, series={"pages a week": [2, 4, 1, 3, 5, 2, 1, 3, 3]}),
            self._question(
                2,
                "drain-search was last stopped 412 days ago and depends on search-api, which it can restart. "
                "How long would stopping take today?",
                kind="stop-button-cold",
                number=42,
                type="assumptions",
                safety=True,
                minutes=10,
                sort="automation",
                subjects=["drain-search"],
                component="",
                owner="search",
                whom="platform",
                figures={"days": 412, "dependency": "search-api"},
                series={"p99 ms": [float(n % 17) + n / 20 for n in range(90)]},
                latest=self.now + 90 * DAY,
                then="Unanswered by 12 December, drain-search is lowered to the level approve.",
            ),
            self._question(
                3,
                "14 checks paged 311 times in 60 days; 9 led to something being done. "
                "Which of them deserve a person?",
                subjects=many,
                component="",
                figures={"count": 14, "n.sum": 311, "k.sum": 9},
            ),
            self._question(4, f"{EVIL} paged 9 times in 60 days. Why?", subjects=[EVIL + "x" * 4000]),
            self._question(5, "No 1 answered 2 of these. Is it still so?", state="resting", owner="search"),
            self._question(
                6, text, state="accepted", until=self.now + 20 * DAY, answer=yes, then="Asked again then."
            ),
            self._question(7, text, state="changed", answer=done, then="Looked at again in 57 days."),
            self._question(8, text, state="wrong", answer=no, then="Not asked of this again."),
            self._question(9, text, state="withdrawn", then="The evidence went away by itself."),
        ]

    async def all(self, *, owner: str, kind: str, state: str, subject: str, limit: int) -> Questions:
        fits = [
            one
            for one in self.kept.values()
            if owner in ("", one.owner)
            and kind in ("", one.kind)
            and state in ("", one.state)
            and (not subject or subject in one.subjects or subject == one.component)
        ]
        owners = sorted({one.owner for one in self.kept.values()})
        return Questions(at=self.now, total=len(fits), owners=owners, questions=fits[:limit])

    async def one(self, id: str) -> QuestionStory:
        found = self._find(id)
        rows = [
            {"subject": name, "n": 24 - n, "k": 1, "share": 0.04, "since": None}
            for n, name in enumerate(found.subjects)
        ]
        evidence = Evidence(
            query="SELECT a.check AS subject, count(*) AS n FROM alert a",
            params={"days": 60, "sure": 0.95},
            rows=rows,
            total=len(rows),
            sha256="ab" * 32,
            start=self.now - 60 * DAY,
            end=self.now,
        )
        history = [
            Happened(at=found.asked, words=f"{found.whom} was asked {found.id}", who="The node", entry=2)
        ]
        return QuestionStory(**msgspec.structs.asdict(found), evidence=evidence, history=history)

    async def review(self, owner: str, since: float) -> Review:
        mine = [one for one in self.kept.values() if one.owner == owner]

        def of(*states: str) -> list[Question]:
            return [one for one in mine if one.state in states]

        return Review(
            at=self.now,
            owner=owner,
            since=since,
            open=of("open", "resting"),
            accepted=of("accepted"),
            learnt=of("changed"),
            closed=of("wrong", "withdrawn"),
        )

    async def about(self, component: str) -> list[dict[str, Any]]:
        found = (await self.all(owner="", kind="", state="", subject=component, limit=100)).questions
        return [
            {"id": one.id, "text": one.text, "state": one.state, "asked": one.asked, "until": one.until}
            for one in found
            if one.state in ("open", "resting", "accepted")
        ]

    async def answer(
        self, id: str, given: Answering, who: str, speaks_for: Collection[str] | None
    ) -> Question:
        found = self._find(id)
        if speaks_for is not None and found.owner not in speaks_for:
            raise Refused(f"Question {id} is asked of {found.owner}.", 403)
        return self._answered(found, given, who)

    def _answered(self, found: Question, given: Answering, who: str) -> Question:
        if found.state not in ("open", "resting"):
            raise Refused(f"Question {found.id} was answered.", 409)
        if given.answer == "accept" and len(given.reason) < 12:
            raise UnfitAnswer("A reason has at least 12 characters, in your own words.", "reason")
        if given.answer == "accept" and not given.until:
            raise UnfitAnswer("Say until when: a day in the next 365.", "until")
        if given.answer == "wrong" and not given.reason:
            raise UnfitAnswer("Say what is wrong with it.", "reason")
        self.answered.append((found.id, given, who))
        states = {"change": "changed", "accept": "accepted", "wrong": "wrong", "unknown": "open"}
        said = Given(answer=given.answer, at=self.now, by=who, words=given.change or given.reason)
        done = msgspec.structs.replace(
            found, state=states[given.answer], answer=said, then="What happens next stands here."
        )
        self.kept[found.id] = done
        return done

    async def linked(self, link: str) -> Question:
        self.opened.append(link)
        if link != LINK:
            raise Refused("This link is not whole, or is none of this node.", 404)
        if self.used:
            raise Refused("This link was used: it is good for one answer.", 410)
        return self._find("q1")

    async def answer_linked(self, link: str, given: Answering) -> Question:
        done = self._answered(await self.linked(link), given, "person:pay@example.org")
        self.used = True
        return done

    def _find(self, id: str) -> Question:
        if id not in self.kept:
            raise Refused(f"There is no question {id}.", 404)
        return self.kept[id]
