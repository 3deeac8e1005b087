"""The pages as a book to read: `python -m tests.spec.write` writes SPEC.md."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.spec.book import CHAPTERS, Chapter
from tests.spec.indicators import INDICATORS
from tests.spec.page import Drawn, Page, draw

FILE = Path(__file__).with_name("SPEC.md")

PREFACE = """\
# What the adult ruleset answers

Every rule of `core20plus5-adults`, with people drawn for it. Each page is a test: it is asked of the engine, and of a slow
second implementation that works through one record at a time. The expected answers are written by hand.

How to read a page:

* One line of a table is one person, as at the reference date. An empty cell is null: nothing was recorded.
* A heading in bold with a question mark is an indicator; under it is the answer: yes, no, unknown or not applicable.
  For people who are left out, there is no answer.
* Columns that are not drawn and not said to be the same for everyone were not sent.

This file is generated from the pages beside it, by `python -m tests.spec.write`; a test compares the two.
"""

INTRODUCTION = """\
A cohort is what counts are broken down by; an area, a measure or a finding is asked among some people only. `plus_boaters`
stands for every column whose name begins with `plus_`. A target is a share; that of `cancer_early_stage` is set for tumours,
and is shown for orientation.\
"""


def the_book() -> str:
    contents = "\n".join(f"{number}. [{chapter.title}](#{_anchor(chapter, number)})" for number, chapter in _numbered())
    chapters = [_chapter(chapter, number) for number, chapter in _numbered()]
    indicators = ["## The indicators", "", INTRODUCTION, "", *_rows(INDICATORS), ""]
    return "\n".join([PREFACE, contents, "", *indicators, *chapters]).rstrip() + "\n"


def _numbered() -> list[tuple[int, Chapter]]:
    return list(enumerate(CHAPTERS, start=1))


def _anchor(chapter: Chapter, number: int) -> str:
    heading = f"{number} {chapter.title}".lower()
    return "".join(letter for letter in heading if letter.isalnum() or letter == " ").replace(" ", "-")


def _chapter(chapter: Chapter, number: int) -> str:
    pages = [_page(page, f"{number}.{place}") for place, page in enumerate(chapter.pages, start=1)]
    return "\n".join([f"## {number}. {chapter.title}", "", chapter.about, "", *pages])


def _page(page: Page, number: str) -> str:
    parts = [f"### {number} {page.title}", "", page.about, "", _setting(page), "", *_people(page.table), ""]
    if page.counts:
        parts += ["The counts are:", "", *_rows(draw(page.counts)), ""]
    if page.quality:
        parts += ["The data quality report says:", "", *_rows(draw(page.quality)), ""]
    if page.refused:
        parts += [f"The request is refused: `{page.refused}`.", ""]
    return "\n".join(parts)


def _setting(page: Page) -> str:
    """The reference date, and what is the same for all the people of the page."""
    day = date.fromisoformat(page.on)
    parts = [f"As at {day.day} {day:%B %Y}."]
    same = [f"`{name}` {text or 'null'}" for name, text in page.everyone.items()]
    if same:
        parts.append(f"The same for everyone: {', '.join(same)}.")
    asked = [f"`{name}` {_plain(value)}" for name, value in page.asked.items()]
    if asked:
        parts.append(f"Asked with {', '.join(asked)}.")
    sent = [f"`{name}` as {'yes and no' if kind == 'bool' else f'{kind}s'}" for name, kind in page.sent_as.items()]
    if sent:
        parts.append(f"Sent: {', '.join(sent)}.")
    return " ".join(parts)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {part}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _people(table: Drawn) -> list[str]:
    header = [_heading(name) for name in table.header]
    return _markdown(header, [list(map(_cell, row)) for row in table.rows])


def _heading(name: str) -> str:
    if name in ("why", "how many"):
        return "" if name == "why" else name
    return f"**{name}**" if name.endswith("?") else f"`{name}`"


def _rows(table: Drawn) -> list[str]:
    return _markdown(list(table.header), [list(map(_cell, row)) for row in table.rows])


def _cell(text: str) -> str:
    """Text in quotation marks is kept as it is, blanks included."""
    return f"`{text}`" if text.startswith('"') else text


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose source is as readable as its rendering."""
    widths = [max(3, *(len(row[place]) for row in [header, *rows])) for place in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]


if __name__ == "__main__":
    FILE.write_text(the_book(), encoding="utf-8")
