"""The twin: what the ruleset says about each person, worked out one record at a time.

Slow, and meant to be seen to be right. Nothing of the engine is used here.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.reference.columns import column_absent, is_column, plus_groups, returned
from tests.reference.dates import days_between, is_in_season, is_on_register, is_within_months
from tests.reference.deprivation import deprivation, find_source
from tests.reference.organisations import is_no_organisation
from tests.reference.reading import DATES, Facts, Record, Tally, is_null, read
from tests.reference.refusals import check
from tests.reference.request import Refused, Request
from tests.reference.ruleset import Question, document
from tests.reference.sentences import Truth, any_of, tree_of, work_out

Answers = dict[str, str | None]
TEXT: dict[Truth, str] = {True: "yes", False: "no", None: "unknown"}


class Asked:
    """A request and the columns that were sent: what does not differ from person to person."""

    def __init__(self, columns: set[str], request: Request) -> None:
        self.columns = columns
        self.request = request
        self.source = find_source(columns, request)
        self.plus_groups = plus_groups(columns, request)
        self.column_absent = column_absent(columns, request)
        asked = returned(columns, request).items()
        self.questions = {name: question for name, question in asked if name not in self.column_absent}


class Person:
    """One person's facts, and how the words of a sentence are understood for them."""

    def __init__(self, record: Record, asked: Asked, tally: Tally) -> None:
        self.asked = asked
        self.facts: Facts = read(record, asked.request, tally)
        self.decile, self.no_decile_reason = deprivation(record, self.facts, asked.source, asked.request, tally)
        self.answers: Answers = {}

    def sentence(self, text: str) -> Any:
        return work_out(tree_of(text), self)

    def name(self, name: str) -> Any:
        """A name is, in this order: a word of the language, a column, a definition, a parameter, another indicator."""
        if name in ("age", "deprivation_decile", "reference_date"):
            return {
                "age": self.facts["age"],
                "deprivation_decile": self.decile,
                "reference_date": self.asked.request.reference_date,
            }[name]
        if is_column(name):
            return self.facts.get(name)
        if name in document()["definitions"]:
            return self.sentence(document()["definitions"][name])
        if name in document()["parameters"]:
            return self.asked.request.parameter(name)
        return self.as_truth(name)

    def call(self, function: str, arguments: list[Any]) -> Any:
        reference = self.asked.request.reference_date
        meanings: dict[str, Callable[..., Any]] = {
            "recorded": lambda value: value is not None,
            "is_yes": lambda truth: truth is True,
            "within_months": lambda day, months: is_within_months(day, months, reference),
            "in_season": lambda day, start, end: is_in_season(day, start, end, reference),
            "on_register": is_on_register,
            "days_between": days_between,
            "any_plus_group": lambda: any_of([self.as_truth(group) for group in self.asked.plus_groups]),
        }
        return meanings[function](*arguments)

    def as_truth(self, indicator: str) -> Truth:
        """Another indicator's answer; not applicable is no."""
        return {"yes": True, "unknown": None}.get(str(self.answer(indicator)), False)

    def answer(self, indicator: str) -> str | None:
        if indicator not in self.answers:
            self.answers[indicator] = self._answer(self.asked.questions[indicator])
        return self.answers[indicator]

    def _answer(self, question: Question) -> str:
        among = self.sentence(question.among)
        if among is False:
            return "not_applicable"
        if among is None:
            return "not_applicable" if question.is_not_applicable_when_among_is_unknown else "unknown"
        return TEXT[self.sentence(question.where) if self.sentence(question.known) is True else None]

    def excluded(self) -> str | None:
        """The first reason that applies."""
        for rule in document()["exclusions"]:
            if self.sentence(rule["where"]) is True:
                return str(rule["reason"])
        return None

    def check(self, tally: Tally) -> None:
        for rule in document()["checks"]:
            if self.sentence(rule["where"]) is True:
                tally[rule["column"], rule["reason"]] += 1


def people(records: Sequence[Record], columns: set[str], request: Request, tally: Tally) -> list[Person]:
    """Everyone received, excluded people too."""
    check(records, columns, request)
    asked = Asked(columns, request)
    found = [Person(record, asked, tally) for record in records]
    for person in found:
        person.check(tally)
    if not request.allow_later_facts:
        for name in DATES:
            dates = sum(not is_null(record.get(name)) for record in records)
            if tally[name, "after_reference_date"] * 100 > dates:
                raise Refused("extract_later_than_reference_date")
    return found


def answers(records: Sequence[Record], columns: set[str], request: Request) -> list[Answers]:
    """Per person: `excluded`, `core20_unknown_reason` and the answer to every question, None where a column is absent."""
    return [answers_of(person) for person in people(records, columns, request, Counter())]


def answers_of(person: Person) -> Answers:
    reason = person.excluded()
    nothing: Answers = dict.fromkeys([*person.asked.questions, *person.asked.column_absent])
    if reason:
        return {"excluded": reason, "core20_unknown_reason": None} | nothing
    answered = {name: person.answer(name) for name in person.asked.questions}
    return {"excluded": None, "core20_unknown_reason": person.no_decile_reason} | nothing | answered


def quality(records: Sequence[Record], columns: set[str], request: Request) -> dict[tuple[str, str], int]:
    """What was noticed about the values: rows by column and reason."""
    tally: Tally = Counter()
    people(records, columns, request, tally)
    for name in request.strata:
        tally[name, "pseudo_code"] += sum(is_no_organisation(name, record.get(name)) for record in records)
    return {finding: rows for finding, rows in tally.items() if rows}
