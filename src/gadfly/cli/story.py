"""One component's story as lines of text: how it is, what was heard, asked, told, and who answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gadfly.cli.terminal import ago, clean, cut, table

Paint = Callable[[str, str], str]
FLIPS = 8
"""Changes shown; the API gives more."""


def lines(story: dict[str, Any], now: float, total: int, paint: Paint) -> list[str]:
    """The story, in at most `total` cells a line. Times are shown in the zone of the reader."""
    verdict = story["verdict"]
    since = f" for {ago(now - story['since'])}" if story.get("since") else ""
    out = [f"{paint(clean(story['name']), 'strong')}  {paint(verdict, verdict)}{since}"]
    if story.get("reason"):
        out.append(cut(clean(story["reason"]), total))
    facts = [(name, text) for name, text in _facts(story, now) if text]
    if facts:
        out += [
            "",
            *table(facts, total=total, colour=lambda _, i, text: paint(text, "dim") if i == 0 else text),
        ]
    if story.get("flips"):
        out += ["", paint("what happened", "dim")]
        rows = [
            (clock(flip["at"], now), f"{flip['before']} → {flip['after']}", flip.get("reason", ""))
            for flip in story["flips"][:FLIPS]
        ]
        out += table(rows, total=total)
    if story.get("notices"):
        out += ["", paint("who was told", "dim")]
        told = [
            (clock(n["at"], now), n["what"], n["state"], f"{n['to']} {n.get('error', '')}".strip())
            for n in story["notices"][:FLIPS]
        ]
        out += table(told, total=total)
    return out


def clock(at: float, now: float) -> str:
    """The time of day, with the date where it was not today."""
    then = time.localtime(at)
    today = time.localtime(now)[:3] == then[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S", then)


def _facts(story: dict[str, Any], now: float) -> list[tuple[str, str]]:
    owners = [
        f"{owner['name']} ({', '.join(owner.get('contact', [])) or 'no contact'})"
        for owner in story.get("owners", [])
    ]
    doubt = f" ({story['host_doubt']})" if story.get("host_doubt") else ""
    place = [f"{story.get('host', '')}{doubt}", f"group {story['group']}" if story.get("group") else ""]
    return [
        ("answers", " → ".join(owners) or story.get("owner") or "nobody: give it an owner in gadfly.toml"),
        ("because", story.get("because", "")),
        ("is", " ".join(part for part in (story.get("kind", ""), story.get("version", "")) if part)),
        ("runs on", ", ".join(part for part in place if part)),
        ("beats", _beats(story.get("beats"), now)),
        ("job", _job(story.get("job"), now)),
        *[("asked", _probe(probe, now)) for probe in story.get("probes", [])],
        ("needs", _relations(story.get("needs", []))),
        ("needed by", _relations(story.get("needed_by", []))),
        ("labels", ", ".join(f"{key}={value}" for key, value in story.get("labels", {}).items())),
    ]


def _beats(beats: dict[str, Any] | None, now: float) -> str:
    if not beats:
        return ""
    words = [beats["liveness"]]
    if beats.get("interval"):
        words.append(f"every {beats['interval']:g} s")
    if beats.get("last"):
        words.append(f"last {ago(now - beats['last'])} ago")
    if beats.get("lost"):
        words.append(f"{beats['lost']} lost of {beats['received'] + beats['lost']}")
    if beats.get("restarts"):
        words.append(f"{beats['restarts']} restarts")
    return ", ".join(words)


def _job(job: dict[str, Any] | None, now: float) -> str:
    if not job:
        return ""
    words = [job.get("schedule", ""), job.get("state", "")]
    if job.get("exit") is not None:
        words.append(f"exit code {job['exit']}")
    if job.get("seconds") is not None:
        words.append(f"ran {job['seconds']:.1f} s")
    if job.get("due"):
        words.append(f"due at {clock(job['due'], now)}")
    return ", ".join(word for word in words if word)


def _probe(probe: dict[str, Any], now: float) -> str:
    outcome = {"passing": "pass"}.get(probe.get("outcome", "unknown"), probe.get("outcome", "unknown"))
    words = [f"{probe['kind']} {probe.get('name', '')}".strip(), probe.get("target", ""), outcome]
    if probe.get("at"):
        words.append(f"in {probe.get('seconds', 0) * 1000:.0f} ms, {ago(now - probe['at'])} ago")
    if outcome != "pass" and probe.get("reason"):
        words.append(f"({probe['reason']})")
    return " ".join(word for word in words if word)


def _relations(relations: list[dict[str, Any]]) -> str:
    return ", ".join(
        other["name"] + ("" if other.get("verdict") == "healthy" else f" ({other.get('verdict', 'unknown')})")
        for other in relations
    )
