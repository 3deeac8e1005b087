"""Only the columns that an answer needs leave the caller's machine, and every one that it needs does."""

from datetime import date
from typing import Any

import pytest

from core20plus5_client.columns import check_imd_table, check_names, columns_to_send
from core20plus5_client.errors import RequestError, SchemaError
from core20plus5_client.messages import read_record, read_ruleset
from core20plus5_client.question import make_question
from core20plus5_proto.v1 import questions_pb2 as questions
from tests.clients import client_fake as fake

RECORD, RULESET = read_record(fake.record()), read_ruleset(fake.ruleset())
DEPRIVATION = {"lsoa_code", "imd_rank", "imd_rank_2025", "imd_decile", "imd_decile_2025", "no_imd_reason"}
PEOPLE = {"birth_date", "age_years", "death_date"}
PLUS = {"ethnic_category", "learning_disability"}
ALL = [*fake.RECORD, "plus_farm", "plus_", "postcode", "ward"]


def question(**changes: Any) -> questions.Question:
    standard: dict[str, Any] = {
        "reference_date": date(2026, 3, 31),
        "imd_version": "2025",
        "plus_groups": (),
        "ruleset": "core20plus5-adults",
        "indicators": None,
        "imd_from": None,
        "null_means_no": (),
        "parameters": None,
        "allow_later_facts": False,
    }
    return make_question(**standard | changes)


def sent(names: Any = ALL, *, strata: Any = (), cohorts: Any = None, counting: bool = True, **changes: Any) -> set[str]:
    chosen = None if cohorts is None else questions.Names(names=cohorts)
    asked = question(**changes)
    return set(columns_to_send(names, asked, RULESET, RECORD, strata=strata, cohorts=chosen, counting=counting))


def test_everything_asked_is_what_the_ruleset_names_and_deprivation_and_local_groups() -> None:
    assert sent() == set(RULESET.columns) | DEPRIVATION | {"plus_farm"}


def test_columns_keep_the_callers_order() -> None:
    backwards = ALL[::-1]
    found = columns_to_send(backwards, question(), RULESET, RECORD, counting=True)
    assert found == [name for name in backwards if name in set(found)]


def test_flags_send_the_identifier_and_counts_do_not() -> None:
    assert "person_id" in sent(counting=False)
    assert "person_id" not in sent()


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("lsoa_code", {"lsoa_code", "no_imd_reason"}),
        ("imd_rank", {"imd_rank", "imd_rank_2019", "no_imd_reason"}),
        ("imd_decile", {"imd_decile", "imd_decile_2019", "no_imd_reason"}),
    ],
)
def test_deprivation_comes_from_the_one_source_that_is_named(source: str, columns: set[str]) -> None:
    found = sent(imd_version="2019", imd_from=source)
    assert {name for name in found if "imd" in name or name == "lsoa_code"} == columns


def test_one_indicator_sends_its_own_columns_those_of_cohorts_and_of_exclusions() -> None:
    found = sent(indicators=["hypertension"], cohorts=["core20"])
    assert found == PEOPLE | DEPRIVATION | {"bp_date", "bp_systolic", "plus_farm"}


def test_cohorts_left_out_are_all_cohorts() -> None:
    found = sent(indicators=["hypertension"])
    assert found == PEOPLE | DEPRIVATION | {"bp_date", "bp_systolic", "plus_farm"} | PLUS
    assert "ethnic_category" not in sent(indicators=["hypertension"], counting=False)


def test_plus_groups_are_sent_whatever_is_asked() -> None:
    narrow: dict[str, Any] = {"indicators": ["core20"], "cohorts": ["everyone"]}
    assert "learning_disability" not in sent(**narrow)
    assert "learning_disability" in sent(**narrow, plus_groups=["learning_disability"])
    assert {"learning_disability", "ethnic_category"} <= sent(**narrow, plus_groups="all")


@pytest.mark.parametrize(
    ("stratum", "column"),
    [
        ("ethnic_group", "ethnic_category"),
        ("age_band_5y", "age_years"),
        ("sex", "sex"),
        ("practice_code", "practice_code"),
        ("ward", "ward"),
        ("bp_systolic", "bp_date"),  # a value is void where its date is after the reference date
        ("imd_quintile", "imd_rank_2025"),
    ],
)
def test_strata_send_what_they_are_read_from(stratum: str, column: str) -> None:
    assert column in sent(indicators=["core20"], cohorts=["core20"], strata=[stratum])


def test_only_columns_that_are_there_are_sent() -> None:
    assert sent(["sex", "postcode"], strata=["ward"]) == {"sex"}
    assert sent([]) == set()


def test_a_repeated_name_is_refused() -> None:
    with pytest.raises(SchemaError) as caught:
        check_names(["sex", "age_years", "sex", "sex", "age_years"])
    assert caught.value.problems == ["column 'age_years': sent more than once", "column 'sex': sent more than once"]


def test_lsoa_codes_need_a_table_that_the_server_has() -> None:
    with pytest.raises(RequestError, match="has no IMD 2025 table: start it with --imd-table 2025=FILE"):
        check_imd_table(["lsoa_code", "imd_rank"], question(), RECORD, ["2019"])
    check_imd_table(["lsoa_code"], question(), RECORD, ["2019", "2025"])
    check_imd_table(["lsoa_code", "imd_rank"], question(imd_from="imd_rank"), RECORD, [])
    check_imd_table(["imd_rank"], question(), RECORD, [])
    check_imd_table(["lsoa_code"], question(imd_version="1066"), RECORD, [])  # the server says what is wrong with that
