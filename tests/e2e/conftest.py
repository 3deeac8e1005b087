"""One server that gives exact counts and one that does not, for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from core20plus5_cli.population import sample_people, sample_schema
from core20plus5_client import Client
from tests.e2e.process import ServerProcess, running_server
from tests.shared_data import shared_file


@pytest.fixture(scope="session", name="imd")
def _imd() -> Path:
    return shared_file("imd2025_lsoa21.csv")


@pytest.fixture(scope="session", name="server")
def _server(imd: Path) -> Iterator[ServerProcess]:
    with running_server("--allow-exact", "--imd-table", f"2025={imd}") as server:
        yield server


@pytest.fixture(scope="session", name="careful_server")
def _careful_server() -> Iterator[ServerProcess]:
    """No exact counts, no IMD table, and low limits."""
    with running_server("--max-cells", "20000", "--max-strata", "3", "--max-stream-rows", "300000") as server:
        yield server


@pytest.fixture(scope="session", name="client")
def _client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.listen, deadline=300) as client:
        yield client


@pytest.fixture(scope="session", name="careful_client")
def _careful_client(careful_server: ServerProcess) -> Iterator[Client]:
    with Client(careful_server.listen, deadline=300) as client:
        yield client


@pytest.fixture(scope="session", name="sample")
def _sample() -> pa.Table:
    """200,000 made-up people."""
    return pa.Table.from_batches(list(sample_people(200_000, 1)), sample_schema())


@pytest.fixture(scope="session", name="few")
def _few(sample: pa.Table) -> pa.Table:
    """5,000 of them, with a local group and a column that nobody asks for."""
    table = sample.slice(70_000, 5_000)
    rows = range(table.num_rows)
    table = table.append_column("plus_farm", pa.array([number % 9 == 0 if number % 4 else None for number in rows]))
    return table.append_column("ward", pa.array([f"ward {number % 4}" for number in rows]))
