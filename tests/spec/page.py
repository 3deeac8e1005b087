"""A page of the specification: a rule in words, a drawn table of people, the questions and the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import nan
from typing import Any

from tests.reference.reading import DATES, DATES_AS_THEY_STAND, LOCAL_NO, NUMBERS, OTHER_BOOLS
from tests.reference.request import Request

Row = dict[str, str]

#: Where each rank of an imaginary IMD table is: the LSOA whose number is the rank.
LSOAS = {"2019": 32_844, "2025": 33_755}


@dataclass(frozen=True)
class Drawn:
    """A drawn table: one line a row, cells between upright strokes. An empty cell is null."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def dictionaries(self) -> list[Row]:
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def draw(text: str) -> Drawn:
    lines = [line.strip() for line in text.strip().splitlines()]
    cells = [tuple(cell.strip() for cell in line.removeprefix("|").split("|")) for line in lines]
    widths = {len(row) for row in cells}
    if len(widths) != 1:
        raise ValueError(f"rows of a drawn table differ in width: {widths}\n{text}")
    return Drawn(cells[0], tuple(cells[1:]))


@dataclass(frozen=True)
class Page:
    """One rule, as a clinician can check it.

    people: a drawn table. A heading that ends in a question mark is an answer; `why` and `how many` are not columns.
    everyone: columns with the same value for all of them. asked: arguments besides the reference date.
    counts, quality: drawn tables of all that comes back. refused: the code of the error instead of any answer.
    sent_as: columns whose values are sent as another type: `integer`, `bool` or `number`.
    """

    title: str
    about: str
    people: str
    on: str = "2026-03-31"
    everyone: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    sent_as: Mapping[str, str] = field(default_factory=dict)
    counts: str = ""
    quality: str = ""
    refused: str = ""

    @property
    def table(self) -> Drawn:
        return draw(self.people)

    @property
    def answer_names(self) -> tuple[str, ...]:
        return tuple(name.removesuffix("?") for name in self.table.header if name.endswith("?"))

    @property
    def columns(self) -> tuple[str, ...]:
        drawn = (name for name in self.table.header if not name.endswith("?") and name not in ("why", "how many"))
        return (*self.everyone, *drawn)

    @property
    def records(self) -> list[dict[str, Any]]:
        """One record a person; `how many` people share a row."""
        found = []
        for row in self.table.dictionaries():
            texts = {**self.everyone, **row}
            record = {name: value_of(name, texts[name], self.sent_as.get(name)) for name in self.columns}
            found += [record] * int(row.get("how many", "1"))
        return found

    @property
    def expected_answers(self) -> list[dict[str, str | None]]:
        """Per person: the answer to each question, None where the cell is empty."""
        return [
            {name: row[f"{name}?"].replace(" ", "_") or None for name in self.answer_names}
            for row in self.table.dictionaries()
            for _ in range(int(row.get("how many", "1")))
        ]

    @property
    def expected_counts(self) -> list[dict[str, tuple[Any, ...]]]:
        """Per row: what each column may hold. A page that draws no `suppressed` and `status` expects nothing unusual."""
        standard = {"suppressed": "no", "status": "ok"}
        return [
            {name: _accepted(name, text) for name, text in (standard | row).items()} for row in draw(self.counts).dictionaries()
        ]

    @property
    def expected_findings(self) -> dict[tuple[str, str], int]:
        return {(row["column"], row["reason"]): int(row["rows"]) for row in draw(self.quality).dictionaries()}

    def request(self, **more: Any) -> Request:
        """As the twin takes it; lists become tuples, and an IMD table the imaginary one."""
        given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in self.asked.items()}
        if given.get("plus_groups") == "all":
            given["plus_groups"] = ("all",)
        if "imd_table" in given:
            given["imd_table"] = imaginary_imd_table(str(given.get("imd_version", "2025")))
        return replace(Request(date.fromisoformat(self.on)), **given, **more)


def value_of(name: str, text: str, sent_as: str | None = None) -> Any:
    """A cell as the value that is sent. Quotation marks keep blanks around a text."""
    if text == "":
        return None
    if text.startswith('"'):
        return text.strip('"')
    if name in DATES or name in DATES_AS_THEY_STAND:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    if text in ("yes", "no") and (sent_as == "bool" or is_bool(name)):
        return text == "yes"
    if sent_as in ("integer", "number") or is_bool(name) or name in NUMBERS or name.startswith("imd_"):
        return nan if text == "NaN" else float(text) if "." in text or sent_as == "number" else int(text)
    return text


def _accepted(name: str, text: str) -> tuple[Any, ...]:
    """The values that a cell of expected counts allows; an empty one is a count that must be hidden."""
    if name == "suppressed":
        return (text == "yes",)
    if name in ("yes", "no", "unknown"):
        number = text.removesuffix(" or hidden")
        return (int(number) if number else None, *([None] if number != text else []))
    return (text,)


def is_bool(name: str) -> bool:
    return name in LOCAL_NO or name in OTHER_BOOLS or name.startswith("plus_")


def imaginary_imd_table(version: str) -> dict[str, int]:
    return {f"E01{rank:06d}": rank for rank in range(1, LSOAS[version] + 1)}


def words(names: Sequence[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)
