"""Measures of inequality and completeness: served as embedded, sent where they are asked for and nowhere else."""

from typing import Any

import pyarrow as pa
import pytest

import core20plus5
from core20plus5_client import Client, RequestError
from core20plus5_proto.v1 import service_pb2 as service
from tests.e2e.asking import ASK, assert_same_counts, assert_same_table

STRATA = ["imd_quintile", "ethnic_group"]


def test_they_come_with_every_small_table(client: Client, few: pa.Table) -> None:
    result = assert_same_counts(client, few, strata=STRATA, plus_groups="all")
    assert result.inequality.num_rows > 0
    assert {"rate", "gap", "sii"} <= set(result.inequality.column("statistic").to_pylist())
    assert result.completeness is None


@pytest.mark.parametrize("strata", [[], ["practice_code"], ["icb_code", "imd_quintile", "practice_code"]])
@pytest.mark.parametrize("disclosure", ["hes", "none"])
def test_completeness(client: Client, few: pa.Table, strata: list[str], disclosure: str) -> None:
    result = assert_same_counts(client, few, strata=strata, completeness=True, cohorts=["everyone"], disclosure=disclosure)
    assert result.completeness is not None
    assert result.completeness.num_rows > 20
    expected = [name for name in strata if name != "imd_quintile"]
    assert result.completeness.column_names[:-6] == expected


def test_completeness_of_columns_that_the_question_does_not_need(client: Client, few: pa.Table) -> None:
    result = assert_same_counts(client, few, indicators=["smi"], cohorts=["everyone"], completeness=True)
    assert result.completeness is not None
    assert {"ethnic_category", "sex", "age", "deprivation"} <= set(result.completeness.column("column").to_pylist())


def test_they_can_be_left_out_and_asked_for(client: Client, few: pa.Table) -> None:
    left_out = client.count_cohorts(few, **ASK, inequality=False)
    with pytest.raises(RequestError, match="inequality=True"):
        _ = left_out.inequality
    asked = client.count_cohorts(few, **ASK, inequality=True)
    assert asked.inequality.num_rows > 0


def test_a_table_in_many_messages(client: Client, sample: pa.Table) -> None:
    """Of more bytes than one message takes, with dictionaries in each."""
    question: dict[str, Any] = {"strata": ["practice_code"], "cohorts": ["everyone", "core20"], "disclosure": "none"}
    served = client.count_cohorts(sample, **ASK, **question, inequality=True)
    assert served.inequality.nbytes > 4 << 20
    assert_same_table(served.inequality, core20plus5.count_cohorts(sample, **ASK, **question).inequality)


def test_a_large_table_comes_without_them(client: Client, few: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = client.count_cohorts(few, **ASK).counts.num_rows
    monkeypatch.setattr("core20plus5_client.question.INEQUALITY_ROWS", rows)
    assert client.count_cohorts(few, **ASK).inequality.num_rows > 0
    monkeypatch.setattr("core20plus5_client.question.INEQUALITY_ROWS", rows - 1)
    with pytest.raises(RequestError, match=f"{rows:,} rows"):
        _ = client.count_cohorts(few, **ASK).inequality


def test_nobody(client: Client, few: pa.Table) -> None:
    result = client.count_cohorts(few.slice(0, 0), **ASK, strata=["sex"], completeness=True)
    assert result.inequality.num_rows == 0
    assert result.completeness is not None


def test_a_client_of_before_is_sent_what_it_knows() -> None:
    """It sends neither field: unset is neither table."""
    begin = service.CountBegin()
    assert (begin.inequality_max_rows, begin.completeness) == (0, False)
