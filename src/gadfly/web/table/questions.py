"""The rows of the API's table that concern questions."""

from __future__ import annotations

from gadfly.web import question_link, questions
from gadfly.web.answers import questions as question_answers
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/questions",
        handler=questions.questions,
        summary="Questions: what owners were asked, and what became of it",
        query=(
            Query("owner", str, "", "Only what this owner is, or was, asked."),
            Query("kind", str, "", "Only of this kind, as `unacted`."),
            Query("state", str, "", f"{', '.join(questions.STATES[1:-1])} or {questions.STATES[-1]}."),
            Query("subject", str, "", "Only about this subject or component."),
            Query("limit", int, 200, f"How many at most, up to {questions.MOST:,}."),
        ),
        gives=question_answers.Questions,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/questions/review",
        handler=questions.review,
        summary="A team's dialogue, to go through together: open, accepted until, learnt since",
        query=(
            Query("owner", str, "", "Whose."),
            Query("days", int, 90, f"How far it looks back, up to {questions.DAYS}."),
        ),
        gives=question_answers.Review,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/questions/{{id}}",
        handler=questions.question,
        summary="One question with its evidence, as it was when it was asked, and its life",
        gives=question_answers.QuestionStory,
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/questions/{{id}}/answer",
        handler=questions.answer,
        summary="Answer a question: change, accept, wrong or unknown",
        scope="ack",
        also=("approve",),
        body=question_answers.Answering,
        limit=questions.BODY,
        gives=question_answers.Question,
        errors=(404, 409, 422),
        help="By a person's token. With 422 `field` says where in the answer the reason lies.",
    ),
    Endpoint(
        method="GET",
        path="/q/{link}",
        handler=question_link.show,
        summary="The question of a letter, for whom the letter was sent to; nothing changes",
        scope="",
        media=question_link.MEDIA,
        errors=(404, 409, 410, 429),
        help="A page that needs no script. The link is the leave: it is for one question, one recipient and "
        "a fortnight, and good for one answer.",
    ),
    Endpoint(
        method="POST",
        path="/q/{link}",
        handler=question_link.take,
        summary="Answer the question of a letter, once",
        scope="",
        takes=question_link.FORM,
        limit=question_link.BODY,
        media=question_link.MEDIA,
        errors=(400, 404, 409, 410, 413, 415, 422, 429),
        help="The fields are those of the page: answer, change, reason, until, wrong, knows, subjects.",
    ),
)
