"""Questions about the whole picture: which components, in which order, arranged by what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gadfly.monitor.card import KINDS
from gadfly.monitor.columns import FREE
from gadfly.monitor.picture import Picture
from gadfly.monitor.verdict import Verdict

Slots = npt.NDArray[np.int64]


def find(
    picture: Picture,
    *,
    q: str = "",
    verdict: Sequence[str] = (),
    owner: str = "",
    group: str = "",
    host: str = "",
    kind: str = "",
    offset: int = 0,
    limit: int = 100,
    order: str = "verdict",
) -> tuple[int, list[int]]:
    """How many components match, and the slots of one page of them.

    `q` is a part of the name, in any case. `order`: `verdict` (worst first, then the longest so), `name`,
    or `seen` (the latest beat first). A word nobody has matches nothing.
    """
    columns = picture.columns
    keep = picture.verdicts != FREE
    if verdict:
        wanted = [Verdict[word] for word in verdict if word in Verdict.__members__]
        keep &= np.isin(picture.verdicts, wanted)
    for word, column, known in (
        (owner, columns.owner, columns.owners),
        (group, columns.group, columns.groups),
        (host, columns.host, columns.hosts),
    ):
        if word:
            keep &= column[: picture.size] == known.find(word)
    if kind:
        keep &= columns.kind[: picture.size] == (KINDS.index(kind) if kind in KINDS else FREE)
    slots = np.flatnonzero(keep)
    if q:
        part, names = q.casefold(), columns.names
        slots = np.array([slot for slot in slots.tolist() if part in names[slot].casefold()], np.int64)
    return len(slots), _ordered(picture, slots, order)[offset : offset + limit].tolist()


def _ordered(picture: Picture, slots: Slots, order: str) -> Slots:
    columns = picture.columns
    if order == "name":
        return slots[np.argsort(columns.ranks()[slots])]
    if order == "seen":
        return slots[np.argsort(-picture.heard.seen_wall[slots], kind="stable")]
    return slots[np.lexsort((columns.since[slots], picture.verdicts[slots]))]


def arrange(picture: Picture, by: str) -> list[tuple[str, Slots]]:
    """The slots in use by `group`, `host`, `owner` or `kind`: label and slots, labels sorted."""
    columns = picture.columns
    known: dict[str, tuple[npt.NDArray[np.int32] | npt.NDArray[np.uint8], Sequence[str]]] = {
        "group": (columns.group, columns.groups.words),
        "host": (columns.host, columns.hosts.words),
        "owner": (columns.owner, columns.owners.words),
        "kind": (columns.kind, KINDS),
    }
    column, labels = known[by]
    slots = np.flatnonzero(picture.verdicts != FREE)
    codes = column[slots]
    sorting = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[sorting], return_index=True)
    parts = np.split(slots[sorting], starts[1:]) if len(slots) else []
    return sorted(
        ((labels[code], part) for code, part in zip(present.tolist(), parts, strict=True)),
        key=lambda pair: pair[0],
    )
