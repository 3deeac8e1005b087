"""What goes over the wire, what is wrong with a caller's data, and a server that checks every rule of a stream."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pytest

from core20plus5_client import (
    Client,
    DataError,
    LimitError,
    RequestError,
    SchemaError,
    ServerFaultError,
)
from core20plus5_proto.v1 import service_pb2 as service
from tests.clients import client_fake as fake
from tests.clients.client_asking import (  # noqa: F401
    ASK,
    OwnError,
    abort,
    assert_soon,
    client_fixture,
    failing,
    flagged,
    many,
    people,
    server_fixture,
)
from tests.clients.client_fake import FakeServer, Seen


class CStream:
    """Something that is Arrow data by its interface only."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "shape",
    [
        lambda table: table,
        lambda table: table.combine_chunks().to_batches()[0],
        lambda table: table.to_reader(max_chunksize=7),
        lambda table: iter(table.to_batches(max_chunksize=3)),
        lambda table: [table.slice(0, 1_000), table.slice(1_000)],
        pyarrow.dataset.dataset,
        CStream,
    ],
)
def test_anything_arrow_arrives_whole_and_in_order(server: FakeServer, client: Client, shape: Any) -> None:
    table = people(2_500)
    result = client.count_cohorts(shape(table), **ASK)
    assert result.provenance["rows_received"] == 2_500
    assert server.seen.table.equals(table.select(["age_years", "sex"]))
    assert flagged(client, shape(table)).column("person_id").equals(table.column("person_id"))


def test_messages_are_near_the_recommended_size_and_never_over_the_limit(server: FakeServer, client: Client) -> None:
    server.info = fake.info(recommended_message_bytes=20_000, max_message_bytes=24_000)
    client.count_cohorts(people(50_000).to_reader(max_chunksize=11), **ASK)
    assert all(10_000 < size <= 24_000 for size in server.seen.sizes[:-1])


def test_messages_over_the_limit_are_cut_again(server: FakeServer, client: Client) -> None:
    server.info = fake.info(recommended_message_bytes=10_000, max_message_bytes=2_500, max_batch_rows=5_000)
    table = people(3_000)
    client.count_cohorts(table, **ASK)
    assert max(server.seen.sizes) <= 2_500
    assert server.seen.table.equals(table.select(["age_years", "sex"]))


def test_limits_that_a_server_does_not_state_have_defaults(server: FakeServer, client: Client) -> None:
    server.info = service.GetServerInfoResponse()
    client.count_cohorts(people(3_000), **ASK)
    assert server.seen.rows == 3_000


def test_a_row_that_no_message_can_hold_is_said_and_ends_the_call(server: FakeServer, client: Client) -> None:
    table = pa.table({"sex": ["F", "x" * 200_000]})
    with pytest.raises(LimitError, match="max_message_bytes is 100000, and a row of the records is larger"):
        client.count_cohorts(table, **ASK)
    with pytest.raises(LimitError):
        flagged(client, table)


def test_encodings_may_change_on_the_way(server: FakeServer, client: Client) -> None:
    plain, encoded = pa.record_batch({"sex": ["F", "M"]}), pa.record_batch({"sex": pa.array(["M"]).dictionary_encode()})
    client.count_cohorts([plain, plain, encoded, plain], **ASK)
    assert [batch.num_rows for batch in server.seen.batches] == [4, 1, 2]


def test_no_one_is_sent_with_the_columns_there_are(server: FakeServer, client: Client) -> None:
    result = client.count_cohorts(people(0).append_column("ward", pa.array([], pa.string())), **ASK)
    assert server.seen.batches[0].schema.names == ["age_years", "sex"]
    assert (result.provenance["rows_received"], result.provenance["columns_ignored"]) == (0, ["ward"])


def test_no_batches_at_all_are_begin_and_end(server: FakeServer, client: Client) -> None:
    assert client.count_cohorts(iter([]), **ASK).provenance["rows_received"] == 0
    assert (server.seen.batches, server.seen.ended) == ([], True)


def test_columns_that_are_not_needed_are_not_even_read(server: FakeServer, client: Client) -> None:
    class Scanned:
        """Scans like a dataset."""

        schema = people(1).append_column("postcode", pa.array(["x"])).schema
        asked: Any = None

        def scanner(self, **_: Any) -> None:
            """Never called: having it is what counts."""

        def to_batches(self, columns: list[str], **_: Any) -> list[pa.RecordBatch]:
            self.asked = columns
            return people(10).select(columns).to_batches()

    data = Scanned()
    client.count_cohorts(data, **ASK)
    assert data.asked == ["age_years", "sex"]


def test_the_question_is_tied_to_the_version_its_columns_were_chosen_by(server: FakeServer, client: Client) -> None:
    chosen: dict[str, Any] = {"strata": ["sex"], "cohorts": ["core20"], "disclosure": "none"}
    client.count_cohorts(people(1), **ASK, **chosen, parameters={"zeta": 21})
    begin = server.seen.begin
    assert begin.question.ruleset == "core20plus5-adults@2025.1"
    assert (list(begin.strata), list(begin.cohorts.names), begin.disclosure) == (["sex"], ["core20"], "none")
    assert begin.question.parameters["zeta"].whole == 21


def test_progress_is_told_in_the_callers_thread(server: FakeServer, client: Client) -> None:
    told: list[tuple[int, threading.Thread]] = []
    client.count_cohorts(people(5_000), **ASK, on_progress=lambda rows: told.append((rows, threading.current_thread())))
    assert [rows for rows, _ in told] == sorted({rows for rows, _ in told})
    assert told[-1][0] == 5_000
    assert {thread for _, thread in told} == {threading.current_thread()}


def test_what_is_no_arrow_data_is_refused(client: Client) -> None:
    for data in ("people.parquet", {"sex": ["F"]}, 3, [1, 2], [people(1), "x"]):
        with pytest.raises(RequestError, match="must be Arrow"):
            client.count_cohorts(data, **ASK)


def test_a_repeated_name_is_refused_before_anything_is_sent(server: FakeServer, client: Client) -> None:
    twice = pa.table([pa.array(["F"]), pa.array(["M"])], names=["sex", "sex"])
    with pytest.raises(SchemaError, match="column 'sex': sent more than once"):
        client.count_cohorts(twice, **ASK)
    assert server.calls == []


def test_batches_of_other_columns_are_refused(server: FakeServer, client: Client) -> None:
    for other in (people(1).drop(["sex"]), people(1).append_column("ward", pa.array(["x"])).rename_columns([*"abcd"])):
        with pytest.raises(SchemaError, match="do not all have the same columns"):
            client.count_cohorts([people(1), other], **ASK)
        with pytest.raises(SchemaError, match="do not all have the same columns"):
            flagged(client, [people(1), other])


@pytest.mark.parametrize("after", [1, 2, 40])
@pytest.mark.parametrize("error", [OwnError("no more"), OSError("disk")])
def test_an_error_of_the_callers_own_code_comes_out_and_ends_the_call(
    server: FakeServer, client: Client, after: int, error: BaseException
) -> None:
    for ask in (client.count_cohorts, partial(flagged, client)):
        with pytest.raises(type(error)) as caught:
            ask(failing(after, error), **ASK)
        assert caught.value is error
    assert_soon(lambda: all(seen.over for seen in server.calls))
    assert not any(seen.ended for seen in server.calls)


def test_what_arrow_cannot_read_is_said_without_a_value(client: Client) -> None:
    sink = pa.BufferOutputStream()
    table = people(1_000)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    cut = sink.getvalue()[: sink.getvalue().size * 2 // 3]
    with pytest.raises(DataError, match="the data cannot be read: it is corrupt or truncated"):
        client.count_cohorts(pa.ipc.open_stream(cut), **ASK)


def test_a_source_that_is_slow_to_begin_does_not_keep_a_call_open(server: FakeServer, client: Client) -> None:
    calls: list[int] = []

    def slow() -> Iterator[pa.Table]:
        yield people(1)
        calls.append(len(server.calls))
        yield people(3_000)

    client.count_cohorts(slow(), **ASK)
    client.flag_patients(slow(), **ASK).close()
    assert calls == [0, 1]


def test_no_more_is_read_than_the_server_takes(server: FakeServer, client: Client) -> None:
    release = threading.Event()
    drawn = [0]

    def endless() -> Iterator[pa.Table]:
        for table in many(10_000):
            drawn[0] += 1
            yield table

    def stalled(fake: FakeServer, seen: Seen, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        next(requests)
        release.wait(20)
        abort(context, "INTERNAL", "enough")
        yield

    server.count = stalled
    server.info = fake.info(recommended_message_bytes=200_000, max_message_bytes=400_000)
    timer = threading.Timer(1.5, release.set)
    timer.start()
    with pytest.raises(ServerFaultError):
        client.count_cohorts(endless(), **ASK)
    timer.join()
    assert 0 < drawn[0] < 2_000  # 20 bytes a row, and what the sockets hold
