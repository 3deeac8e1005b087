"""Counts asked for in parts are those of one stream, errors that only the whole of the records shows included."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pytest

from core20plus5_client import (
    Client,
    Core20Plus5Error,
    DataError,
    LaterThanReferenceDateError,
    LsoaVintageError,
    NhsNumberError,
    ServerFaultError,
)
from tests.e2e.process import ServerProcess, running_server
from tests.faults.asking import EXACT, assert_same_result, sample
from tests.shared_data import shared_file

ROWS = 12_000
SHARD = 2_300


@pytest.fixture(scope="module", name="imd")
def _imd() -> Path:
    return shared_file("imd2025_lsoa21.csv")


@pytest.fixture(scope="module", name="server")
def _server(imd: Path) -> Iterator[ServerProcess]:
    with running_server("--allow-exact", "--imd-table", f"2025={imd}") as server:
        yield server


@pytest.fixture(scope="module", name="clients")
def _clients(server: ServerProcess) -> Iterator[tuple[Client, Client]]:
    """One that asks in one stream, and one that asks in parts."""
    with Client(server.listen, deadline=60) as one, Client(server.listen, deadline=60, shard_rows=SHARD) as parts:
        yield one, parts


@pytest.fixture(scope="module", name="people")
def _people() -> pa.Table:
    people = sample(ROWS, 5)
    ward = pa.array([f"Ward {number % 7}" if number % 11 else None for number in range(ROWS)])
    late = pa.array(["late" if number > ROWS - 20 else "early" for number in range(ROWS)])
    return people.append_column("ward", ward).append_column("arm", late)


def calls(server: ServerProcess) -> float:
    found = server.metrics()
    return sum(value for key, value in found.items() if key[0] == "grpc_server_started_total" and "CountCohorts" in key)


QUESTIONS: dict[str, dict[str, Any]] = {
    "nothing": {"strata": []},
    "every derived stratum": {
        "strata": ["imd_decile", "age_band_broad", "sex", "core20plus_segment"],
        "plus_groups": "all",
        "indicators": ["core20", "hypertension_controlled"],
        "cohorts": ["core20", "everyone"],
    },
    "ages and ethnic groups": {"strata": ["age_band_5y", "ethnic_category"], "indicators": ["smi"], "cohorts": ["everyone"]},
    "organisations and columns": {
        "strata": ["practice_code", "ward", "homeless"],
        "indicators": ["cvd"],
        "cohorts": ["everyone"],
    },
    "a label that one part has": {"strata": ["arm", "imd_quintile"]},
    "without everyone": {"strata": ["sex"], "cohorts": ["core20"], "indicators": ["smoker"]},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_to_the_last_field(server: ServerProcess, clients: Any, people: pa.Table, question: str) -> None:
    one, parts = clients
    asked = EXACT | {"plus_groups": ["autism"]} | QUESTIONS[question]
    expected = one.count_cohorts(people, **asked)
    before = calls(server)
    assert_same_result(parts.count_cohorts(people, **asked), expected)
    assert calls(server) - before == ROWS // SHARD


def test_columns_that_are_not_there(clients: Any, people: pa.Table) -> None:
    one, parts = clients
    some = people.drop_columns(["bp_date", "smi_dx_latest", "arm"])
    expected = one.count_cohorts(some, **EXACT)
    assert "column_absent" in expected.counts.column("status").to_pylist()
    assert_same_result(parts.count_cohorts(some, **EXACT), expected)


@pytest.mark.parametrize("how", ["dataset", "list", "chunks", "dictionaries"])
def test_whatever_can_be_read_again_is_cut(server: ServerProcess, clients: Any, people: pa.Table, how: str) -> None:
    one, parts = clients
    coded = people.set_column(people.column_names.index("sex"), "sex", people.column("sex").dictionary_encode())
    data: dict[str, Any] = {
        "dataset": pyarrow.dataset.dataset(people),
        "list": people.to_batches(max_chunksize=333),
        "chunks": pa.concat_tables([people.slice(0, 5), people.slice(5, 3_400), people.slice(3_405)]),
        "dictionaries": coded,
    }
    before = calls(server)
    found = parts.count_cohorts(data[how], **EXACT)
    assert calls(server) - before == ROWS // SHARD
    assert_same_result(found, one.count_cohorts(people, **EXACT))


#: What cannot be added up, or not be read again, goes in one stream.
WHOLE: dict[str, dict[str, Any]] = {
    "released": {"disclosure": "hes"},
    "measures": {"inequality": True},
    "completeness": {"completeness": True},
}


@pytest.mark.parametrize("why", WHOLE)
def test_what_is_no_sum_goes_in_one_stream(server: ServerProcess, clients: Any, people: pa.Table, why: str) -> None:
    one, parts = clients
    before = calls(server)
    found = parts.count_cohorts(people, **EXACT | WHOLE[why])
    assert calls(server) - before == 1
    assert_same_result(found, one.count_cohorts(people, **EXACT | WHOLE[why]))


def test_so_does_what_can_be_read_once(server: ServerProcess, clients: Any, people: pa.Table) -> None:
    one, parts = clients
    before = calls(server)
    found = parts.count_cohorts(iter(people.to_batches()), **EXACT)
    assert calls(server) - before == 1
    assert_same_result(found, one.count_cohorts(people, **EXACT))


def test_no_one_and_few(clients: Any, people: pa.Table) -> None:
    one, parts = clients
    for some in (people.slice(0, 0), people.slice(0, 3), people.slice(0, SHARD), people.slice(0, 2 * SHARD), [], pa.table({})):
        assert_same_result(parts.count_cohorts(some, **ANY), one.count_cohorts(some, **ANY))


ANY: dict[str, Any] = {key: value for key, value in EXACT.items() if key not in ("imd_from", "strata", "plus_groups")}


def with_dates(people: pa.Table, later: range) -> pa.Table:
    """Blood pressures of which those in a range of rows are after the reference date."""
    dates = [date(2026, 6, 1) if row in later else date(2026, 1, 5) for row in range(people.num_rows)]
    return people.set_column(people.column_names.index("bp_date"), "bp_date", pa.array(dates, pa.date32()))


def test_later_dates_that_one_part_has_too_many_of(server: ServerProcess, clients: Any, people: pa.Table) -> None:
    one, parts = clients
    few, many = with_dates(people, range(2_000, 2_100)), with_dates(people, range(2_000, 2_130))
    before = calls(server)
    found = parts.count_cohorts(few, **EXACT)  # 100 of 12,000 in all: the whole may be counted
    assert calls(server) - before > 2
    assert_same_result(found, one.count_cohorts(few, **EXACT))
    texts = []
    for client in clients:
        with pytest.raises(LaterThanReferenceDateError) as raised:
            client.count_cohorts(many, **EXACT)
        texts.append(str(raised.value))
    assert texts[0] == texts[1]
    allowed = EXACT | {"allow_later_facts": True}
    assert_same_result(parts.count_cohorts(many, **allowed), one.count_cohorts(many, **allowed))


def with_lsoas(people: pa.Table, foreign: Any, imd: Path) -> pa.Table:
    """Codes of the table, but for some rows that have codes which are not in it; most people have none."""
    known = [line.split(",")[0].strip('"') for line in imd.read_text(encoding="utf-8").splitlines()[1:200]]
    codes: list[str | None] = [None if row % 40 else known[row % len(known)] for row in range(people.num_rows)]
    for row in foreign:
        codes[row] = "E01099999"
    return people.append_column("lsoa_code", pa.array(codes))


@pytest.mark.parametrize(("foreign", "refused"), [(3, False), (9, True)])
def test_codes_of_another_vintage_of_which_no_part_has_many(
    clients: Any, people: pa.Table, imd: Path, foreign: int, refused: bool
) -> None:
    """A part has too few English codes for a server to judge by; all of them have enough."""
    one, parts = clients
    some = with_lsoas(people, range(13, 13 + 1_300 * foreign, 1_300), imd)
    asked = EXACT | {"imd_from": "lsoa_code"}
    if not refused:
        assert_same_result(parts.count_cohorts(some, **asked), one.count_cohorts(some, **asked))
        return
    for client in clients:
        with pytest.raises(LsoaVintageError):
            client.count_cohorts(some, **asked)


NHS = [f"{number:09d}" for number in range(400_000_000, 400_000_400)]


def nhs_numbers(rows: int) -> list[str]:
    found = []
    for text in NHS:
        check = 11 - sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            found.append(text + str(check % 11))
    return (found * (rows // len(found) + 1))[:rows]


def test_numbers_that_the_first_rows_do_not_have_are_as_in_one_stream(clients: Any, people: pa.Table) -> None:
    one, parts = clients
    numbers: list[str | None] = [*(["x"] * 4_000), *nhs_numbers(ROWS - 4_000)]
    hidden = people.append_column("source", pa.array(numbers))
    asked = EXACT | {"strata": ["source"], "indicators": ["core20"], "cohorts": ["everyone"]}
    assert_same_result(parts.count_cohorts(hidden, **asked), one.count_cohorts(hidden, **asked))
    shown = people.append_column("source", pa.array(nhs_numbers(ROWS)))
    for client in clients:
        with pytest.raises(NhsNumberError, match="source"):
            client.count_cohorts(shown, **asked)


def test_types_that_change_on_the_way(server: ServerProcess, clients: Any, people: pa.Table) -> None:
    one, parts = clients
    plain, coded = people.slice(0, 6_000), people.slice(6_000)
    coded = coded.set_column(coded.column_names.index("sex"), "sex", coded.column("sex").dictionary_encode())
    data = [*plain.to_batches(), *coded.to_batches()]
    assert_same_result(parts.count_cohorts(data, **EXACT), one.count_cohorts(people, **EXACT))
    wrong = coded.set_column(coded.column_names.index("bp_date"), "bp_date", pa.array([1.5] * coded.num_rows))
    for client in clients:
        with pytest.raises(DataError, match="bp_date"):
            client.count_cohorts([*plain.to_batches(), *wrong.to_batches()], **EXACT)


def test_other_errors_are_those_of_one_stream(clients: Any, people: pa.Table) -> None:
    for asked in ({"strata": ["no_such_column"]}, {"cohorts": ["no_such_cohort"]}, {"ruleset": "no_such_ruleset"}):
        found = []
        for client in clients:
            with pytest.raises(Core20Plus5Error) as raised:
                client.count_cohorts(people, **EXACT | asked)
            found.append((type(raised.value), str(raised.value)))
        assert found[0] == found[1]


def test_progress_is_told_in_this_thread_and_reaches_the_end(clients: Any, people: pa.Table) -> None:
    seen: list[int] = []
    clients[1].count_cohorts(people, **EXACT, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == ROWS


def test_servers_that_differ_are_no_answer(server: ServerProcess, people: pa.Table, imd: Path, tmp_path: Path) -> None:
    changed = tmp_path / "imd.csv"
    changed.write_bytes(imd.read_bytes().rstrip(b"\n"))
    with running_server("--allow-exact", "--imd-table", f"2025={changed}") as other:
        some = with_lsoas(people, (), imd)
        both = [server.listen, other.listen]
        asked = EXACT | {"imd_from": "lsoa_code"}
        with Client(both, deadline=60, shard_rows=SHARD) as client, pytest.raises(ServerFaultError, match="two servers differ"):
            client.count_cohorts(some, **asked)
