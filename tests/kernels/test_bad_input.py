"""Every kind of bad input: a clear error or `unknown` with a tally; never a crash, a silent zero, or a value in a message."""

import pickle
import struct
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import core20plus5
from core20plus5.cohorts import counter
from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import open_call
from core20plus5.engine.count import DEFAULT_RULESET, count_exactly, release_counts
from core20plus5.errors import (
    DataError,
    ImdTableError,
    LaterThanReferenceDateError,
    LsoaVintageError,
    NhsNumberError,
    RequestError,
    RulesetError,
    SchemaError,
    TooManyCellsError,
)
from tests.ask import REFERENCE_DATE, cell, count, flags
from tests.tables import people

DECILES = people(3, imd_decile=[1, 5, None])


def test_every_bad_column_is_named_at_once() -> None:
    table = pa.table({"birth_date": ["1980-01-01"], "homeless": ["yes"], "bp_systolic": ["SECRET"], "sex": ["1"]})
    with pytest.raises(SchemaError) as caught:
        count(table)
    assert len(caught.value.problems) == 3
    assert "column 'birth_date': expected date, got string" in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_a_repeated_column_is_refused() -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["imd_decile", "imd_decile"])
    with pytest.raises(SchemaError, match="'imd_decile': sent more than once"):
        count(table)


def test_a_column_named_plus_any_is_refused() -> None:
    with pytest.raises(RequestError, match="plus_any"):
        count(people(1, plus_any=[True]))


def test_unknown_columns_are_ignored_and_listed() -> None:
    result = count(people(1, imd_decile=[1], favourite_colour=["red"]))
    assert result.provenance["columns_ignored"] == ["favourite_colour"]
    assert "sex" in result.columns_absent


def test_types_that_change_on_the_way_are_refused() -> None:
    other = pa.record_batch({"birth_date": ["1980-01-01"]})
    good = pa.record_batch({"birth_date": pa.array([date(1980, 1, 1)])})
    with pytest.raises(SchemaError, match="birth_date"):
        count([good, other])
    with pytest.raises(SchemaError, match="same columns"):
        count([good, pa.record_batch({"sex": ["1"]})])


@pytest.mark.parametrize("nothing", [[], DECILES.slice(0, 0), [DECILES.slice(0, 0).combine_chunks()], iter([])])
def test_no_records_are_no_rows(nothing: Any) -> None:
    result = count(nothing)
    assert result.counts.num_rows == 0
    assert result.provenance["rows_received"] == 0


def test_records_without_a_known_column_still_count_as_people() -> None:
    result = count(pa.table({"something": [1, 2, 3]}))
    assert cell(result.counts, indicator="everyone") == (3, 0, 0)
    assert cell(result.counts, indicator="core20") == (None, None, None)


def test_null_everywhere_is_unknown_and_not_no() -> None:
    table = people(4, birth_date=[None] * 4, imd_decile=[None] * 4, homeless=[None] * 4, hypertension_dx_latest=[None] * 4)
    counts = count(table).counts
    assert cell(counts, indicator="core20") == (0, 0, 4)
    assert cell(counts, indicator="homeless") == (0, 0, 4)
    assert cell(counts, indicator="hypertension") == (0, 0, 4)


def test_columns_of_the_null_type_are_all_null() -> None:
    table = pa.table({name: pa.nulls(2) for name in ("birth_date", "imd_decile", "homeless", "sex", "bp_systolic")})
    assert cell(count(table, strata=["sex"]).counts, indicator="core20", sex="unknown") == (0, 0, 2)


def test_unknown_codes_are_tallied_by_column_and_reason() -> None:
    table = people(3, imd_decile=[0, 11, 3], sex=["1", "q", None], ethnic_category=["A1", "T", ""], ltc_count=[-1, 2, None])
    quality = count(table, strata=["sex"]).quality.to_pylist()
    assert {"column": "sex", "reason": "invalid", "rows": 1} in quality
    assert {"column": "ethnic_category", "reason": "invalid", "rows": 1} in quality
    assert {"column": "imd_decile", "reason": "invalid", "rows": 2} in quality
    assert {"column": "ltc_count", "reason": "invalid", "rows": 1} in quality


def test_dates_out_of_all_range_do_no_harm() -> None:
    births = pa.array([-(2**31), 2**31 - 1, -800_000], pa.int32()).cast(pa.date32())
    result = count(pa.table({"birth_date": births, "imd_decile": [1, 1, 1]}))
    assert result.provenance["rows_excluded"] == {"died": 0, "born_after": 1, "not_registered": 0, "implausible_age": 2}


def test_no_reference_date() -> None:
    with pytest.raises(TypeError, match="reference_date"):
        core20plus5.count_cohorts(DECILES, imd_version="2025")  # type: ignore[call-arg]
    with pytest.raises(RequestError, match="reference_date is missing"):
        count(DECILES, reference_date=None)


REQUESTS = [
    ({"reference_date": "2026-03-31"}, "datetime.date"),
    ({"imd_version": "2020"}, "imd_version must be one of 2019, 2025"),
    ({"disclosure": "some"}, "disclosure must be one of hes, opensafely, midpoint6, threshold10, none"),
    ({"strata": ["shoe_size"]}, "there is no column 'shoe_size'"),
    ({"strata": "sex"}, "strata must be a list"),
    ({"strata": ["sex", "sex"]}, "names sex more than once"),
    ({"strata": ["birth_date"]}, "'birth_date' cannot be one"),
    ({"strata": ["core20plus_segment"]}, "needs plus_groups"),
    ({"plus_groups": ["gamers"]}, "'gamers' is no PLUS group"),
    ({"plus_groups": ["core20"]}, "'core20' is no PLUS group"),
    ({"plus_groups": ["homeless"]}, "needs column homeless, which is absent"),
    ({"plus_groups": ["plus_carer"]}, "needs column plus_carer, which is absent"),
    ({"plus_groups": ["all", "homeless"]}, "not both"),
    ({"cohorts": ["gamers"]}, "there is no indicator 'gamers'"),
    ({"cohorts": ["hypertension"]}, "'hypertension' is no cohort"),
    ({"cohorts": ["homeless"]}, "needs column homeless, which is absent"),
    ({"cohorts": ["plus_any"]}, "'plus_any' needs plus_groups"),
    ({"cohorts": []}, "empty list"),
    ({"indicators": ["steps"]}, "there is no indicator 'steps'"),
    ({"indicators": ["core20plus"]}, "'core20plus' needs plus_groups"),
    ({"imd_from": "postcode"}, "imd_from must be one of"),
    ({"imd_from": "lsoa_code"}, "have no column 'lsoa_code'"),
    ({"null_means_no": ["core20"]}, "null_means_no: 'core20' is none of"),
    ({"parameters": {"bp_limit": 1}}, "there is no parameter 'bp_limit'"),
    ({"parameters": {"bp_target_systolic": "high"}}, "is given in mmHg"),
    ({"parameters": {"bp_recorded_months": 1.5}}, "is given in months"),
    ({"parameters": {"bp_recorded_months": -1}}, "is given in months"),
    ({"parameters": {"flu_season_start": "31-12"}}, "is given in month-day"),
]


@pytest.mark.parametrize(("arguments", "message"), REQUESTS, ids=[str(arguments) for arguments, _ in REQUESTS])
def test_requests_that_cannot_be_met(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        count(DECILES, **arguments)


def test_an_unknown_ruleset() -> None:
    with pytest.raises(RulesetError, match="known are core20plus5-adults@"):
        count(DECILES, ruleset="core20plus4")


def test_person_id_is_no_stratum() -> None:
    with pytest.raises(RequestError, match="never person_id"):
        count(people(1, person_id=["a"]), strata=["person_id"])


def test_lsoa_codes_need_a_table_unless_another_source_is_named() -> None:
    table = people(1, lsoa_code=["E01000001"], imd_decile=[1])
    with pytest.raises(RequestError, match="no IMD 2025 table is loaded"):
        count(table)
    assert cell(count(table, imd_from="imd_decile").counts, indicator="core20") == (1, 0, 0)


def test_an_imd_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImdTableError, match=r"none\.csv"):
        count(people(1, lsoa_code=["E01000001"]), imd_table=tmp_path / "none.csv")


def test_too_many_populated_cells_are_refused() -> None:
    rows = 20_000
    table = people(rows, household=[str(row) for row in range(rows)])
    call = open_call(table, True, None, DEFAULT_RULESET, reference_date=REFERENCE_DATE, imd_version="2025", strata=["household"])
    with pytest.raises(TooManyCellsError, match=r"20000 populated strata x .* cells of memory: leave out a stratum"):
        count_exactly(call, max_cells=30_000)


@pytest.mark.parametrize("room", [58_000, 75_000])
def test_what_is_equal_is_joined_before_it_is_refused(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight people with the same answers in each household take the room of one where there is no more: when the records of all
    of them take half of it, or when all else, labels above all, leaves less."""
    monkeypatch.setattr(counter, "TABLE_CELLS", 800)
    rows, asked = (
        16_000,
        {"reference_date": REFERENCE_DATE, "imd_version": "2025", "strata": ["household"], "cohorts": ["everyone"]},
    )
    table = people(rows, household=[str(row % 2_000) for row in range(rows)])
    call = open_call(table, True, None, DEFAULT_RULESET, **asked)
    roomy, cramped = count_exactly(call), count_exactly(call, max_cells=room)
    assert roomy.records.people.max() == 1
    assert cramped.records.people.min() == 8
    assert release_counts(call, cramped).counts.equals(release_counts(call, roomy).counts)
    with pytest.raises(TooManyCellsError):
        count_exactly(call, max_cells=48_000)


def test_labels_take_room_as_well() -> None:
    """A text of one's own for each person would fill the memory with labels long before it did with cells."""
    rows = 40_000
    table = people(rows, household=[f"household {row}" for row in range(rows)])
    one: dict[str, Any] = {"indicators": ["everyone"], "cohorts": ["everyone"], "strata": ["household"]}
    call = open_call(table, True, None, DEFAULT_RULESET, reference_date=REFERENCE_DATE, imd_version="2025", **one)
    with pytest.raises(TooManyCellsError, match="40000 populated strata"):
        count_exactly(call, max_cells=16 * rows)  # twice what its cells take


def test_facts_after_the_reference_date() -> None:
    born = date(1980, 1, 1)
    dates = [date(2026, 4, 1)] * 2 + [date(2026, 1, 1)] * 98
    table = people(100, birth_date=[born] * 100, hypertension_dx_latest=dates)
    with pytest.raises(LaterThanReferenceDateError, match=r"extract_later_than_reference_date.*hypertension_dx_latest"):
        count(table)
    result = count(table, allow_later_facts=True)
    assert cell(result.counts, indicator="hypertension") == (98, 2, 0)
    assert {"column": "hypertension_dx_latest", "reason": "after_reference_date", "rows": 2} in result.quality.to_pylist()
    with pytest.raises(LaterThanReferenceDateError):
        flags(table)
    one = table.slice(1)  # 1 of 99 is still more than 1 %; 1 of 100 is not
    with pytest.raises(LaterThanReferenceDateError):
        count(one)
    assert count(pa.concat_tables([one, one.slice(1, 1)])).provenance["rows_received"] == 100


NHS_NUMBERS = ["9434765919", "943 476 5870", "401-023-2137", "9876543210"]  # valid check digits, made up


@pytest.mark.parametrize("column", ["person_id", "something_else"])
def test_a_column_that_looks_like_nhs_numbers_is_refused(column: str) -> None:
    table = people(4, imd_decile=[1] * 4, **{column: NHS_NUMBERS})
    with pytest.raises(NhsNumberError, match=column) as caught:
        count(table)
    assert not any(number in str(caught.value) for number in NHS_NUMBERS)
    with pytest.raises(NhsNumberError):
        flags(pa.table({column: [9434765919] * 3}))


def test_ten_digit_pseudonyms_pass() -> None:
    pseudonyms = [str(1_000_000_007 + 7_919 * row) for row in range(200)]
    assert flags(people(200, person_id=pseudonyms))["person_id"].to_pylist() == pseudonyms


def test_codes_of_the_other_vintage_are_refused() -> None:

    deciles = np.array([0] + [1] * 100, np.int8)
    table = ImdTable("2025", "", "made up", deciles, deciles.astype(np.int32))
    codes = [f"E010{number:05}" for number in range(1, 104)]
    with pytest.raises(LsoaVintageError, match="LSOA 2021 codes"):
        count(people(103, lsoa_code=codes), imd_table=table)
    result = count(people(102, lsoa_code=codes[:102]), imd_table=table)
    assert cell(result.counts, indicator="core20") == (100, 0, 2)
    assert {"column": "lsoa_code", "reason": "not_in_table", "rows": 2} in result.quality.to_pylist()


def test_a_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(people(50_000, imd_decile=list(range(1, 11)) * 5_000), path)
    content = path.read_bytes()
    # The footer is whole, the pages are not.
    path.write_bytes(content[:100] + bytes(len(content) - 1_100) + content[-1_000:])
    with pytest.raises(DataError, match="corrupt or truncated"):
        count(ds.dataset(path))


def test_forged_offsets_are_found_before_they_are_followed() -> None:
    batch = pa.record_batch({"ethnic_category": ["A", "B"]})
    content = pa.ipc.new_stream(sink := pa.BufferOutputStream(), batch.schema)
    content.write(batch)
    content.close()
    offsets, forged = (np.array([0, 1, end], np.int32).tobytes() for end in (2, 2_000_000_000))
    stream = sink.getvalue().to_pybytes()
    assert offsets in stream
    with pytest.raises(DataError, match="corrupt"):
        count(pa.ipc.open_stream(stream.replace(offsets, forged)))


def test_a_view_of_negative_length_under_a_null_is_not_followed() -> None:
    views = struct.pack("<i12s", 5, b"hello") + struct.pack("<i12x", -(2**31))
    array = pa.Array.from_buffers(pa.string_view(), 2, [pa.py_buffer(b"\1"), pa.py_buffer(views)])
    array.validate(full=True)  # Arrow sees nothing
    for sent in (array, pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), array)):
        with pytest.raises(DataError, match="corrupt"):
            count(pa.record_batch([sent], names=["ethnic_category"]))


def test_errors_keep_their_problems_on_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(SchemaError(["column 'a': bad", "column 'b': bad"])))
    assert error.problems == ["column 'a': bad", "column 'b': bad"]
    assert str(error) == "column 'a': bad; column 'b': bad"


@pytest.mark.parametrize("data", [None, 7, "people.parquet", {"a": [1]}, [1], [None]])
def test_data_that_is_not_arrow(data: Any) -> None:
    with pytest.raises(RequestError, match="Arrow"):
        core20plus5.count_cohorts(data, reference_date=REFERENCE_DATE, imd_version="2025")


@pytest.mark.parametrize("name", ["cohort", "yes", "status"])
def test_a_stratum_that_would_be_taken_for_a_column_of_the_answer_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match="column of the answer"):
        count(people(3, **{name: ["a", "b", "c"]}), strata=[name])
