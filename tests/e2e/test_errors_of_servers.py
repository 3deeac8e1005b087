"""Errors that only a server has: what it does not give, its limits, and its absence."""

import socket
import time

import pyarrow as pa
import pytest

from core20plus5_client import Client, errors
from tests.e2e.asking import ASK
from tests.e2e.process import ServerProcess


def test_no_imd_table_of_the_version(client: Client, few: pa.Table) -> None:
    table = few.append_column("lsoa_code", pa.array(["E01000001"] * few.num_rows))
    with pytest.raises(errors.RequestError) as raised:
        client.count_cohorts(table, **ASK | {"imd_version": "2019"})
    assert "the server has no IMD 2019 table" in str(raised.value)
    assert "--imd-table 2019=" in str(raised.value)


def test_exact_counts_refused(careful_client: Client, few: pa.Table) -> None:
    with pytest.raises(errors.PermissionDeniedError) as raised:
        careful_client.count_cohorts(few, **ASK, disclosure="none")
    assert str(raised.value) == "this server gives no exact counts: disclosure 'none' needs --allow-exact"
    assert isinstance(raised.value, PermissionError)
    assert careful_client.server_info().disclosure_policies == ("hes", "opensafely", "midpoint6", "threshold10")


def test_too_many_strata(careful_client: Client, few: pa.Table) -> None:
    with pytest.raises(errors.LimitError) as raised:
        careful_client.count_cohorts(few, **ASK, strata=["sex", "icb_code", "ward", "ethnic_group"])
    assert str(raised.value) == "max_strata is 3"


def test_too_many_cells(careful_client: Client, few: pa.Table) -> None:
    with pytest.raises(errors.TooManyCellsError) as raised:
        careful_client.count_cohorts(few, **ASK, strata=["practice_code", "ward"])
    assert "cells" in str(raised.value)
    assert isinstance(raised.value, errors.RequestError)


def test_too_many_rows(careful_client: Client, sample: pa.Table) -> None:
    with pytest.raises(errors.LimitError) as raised:
        careful_client.count_cohorts(pa.concat_tables([sample, sample]), **ASK)
    assert str(raised.value) == "max_stream_rows is 300000"


def test_nothing_is_left_of_calls_that_failed(careful_server: ServerProcess, careful_client: Client, few: pa.Table) -> None:
    for _ in range(40):
        with pytest.raises(errors.TooManyCellsError):
            careful_client.count_cohorts(few, **ASK, strata=["practice_code", "ward"])
    assert careful_client.count_cohorts(few, **ASK).counts.num_rows > 0
    assert careful_server.metric("core20plus5_streams_in_flight") == 0


def test_no_server() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{unused.getsockname()[1]}"
    start = time.monotonic()
    with Client(target) as client, pytest.raises(errors.ServerUnavailableError) as raised:
        client.count_cohorts(pa.table({"sex": ["F"]}), **ASK)
    assert str(raised.value).startswith(f"no core20plus5 server answers at {target} ")
    assert str(raised.value).endswith("start one with: core20plus5 serve")
    assert isinstance(raised.value, ConnectionError)
    assert time.monotonic() - start < 20


def test_deadline(server: ServerProcess, few: pa.Table) -> None:
    def slow() -> object:
        yield from few.to_batches()
        time.sleep(1.5)
        yield from few.to_batches()

    with Client(server.listen, deadline=0.7) as client, pytest.raises(errors.DeadlineError) as raised:
        client.count_cohorts(slow(), **ASK)
    assert isinstance(raised.value, TimeoutError)
    assert "deadline" in str(raised.value)


def test_flags_that_are_not_read_to_the_end(server: ServerProcess, sample: pa.Table) -> None:
    with Client(server.listen) as client:
        with client.flag_patients(sample, **ASK) as flags:
            assert next(iter(flags)).num_rows > 0
        until = time.monotonic() + 10
        while server.metric("core20plus5_streams_in_flight"):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert client.count_cohorts(sample.slice(0, 5_000), **ASK).counts.num_rows > 0
