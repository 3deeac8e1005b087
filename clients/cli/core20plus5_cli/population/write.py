"""Writes a sample to a file: Parquet, Arrow IPC or CSV, by the name's ending."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from core20plus5_cli.population.deprivation import LsoaTable
from core20plus5_cli.population.sample import NATIONAL_ICBS, REFERENCE_DATE, sample_people, sample_schema

BATCHES_IN_A_ROW_GROUP = 4


class Sink(Protocol):
    """Takes batches of one schema; the file is whole once it is closed."""

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        """Adds rows."""

    def close(self) -> None:
        """Ends the file."""


class ParquetSink:
    """Row groups of 262,144 people: a table of codes is written once in each, and several threads can read the file."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.waiting: list[pa.RecordBatch] = []
        self.writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in schema.names if name != "person_id"],  # type: ignore[arg-type]
            column_encoding={"person_id": "DELTA_BINARY_PACKED"},
        )

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        """Adds rows, and a row group when there are enough."""
        self.waiting.append(batch)
        if len(self.waiting) == BATCHES_IN_A_ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self.waiting:
            table = pa.Table.from_batches(self.waiting, self.schema)
            self.writer.write_table(table, row_group_size=table.num_rows)
            self.waiting = []

    def close(self) -> None:
        """Writes what is waiting, and the footer."""
        self._flush()
        self.writer.close()


class CsvSink:
    """Text as it is, dates as 2026-03-31, bools as true and false, null as nothing."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = pa.schema([self._plain(field) for field in schema])
        self.writer = pyarrow.csv.CSVWriter(path, self.schema)

    def _plain(self, field: pa.Field[Any]) -> pa.Field[Any]:
        return field.with_type(field.type.value_type) if isinstance(field.type, pa.DictionaryType) else field

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        """Adds rows."""
        self.writer.write_batch(batch.cast(self.schema))

    def close(self) -> None:
        """Ends the file."""
        self.writer.close()


def ipc_sink(path: Path, schema: pa.Schema) -> Sink:
    """An Arrow IPC file, uncompressed, so that it can be mapped."""
    return pa.ipc.new_file(str(path), schema)


SINKS: dict[str, Callable[[Path, pa.Schema], Sink]] = {
    ".parquet": ParquetSink,
    ".arrow": ipc_sink,
    ".csv": CsvSink,
}


@contextmanager
def _renamed_at_the_end(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to: it becomes `path` if all goes well, and is removed if not."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_sample(
    path: str | os.PathLike[str],
    people: int,
    seed: int,
    *,
    reference_date: date = REFERENCE_DATE,
    imd_table: LsoaTable | None = None,
    icbs: int = NATIONAL_ICBS,
    on_progress: Callable[[int], None] | None = None,
) -> None:
    """Writes the rows of `sample_people` to `path`, as ``.parquet``, ``.arrow`` (an IPC file) or ``.csv``.

    The same arguments give the same bytes, with the same library versions. A file of that name is replaced, and only
    once the new one is whole. `on_progress` is told how many people have been taken in, after each batch of them.

    Raises ValueError for another ending and as `sample_people` does, OSError where the file cannot be written.
    """
    target = Path(path)
    make_sink = SINKS.get(target.suffix.lower())
    if make_sink is None:
        raise ValueError(f"the name of a sample must end in {', '.join(SINKS)}, not {target.suffix or 'nothing'!r}")
    sample = sample_people(people, seed, reference_date=reference_date, imd_table=imd_table, icbs=icbs)
    schema, taken = sample_schema(imd_table=imd_table), 0
    with (
        closing(sample) as batches,
        _renamed_at_the_end(target) as unfinished,
        closing(make_sink(unfinished, schema)) as sink,
    ):
        for batch in batches:
            sink.write_batch(batch)
            taken += batch.num_rows
            if on_progress is not None:
                on_progress(taken)
