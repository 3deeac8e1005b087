"""Counts: each person is added to every stratum, cohort, answer and indicator that has them, one at a time."""

from collections import Counter
from collections.abc import Sequence

from tests.reference.answers import Asked, answers_of, people
from tests.reference.columns import column_absent
from tests.reference.reading import Record
from tests.reference.request import Request
from tests.reference.strata import stratum

Cell = tuple[str, ...]  # the strata in the order asked, then cohort, cohort answer and indicator
Triple = tuple[int | None, int | None, int | None]  # yes, no, unknown; None is hidden, or not answered

ANSWERS = ("yes", "no", "unknown")


def counts(records: Sequence[Record], columns: set[str], request: Request) -> dict[Cell, Triple | None]:
    """Exact counts. None stands for an indicator that a missing column leaves unanswered."""
    found: dict[Cell, Counter[str]] = {}
    absent = column_absent(columns, request)
    for person, record in zip(people(records, columns, request, Counter()), records, strict=True):
        answers = answers_of(person)
        if answers["excluded"]:
            continue
        strata = tuple(stratum(name, person, record) for name in request.strata)
        for cohort in cohorts(person.asked):
            group = (*strata, cohort, str(answers[cohort]))
            for indicator in request.indicators or (*person.asked.questions, *absent):
                answer = answers[indicator]
                if indicator in absent or answer != "not_applicable":
                    found.setdefault((*group, indicator), Counter())[str(answer)] += 1
    return {cell: None if cell[-1] in absent else _triple(tally) for cell, tally in found.items()}


def cohorts(asked: Asked) -> tuple[str, ...]:
    """Those of the request, else all that can be answered."""
    return asked.request.cohorts or tuple(name for name, question in asked.questions.items() if question.is_cohort)


def _triple(tally: Counter[str]) -> Triple:
    return (tally["yes"], tally["no"], tally["unknown"])


def released(exact: Triple) -> Triple:
    """One row under the policy `hes`, before further cells are hidden to protect linked ones."""
    yes, no, unknown = (rounded(number or 0) for number in exact)
    return (yes, no, unknown)


def rounded(number: int) -> int | None:
    """0 stays 0, 1 to 7 are hidden, others are rounded to the nearest 5."""
    if number == 0:
        return 0
    return None if number <= 7 else (number + 2) // 5 * 5
