"""Every page of the specification, asked of the slow twin and of the engine."""

from typing import Any

import pytest

from core20plus5.errors import Core20Plus5Error
from tests.reference.answers import answers, quality
from tests.reference.counting import counts, released
from tests.reference.request import Refused
from tests.reference.ruleset import ruleset_questions
from tests.spec.book import PAGES
from tests.spec.engine import Counts, Findings, Flags, engine_counts, engine_flags, to_table
from tests.spec.page import Page
from tests.spec.write import FILE, the_book


class Twin:
    """The reference, one record at a time."""

    def flags(self, page: Page) -> Flags:
        return answers(page.records, set(page.columns), page.request())

    def findings(self, page: Page) -> Findings:
        return quality(page.records, set(page.columns), page.request())

    def counts(self, page: Page) -> Counts:
        request = page.request()
        found = []
        for cell, exact in counts(page.records, set(page.columns), request).items():
            triple = exact and (exact if request.disclosure == "none" else released(exact))
            names = (*request.strata, "cohort", "cohort_answer", "indicator")
            found.append(
                dict(zip(names, cell, strict=True))
                | dict(zip(("yes", "no", "unknown"), triple or (None,) * 3, strict=True))
                | {"suppressed": triple is not None and None in triple, "status": "ok" if exact else "column_absent"}
            )
        return found

    def refusal(self, page: Page) -> str:
        with pytest.raises(Refused) as error:
            self.counts(page)
        return str(error.value)


class Engine:
    """The kernels, all records at once."""

    def flags(self, page: Page) -> Flags:
        return engine_flags(to_table(page.records, page.columns), page.request())[0]

    def findings(self, page: Page) -> Findings:
        ask = engine_counts if page.counts else engine_flags
        return ask(to_table(page.records, page.columns), page.request())[1]

    def counts(self, page: Page) -> Counts:
        return engine_counts(to_table(page.records, page.columns), page.request())[0]

    def refusal(self, page: Page) -> str:
        with pytest.raises(Core20Plus5Error) as error:
            self.counts(page)
        return error.value.code


def on_both(*pages: Page) -> Any:
    """Parametrise a test by page and by who is asked."""

    def mark(test: Any) -> Any:
        test = pytest.mark.parametrize("asked", [Twin(), Engine()], ids=["twin", "engine"])(test)
        return pytest.mark.parametrize("page", [pytest.param(page, id=page.title) for page in pages])(test)

    return mark


@on_both(*(page for page in PAGES if page.answer_names))
def test_answers(page: Page, asked: Twin | Engine) -> None:
    found = [{name: row[name] for name in page.answer_names} for row in asked.flags(page)]
    assert found == page.expected_answers


@on_both(*(page for page in PAGES if page.counts))
def test_counts(page: Page, asked: Twin | Engine) -> None:
    expected, found = page.expected_counts, asked.counts(page)
    assert sorted(map(_cell, found)) == sorted(map(_cell, expected))
    by_cell = {_cell(row): row for row in found}
    for row in expected:
        for name, accepted in row.items():
            assert by_cell[_cell(row)][name] in accepted, (row, name)


def _cell(row: dict[str, Any]) -> tuple[str, ...]:
    """What names a row of counts: strata, cohort, cohort answer and indicator."""
    numbers = ("yes", "no", "unknown", "suppressed", "status")
    return tuple(str(value[0] if isinstance(value, tuple) else value) for name, value in row.items() if name not in numbers)


@on_both(*(page for page in PAGES if page.quality))
def test_findings(page: Page, asked: Twin | Engine) -> None:
    named = {column for column, _ in page.expected_findings}
    found = {finding: rows for finding, rows in asked.findings(page).items() if finding[0] in named}
    assert found == page.expected_findings


@on_both(*(page for page in PAGES if page.refused))
def test_refusals(page: Page, asked: Twin | Engine) -> None:
    assert asked.refusal(page) == page.refused


def test_every_page_expects_something() -> None:
    assert not [page.title for page in PAGES if not (page.answer_names or page.counts or page.quality or page.refused)]


def test_titles_are_unique() -> None:
    titles = [page.title for page in PAGES]
    assert len(set(titles)) == len(titles)


@pytest.fixture(scope="module")
def drawn() -> dict[str, set[str | None]]:
    """The answers that the pages draw, by indicator."""
    found: dict[str, set[str | None]] = {}
    for page in PAGES:
        for row in page.expected_answers:
            for indicator, answer in row.items():
                found.setdefault(indicator, set()).add(answer)
    return found


@pytest.mark.parametrize("indicator", ruleset_questions())
def test_every_indicator_has_a_page(indicator: str, drawn: dict[str, set[str | None]]) -> None:
    """With a drawn yes, and a drawn answer that is not yes."""
    assert "yes" in drawn[indicator]
    assert drawn[indicator] - {"yes"}


def test_the_book_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == the_book(), "regenerate: python -m tests.spec.write"
