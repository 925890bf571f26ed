"""Writes docs/facts.md from the tables of facts: what each holds, and from when on it is known."""

from __future__ import annotations

from pathlib import Path

from gadfly.ask.facts import TABLES
from gadfly.ask.table import Column, Sort, Table

PAGE = Path(__file__).parent.parent / "docs" / "facts.md"

HEAD = """\
<!-- Written by `make docs` from src/gadfly/ask/facts/; change it there. -->

# The facts that questions are asked of

Each [kind of question](kinds.md) is a query over the tables on this page. A node fills them from what it
knows; what it cannot know (who is on call, what was an incident, what was deployed) comes from a folder of
files or over the API, see [questions](questions.md). A folder alone is enough to ask of, without any node:

```csv title="facts/check.csv"
name,component,since
disk,db,2024-01-01T00:00:00Z
```

```csv title="facts/component.csv"
name,owner,tier,since
db,storage,1,2024-01-01T00:00:00Z
```

```json title="facts/alert.jsonl"
{"id": "a1", "check": "disk", "page": true, "started": "2026-03-01T02:10:00Z"}
{"id": "a2", "check": "disk", "page": true, "started": "2026-03-02T02:11:00Z"}
{"id": "a3", "check": "disk", "page": true, "started": "2026-03-03T02:09:00Z"}
{"id": "a4", "check": "disk", "page": true, "started": "2026-03-04T02:10:00Z"}
{"id": "a5", "check": "disk", "page": true, "started": "2026-03-05T02:12:00Z", "acted": 1772677200}
{"id": "a6", "check": "disk", "page": true, "started": "2026-03-06T02:10:00Z"}
{"id": "a7", "check": "disk", "page": true, "started": "2026-03-07T02:08:00Z"}
{"id": "a8", "check": "disk", "page": true, "started": "2026-03-08T02:10:00Z"}
```

```console
$ gadfly ask now --facts facts --at 2026-03-10T00:00:00Z --kind unacted
storage  unacted
    disk paged 8 times in 60 days; 1 led to something being done. What should a person do at the next one?
$ gadfly ask replay facts --from 2026-03-09 --to 2026-03-12 --json
…
```

`now` asks every kind once and prints all that it finds. `replay` goes through past days as a node would
have: each day knows only what was known then, and two sightings, quiet times, budgets and the order are a
node's.

## Files

One file a table, called `TABLE.csv` (with a line of names), `TABLE.jsonl` (one object a line) or
`TABLE.parquet`; several forms of one table are read together. Columns that are left out, empty cells and
`null` mean: not known. Blanks around a text are left out; of words such as `cause` or `dry` upper and lower
case are one. A file, column or value that does not fit is an error with file, line, column and
what is expected, and nothing of the folder is used. Files whose name begins with a dot are passed over. A
file has at most 4 GB, a table 20,000,000 rows, a text 4,096 characters.

| sort | written as |
|---|---|
| text | UTF-8 |
| number, integer | `0.5`, `1e3`, `12`; finite |
| flag | `true` or `false`; also `1`, `0`, `yes`, `no` |
| time, plan | `2026-03-01T08:00:00Z` or with an offset; or seconds since 1970 |
| day | `2026-03-01`, in UTC; or days since 1970 |
| list | `["a", "b"]`; in CSV also `a;b` |

Durations are seconds, shares 0 … 1.

## What is known when

A question that is asked as of some time, today's too, must not know what came later. So a query sees each
table as it was known then: a row from its birth on and no longer than it lasted; a cell of sort `time` once
that time has come, and what became known with it (an outcome with the end) together with it, or with its row
where nobody says when. What is of sort `plan` was intended, and known before. A table without a birth is
always known. One thing may have several rows, one for each time its definition held; where a kind asks how
long a limit, an owner or a grant has been as it is, the first row that says the same counts.

## Persons

Write a person's name as it stands in the `person` of a token, or the address of the mailbox where letters to
that person go: only then is the person of a rota the one who acknowledged. Before a question of a node sees
them, cells of persons hold the ledger's pseudonym; so do principals (`person:anna`), and mail addresses in
the midst of words. Upper and lower case are one.
"""

SORTS: dict[Sort, str] = {"list": "list of texts"}


def page() -> str:
    """All of it."""
    return "\n".join([HEAD, *(_table(one) for one in TABLES.values())])


def _table(table: Table) -> str:
    lines = [f"## {table.name}", "", table.about + _seen(table), "", "| column | sort | |", "|---|---|---|"]
    lines += [f"| `{one.name}` | {SORTS.get(one.sort, one.sort)} | {_about(one)} |" for one in table.columns]
    return "\n".join([*lines, ""])


def _seen(table: Table) -> str:
    born = table.column(table.born) if table.born else None
    if born is None:
        return " Always known."
    begin = "when its day is over" if born.sort == "day" else f"from `{born.name}` on"
    return f" Known {begin}{f', until `{table.gone}`' if table.gone else ''}."


def _about(column: Column) -> str:
    known = f"known with `{column.known}`" if column.known else ""
    return "; ".join(part for part in (column.about.replace("|", "\\|"), known) if part)


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
