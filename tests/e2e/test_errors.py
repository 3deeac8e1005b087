"""What a user sees when something is wrong: the same class and the same words as from the embedded engine."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import core20plus5
from core20plus5.errors import Core20Plus5Error
from core20plus5_client import Client, errors
from tests.e2e.asking import ASK

_NHS_NUMBER = 9434765919

#: The question, the class, and words of the text.
QUESTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"strata": ["no_such_column"]}, "RequestError", "strata: .*'no_such_column'"),
    ({"strata": ["person_id"]}, "RequestError", "strata: .*person_id"),
    ({"strata": ["birth_date"]}, "RequestError", "strata: .*birth_date"),
    ({"strata": ["sex", "sex"]}, "RequestError", "^strata .*sex"),
    ({"plus_groups": ["no_such_group"]}, "RequestError", "plus_groups: .*'no_such_group'"),
    ({"plus_groups": ["plus_no_such"]}, "RequestError", "plus_no_such"),
    ({"cohorts": ["no_such_cohort"]}, "RequestError", "cohorts: .*'no_such_cohort'"),
    ({"cohorts": []}, "RequestError", "cohorts"),
    ({"indicators": ["no_such_indicator"]}, "RequestError", "indicators: .*'no_such_indicator'"),
    ({"indicators": []}, "RequestError", "indicators"),
    ({"parameters": {"no_such_parameter": 1}}, "RequestError", "parameters: .*'no_such_parameter'"),
    ({"parameters": {"adult_min_age": 18.5}}, "RequestError", "adult_min_age"),
    ({"parameters": {"adult_min_age": "09-01"}}, "RequestError", "adult_min_age"),
    ({"parameters": {"flu_season_start": "02-30"}}, "RequestError", "flu_season_start"),
    ({"parameters": {"flu_season_start": 9}}, "RequestError", "flu_season_start"),
    ({"ruleset": "no-such-ruleset"}, "RulesetError", "no-such-ruleset"),
    ({"ruleset": "core20plus5-adults@1066.1"}, "RulesetError", "1066"),
    ({"disclosure": "no_such_policy"}, "RequestError", "^disclosure .*no_such_policy"),
    ({"imd_version": "2015"}, "RequestError", "^imd_version "),
    ({"imd_from": "imd_decile"}, "RequestError", "imd_from: "),
    ({"null_means_no": ["sex"]}, "RequestError", "null_means_no: .*sex"),
    ({"reference_date": date(1066, 10, 14)}, "RequestError", "reference_date"),
    ({"reference_date": None}, "RequestError", "reference_date"),
]


def assert_same_error(client: Client, data: Any, name: str, words: str, imd: Path | None = None, **question: Any) -> None:
    asked = ASK | question
    with pytest.raises(Core20Plus5Error) as embedded:
        core20plus5.count_cohorts(data, imd_table=imd, **asked)
    with pytest.raises(errors.Core20Plus5Error) as served:
        client.count_cohorts(data, **asked)
    assert type(served.value).__name__ == type(embedded.value).__name__ == name
    assert str(served.value) == str(embedded.value)
    assert re.search(words, str(served.value)), str(served.value)
    assert served.value.code == embedded.value.code
    # No chain of exceptions from gRPC: its text is for nobody.
    assert served.value.__cause__ is None
    assert served.value.__suppress_context__ or served.value.__context__ is None


@pytest.mark.parametrize(("question", "name", "words"), QUESTIONS)
def test_questions(client: Client, few: pa.Table, question: dict[str, Any], name: str, words: str) -> None:
    assert_same_error(client, few, name, words, **question)


def replaced(table: pa.Table, **columns: Any) -> pa.Table:
    for name, values in columns.items():
        if name in table.column_names:
            table = table.drop_columns([name])
        table = table.append_column(name, values)
    return table


def test_wrong_types_are_named_all_at_once(client: Client, few: pa.Table) -> None:
    rows = few.num_rows
    texts = pa.array(["x"] * rows)
    table = replaced(few, bp_date=texts, ldl_mmol=texts, autism=texts, death_date=pa.array([1.5] * rows))
    assert_same_error(client, table, "SchemaError", "bp_date")
    with pytest.raises(errors.SchemaError) as served:
        client.count_cohorts(table, **ASK)
    assert len(served.value.problems) == 4
    for name in ("bp_date", "ldl_mmol", "autism", "death_date"):
        assert sum(f"'{name}'" in problem for problem in served.value.problems) == 1


def test_types_that_change_on_the_way(client: Client, few: pa.Table) -> None:
    """The server has seen good batches by then."""
    wrong = replaced(few, autism=pa.array(["x"] * few.num_rows))

    def batches() -> Any:
        for _ in range(20):
            yield from few.to_batches()
        yield from wrong.to_batches()

    with pytest.raises(errors.SchemaError, match="autism"):
        client.count_cohorts(batches(), **ASK, plus_groups="all")


def test_an_extract_later_than_the_reference_date(client: Client, few: pa.Table) -> None:
    later = replaced(few, bp_date=pa.array([date(2026, 4, 1)] * few.num_rows))
    assert_same_error(client, later, "LaterThanReferenceDateError", "'bp_date'.*allow_later_facts")


def nhs_numbers(rows: int) -> list[int]:
    """Numbers of ten digits whose last one checks the others."""
    found = []
    for start in range(943_476_500, 943_476_500 + 2 * rows):
        check = -sum(int(digit) * weight for digit, weight in zip(str(start), range(10, 1, -1), strict=True)) % 11
        if check != 10:
            found.append(start * 10 + check)
    assert _NHS_NUMBER in found
    return found[:rows]


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("column", ["person_id", "ward"])
def test_nhs_numbers(client: Client, few: pa.Table, column: str, as_text: bool) -> None:
    numbers = pa.array(nhs_numbers(few.num_rows))
    table = replaced(few, **{column: numbers.cast(pa.string()) if as_text else numbers})
    if column == "ward":
        assert_same_error(client, table, "NhsNumberError", "'ward'", strata=["ward"])
    with pytest.raises(errors.NhsNumberError, match=column) as served:
        list(client.flag_patients(table, **ASK)) if column == "person_id" else client.count_cohorts(table, **ASK, strata=["ward"])
    assert not re.search(r"\d{10}", str(served.value))


def test_lsoa_codes_of_another_vintage(client: Client, few: pa.Table, imd: Path) -> None:
    codes = pa.array([f"E01{900_000 + number % 99:06d}" for number in range(few.num_rows)])
    assert_same_error(client, replaced(few, lsoa_code=codes), "LsoaVintageError", "lsoa_code", imd)
    # As flags go, this shows at the end only.
    with pytest.raises(errors.LsoaVintageError):
        list(client.flag_patients(replaced(few, lsoa_code=codes), **ASK))
