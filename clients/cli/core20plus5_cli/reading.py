"""The records of a file or folder, as the engine reads them: streamed, and only the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from core20plus5.nhs_numbers import NHS_NUMBER_ROWS, NhsNumberCheck
from core20plus5_cli.csv_source import CsvSource
from core20plus5_cli.errors import CliError
from core20plus5_cli.ipc_source import IpcFileSource, IpcStreamSource
from core20plus5_cli.parquet_source import ParquetSource
from core20plus5_cli.progress import Ticker
from core20plus5_cli.readable import readable
from core20plus5_cli.terminal import err


class Source(Protocol):
    """A file format. Arrow's own errors may come out of any of it; `Records` says them plainly."""

    schema: pa.Schema
    rows: int | None

    def batches(self, columns: list[str], **scan: Any) -> Iterable[pa.RecordBatch]:
        """The rows from the first on, with just these columns. `scan` is how a dataset would be scanned."""


class Records:
    """Records that scan like a pyarrow dataset: the engine asks for the columns it needs, in batches of a good size."""

    def __init__(self, source: Source, name: str, ticker: Ticker) -> None:
        self.schema = source.schema
        self._source, self._name, self._ticker = source, name, ticker

    def scanner(self, **scan: Any) -> Records:
        """Itself: the engine knows a dataset by having this."""
        return self

    def to_batches(self, columns: list[str] | None = None, **scan: Any) -> Iterator[pa.RecordBatch]:
        """The rows from the first on. Raises CliError where the file cannot be read."""
        columns = self.schema.names if columns is None else columns
        with readable(self._name):
            self._look_for_nhs_numbers([name for name in self.schema.names if name not in columns])
            for batch in self._source.batches(columns, **scan):
                yield batch
                self._ticker.add(batch.num_rows)

    def _look_for_nhs_numbers(self, columns: list[str]) -> None:
        """The engine looks at the columns that it reads; a file of NHS numbers is refused whatever was asked of it."""
        check = NhsNumberCheck()
        for batch in self._source.batches(columns, batch_size=NHS_NUMBER_ROWS) if columns else ():
            check.look(batch)
            if check.done:
                break
        check.check()


@contextmanager
def open_records(path: Path, doing: str) -> Iterator[Records]:
    """The records of a Parquet file or folder, an Arrow IPC file or stream, or a CSV file, with a bar that says how far it is.

    Raises CliError for a file that is missing, empty, corrupt or none of these.
    """
    with readable(path.name):
        source = open_source(path)
    with Ticker(err(), doing, source.rows) as ticker:
        yield Records(source, path.name, ticker)


def open_source(path: Path) -> Source:
    """The source for what the file is, by how it begins; only CSV goes by its name."""
    if path.is_dir():
        return ParquetSource(path)
    if not path.is_file():
        raise CliError(f"there is no file {path}")
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise CliError(f"{path.name} is empty")
    if start.startswith(b"PAR1"):
        return ParquetSource(path)
    if start.startswith(b"ARROW1"):
        return IpcFileSource(path)
    if start.startswith(b"\xff\xff\xff\xff"):
        return IpcStreamSource(path)
    if path.suffix.lower() == ".csv":
        return CsvSource(path)
    raise CliError(f"{path.name} is neither Parquet nor Arrow IPC, and its name does not end in .csv")
