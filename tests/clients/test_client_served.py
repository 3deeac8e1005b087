"""Through the server as embedded: the same tables, the same provenance, the same errors."""

import csv
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

import core20plus5
from core20plus5.errors import Core20Plus5Error
from core20plus5_cli.population import sample_people
from core20plus5_client import Client, errors
from tests.clients.client_server import real_server

ASK: dict[str, Any] = {"reference_date": date(2026, 3, 31), "imd_version": "2025"}
LSOAS = 33_755


@pytest.fixture(scope="module", name="imd")
def _imd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole IMD table with made-up ranks."""
    path = tmp_path_factory.mktemp("imd") / "made-up.csv"
    rows = [(f"E01{number + 1:06d}", 1 + 7919 * number % LSOAS) for number in range(LSOAS)]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("lsoa_code", "imd_rank"), *rows])
    return path


@pytest.fixture(scope="module", name="client")
def _client(imd: Path) -> Iterator[Client]:
    with real_server("--allow-exact", "--imd-table", f"2025={imd}") as target, Client(target, deadline=120) as client:
        yield client


@pytest.fixture(scope="module", name="people")
def _people() -> pa.Table:
    """Sample people, with a local group and columns that are nobody's."""
    table = pa.Table.from_batches(sample_people(20_000, 1))
    rows = table.num_rows
    columns = {
        "plus_farm": pa.array([number % 9 == 0 for number in range(rows)]),
        "ward": pa.array([f"ward {number % 4}" for number in range(rows)]),
        "postcode": pa.array(["X"] * rows),
        "Sex": pa.array([None] * rows, pa.string()),
    }
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table


def same_result(ours: Any, theirs: Any) -> None:
    for name in ("counts", "indicators", "quality"):
        one, other = getattr(ours, name), getattr(theirs, name)
        assert one.schema.equals(other.schema, check_metadata=True), name
        assert one.equals(other), name
    same_provenance(ours.provenance, theirs.provenance)
    assert ours.columns_absent == theirs.columns_absent


def same_provenance(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours == theirs
    for one, other in ((ours, theirs), *((ours[key], theirs[key]) for key in ("parameters", "rows_excluded"))):
        assert list(one) == list(other)
    assert {key: type(value) for key, value in ours["parameters"].items()} == {
        key: type(value) for key, value in theirs["parameters"].items()
    }


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"disclosure": "none"},
    {"strata": ["imd_quintile", "ethnic_group"], "plus_groups": ["autism", "plus_farm"]},
    {"strata": ["ward", "core20plus_segment"], "plus_groups": "all", "disclosure": "none"},
    {"strata": ["age_band_5y", "icb_code"], "cohorts": ["core20"], "indicators": ["smi_bp"], "disclosure": "none"},
    {"strata": ["cancer_stage", "sex"], "indicators": ["maternity"], "disclosure": "none"},
    {"strata": ["homeless"], "null_means_no": ["homeless"], "plus_groups": ["homeless"], "indicators": ["homeless"]},
    {"parameters": {"adult_min_age": 21.0, "core20_max_decile": 3}, "imd_from": "imd_rank", "allow_later_facts": True},
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_counts_are_those_of_the_embedded_engine(client: Client, people: pa.Table, question: dict[str, Any]) -> None:
    same_result(client.count_cohorts(people, **ASK | question), core20plus5.count_cohorts(people, **ASK | question))


@pytest.mark.parametrize(
    "question",
    [{key: value for key, value in q.items() if key not in ("strata", "cohorts", "disclosure")} for q in QUESTIONS[2:]],
)
def test_flags_are_those_of_the_embedded_engine(client: Client, people: pa.Table, question: dict[str, Any]) -> None:
    embedded = core20plus5.flag_patients(people, **ASK | question)
    with client.flag_patients(people, **ASK | question) as served:
        assert served.schema.equals(embedded.schema, check_metadata=True)
        found, expected = pa.Table.from_batches(served, served.schema), pa.Table.from_batches(embedded, embedded.schema)
    assert found.unify_dictionaries().combine_chunks().equals(expected.unify_dictionaries().combine_chunks())
    assert served.indicators.equals(embedded.indicators)
    assert served.quality.equals(embedded.quality)
    same_provenance(served.provenance, embedded.provenance)


@given(seed=st.integers(0, 2**32))
@examples(max_examples=6)
def test_no_chunking_changes_an_answer(client: Client, people: pa.Table, seed: int) -> None:
    question = {"strata": ["sex", "ward"], "plus_groups": "all", "disclosure": "none"}
    expected = core20plus5.count_cohorts(people, **ASK | question)
    same_result(client.count_cohorts(odd_chunks(people, seed), **ASK | question), expected)


def odd_chunks(table: pa.Table, seed: int) -> Iterator[pa.RecordBatch]:
    """Chunks of all sizes, empty ones too, some with other encodings of the same columns in another order."""
    dice, start = random.Random(seed), 0
    while start < table.num_rows:
        rows = dice.choice([0, 1, 2, 13, 500, 9_000])
        chunk = table.slice(start, rows).combine_chunks()
        start += rows
        if dice.random() < 0.3:
            plain = [pa.types.is_dictionary(field.type) and dice.random() < 0.5 for field in chunk.schema]
            fields = [
                pa.field(field.name, field.type.value_type) if is_plain else field
                for field, is_plain in zip(chunk.schema, plain, strict=True)
            ]
            chunk = chunk.cast(pa.schema(fields)).select(dice.sample(chunk.schema.names, len(fields)))
        yield from chunk.to_batches()


def test_lsoa_codes_are_looked_up_in_the_servers_table(client: Client, people: pa.Table, imd: Path) -> None:
    codes = [f"E01{number * 7 % LSOAS + 1:06d}" if number % 50 else "W01000001" for number in range(people.num_rows)]
    for values in (pa.array(codes), pa.array(codes).dictionary_encode(), pa.array(codes).cast(pa.string_view())):
        table = people.append_column("lsoa_code", values)
        question = ASK | {"strata": ["imd_decile"], "disclosure": "none"}
        embedded = core20plus5.count_cohorts(table, imd_table=imd, **question)
        served = client.count_cohorts(table, **question)
        same_result(served, embedded)
        assert served.provenance["imd_table"] == "made-up.csv"


@pytest.mark.parametrize(
    "columns",
    [
        ["person_id", "age_years"],
        ["postcode", "Sex"],
        ["birth_date", "imd_rank_2025", "ethnic_category", "plus_farm"],
    ],
)
@pytest.mark.parametrize("rows", [0, 1, 999])
def test_few_columns_and_few_rows(client: Client, people: pa.Table, columns: list[str], rows: int) -> None:
    table = people.append_column("age_years", pa.array([40] * people.num_rows)).select(columns).slice(0, rows)
    same_result(client.count_cohorts(table, **ASK), core20plus5.count_cohorts(table, **ASK))
    embedded, served = core20plus5.flag_patients(table, **ASK), client.flag_patients(table, **ASK)
    found, expected = list(served), list(embedded)
    assert sum(batch.num_rows for batch in found) == sum(batch.num_rows for batch in expected) == rows
    assert served.schema.equals(embedded.schema, check_metadata=True)
    same_provenance(served.provenance, embedded.provenance)


def test_no_batches_at_all(client: Client) -> None:
    same_result(client.count_cohorts(iter([]), **ASK), core20plus5.count_cohorts(iter([]), **ASK))


def nhs_number(number: int) -> str:
    """Ten digits with the check digit, for numbers that have one."""
    digits = f"{400_000_000 + number}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    return f"{digits}{check % 11}" if check != 10 else nhs_number(number + 1_000_003)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("people", {"reference_date": date(1066, 10, 14)}),
    ("people", {"imd_version": "2030"}),
    ("people", {"ruleset": "no-such-ruleset"}),
    ("people", {"ruleset": "core20plus5-adults@1066"}),
    ("people", {"strata": ["person_id"]}),
    ("people", {"strata": ["no_such_column"]}),
    ("people", {"strata": ["sex", "sex"]}),
    ("people", {"strata": ["core20plus_segment"]}),
    ("people", {"plus_groups": ["no_such_group"]}),
    ("people", {"plus_groups": ["plus_no_such"]}),
    ("people", {"plus_groups": ["all", "autism"]}),
    ("people", {"indicators": ["no_such_indicator"]}),
    ("people", {"cohorts": ["smi"]}),
    ("people", {"disclosure": "no_such_policy"}),
    ("people", {"imd_from": "lsoa_code"}),
    ("people", {"imd_from": "postcode"}),
    ("people", {"null_means_no": ["sex"]}),
    ("people", {"parameters": {"no_such_parameter": 1}}),
    ("people", {"parameters": {"adult_min_age": 18.5}}),
    ("people", {"parameters": {"flu_season_start": "30 February"}}),
    ("later", {}),
    ("types", {"strata": ["sex"]}),
    ("plus_any", {}),
    ("nhs_numbers", {"strata": ["ward"]}),
    ("vintage", {}),
]


@pytest.mark.parametrize(("data", "question"), BAD)
def test_errors_are_those_of_the_embedded_engine(
    client: Client, people: pa.Table, imd: Path, data: str, question: dict[str, Any]
) -> None:
    rows = people.num_rows
    tables = {
        "people": people,
        "later": people.drop(["bp_date"]).append_column("bp_date", pa.array([date(2027, 1, 1)] * rows)),
        "types": people.drop(["sex", "bp_date"])
        .append_column("sex", people.column("bp_date"))
        .append_column("bp_date", people.column("sex")),
        "plus_any": people.append_column("plus_any", people.column("plus_farm")),
        "nhs_numbers": people.drop(["ward"]).append_column("ward", pa.array(map(nhs_number, range(rows)))),
        "vintage": people.append_column("lsoa_code", pa.array(f"E01{900_000 + n % 99}" for n in range(rows))),
    }
    asked = ASK | question
    with pytest.raises(Core20Plus5Error) as embedded:
        core20plus5.count_cohorts(tables[data], imd_table=imd if data == "vintage" else None, **asked)
    with pytest.raises(errors.Core20Plus5Error) as served:
        client.count_cohorts(tables[data], **asked)
    assert type(served.value).__name__ == type(embedded.value).__name__
    assert str(served.value) == str(embedded.value)
    assert getattr(served.value, "problems", None) == getattr(embedded.value, "problems", None)


def test_what_is_wrong_is_said_before_everything_has_been_sent(client: Client, people: pa.Table) -> None:
    numbers = pa.array([nhs_number(number) for number in range(people.num_rows)])
    table = people.drop(["practice_code"]).append_column("practice_code", numbers)
    sent = [0]

    def endless() -> Iterator[pa.Table]:
        for _ in range(5_000):
            sent[0] += 1
            yield table

    with pytest.raises(errors.NhsNumberError, match="practice_code"):
        client.count_cohorts(endless(), **ASK, strata=["practice_code"])
    assert sent[0] < 200


def test_lsoa_codes_without_a_table_are_refused_before_anything_is_sent(client: Client, people: pa.Table) -> None:
    table = people.append_column("lsoa_code", pa.array(["E01000001"] * people.num_rows))
    with pytest.raises(errors.RequestError, match="the server has no IMD 2019 table: start it with"):
        client.count_cohorts(table, **ASK | {"imd_version": "2019"})


def test_a_server_that_gives_less_says_so(people: pa.Table) -> None:
    with real_server("--max-stream-rows", "15000", "--max-strata", "1", "--max-cells", "9999") as target:
        with Client(target, deadline=60) as client:
            with pytest.raises(errors.PermissionDeniedError, match="exact counts"):
                client.count_cohorts(people, **ASK, disclosure="none")
            with pytest.raises(errors.LimitError, match="max_stream_rows is 15000"):
                client.count_cohorts(people, **ASK)
            with pytest.raises(errors.LimitError, match="max_strata is 1"):
                client.count_cohorts(people, **ASK, strata=["sex", "ward"])
            with pytest.raises(errors.TooManyCellsError):
                client.count_cohorts(people.slice(0, 15_000), **ASK, strata=["practice_code"])
            assert client.server_info().disclosure_policies == ("hes", "opensafely", "midpoint6", "threshold10")
        with pytest.raises(errors.RequestError, match="closed"):
            client.server_info()


def test_descriptions_are_those_of_the_engine(client: Client) -> None:
    from core20plus5.records import COLUMNS  # noqa: PLC0415
    from core20plus5.rulesets import find_ruleset  # noqa: PLC0415

    assert [column.name for column in client.describe_record().columns] == list(COLUMNS)
    ruleset, engines = client.get_ruleset(), find_ruleset("core20plus5-adults")
    assert ruleset.summary in client.list_rulesets()
    assert ruleset.summary.sha256 == engines.sha256
    assert {parameter.name: parameter.value for parameter in ruleset.parameters} == {
        name: spec.value for name, spec in engines.parameters.items()
    }
    assert [indicator.name for indicator in ruleset.indicators] == list(engines.indicators)
    (table,) = client.server_info().imd_tables
    assert (table.version, table.lsoa_vintage, table.name, table.rows) == ("2025", "2021", "made-up.csv", LSOAS)
