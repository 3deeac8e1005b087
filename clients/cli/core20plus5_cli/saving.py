"""Files that are written: whole or not at all, with what changed the answers kept beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from core20plus5_cli.errors import CliError
from core20plus5_cli.readable import reason

METADATA_KEY = "core20plus5"
_LEDGER = ("rows_received", "rows_counted", "rows_excluded")


class Sink(Protocol):
    """Takes batches of one schema; the file is whole once it is closed."""

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        """Adds rows."""

    def close(self) -> None:
        """Ends the file."""


def check_target(out: Path, records: Path, option: str = "--out", suffixes: Collection[str] = ()) -> None:
    """Before any work. Raises CliError for a suffix without a format, a missing folder, and a file that would be in the way."""
    if out.suffix.lower() not in (suffixes or _SINKS):
        raise CliError(f"{option} must end in {', '.join(suffixes or _SINKS)}: {out.name} does not say which format to write")
    if not out.parent.is_dir():
        raise CliError(f"{option}: there is no folder {out.parent}")
    if out.is_dir():
        raise CliError(f"{option}: {out} is a folder")
    target, source = out.resolve(), records.resolve()
    if target == source or source in target.parents:
        raise CliError(f"{option}: {out} would become part of the records; write somewhere else")


def save(
    out: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    provenance: Mapping[str, Any],
    tables: Mapping[str, pa.Table | None] | None = None,
) -> int:
    """Write batches by the suffix of `out`, and return how many rows. A file of that name is replaced once all is written.

    Parquet and Arrow keep the provenance in the schema's metadata, and `tables` beside it, as JSON by name; beside CSV the
    provenance is a file, counts.provenance.json.
    """
    kept = json.dumps(kept_provenance(provenance), indent=2)
    more = {
        f"{METADATA_KEY}.{name}": json.dumps(table.to_pylist()) for name, table in (tables or {}).items() if table is not None
    }
    try:
        if out.suffix.lower() != ".csv":
            return _write(out, schema.with_metadata({METADATA_KEY: kept} | more), batches)
        with renamed_at_the_end(out.with_suffix(".provenance.json")) as unfinished:
            unfinished.write_text(kept + "\n", encoding="utf-8")
            return _write(out, schema, batches)
    except OSError as error:
        raise CliError(f"{out} cannot be written: {reason(error) or type(error).__name__}") from None


def kept_provenance(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept with an answer: exact numbers of people only beside exact counts."""
    exact = provenance["disclosure"] == "none"
    return {name: value for name, value in provenance.items() if exact or name not in _LEDGER}


@contextmanager
def renamed_at_the_end(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to: it becomes `path` if all goes well, and is removed if not."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(out: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    make_sink, rows = _SINKS[out.suffix.lower()], 0
    with renamed_at_the_end(out) as unfinished, closing(make_sink(unfinished, schema)) as sink:
        for batch in batches:
            sink.write_batch(batch)
            rows += batch.num_rows
    return rows


class _CsvSink:
    """Text as it is, dates as 2026-03-31, bools as true and false, null as nothing."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = pa.schema([_without_dictionary(field) for field in schema])
        self._writer = pyarrow.csv.CSVWriter(path, self._schema)

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        self._writer.write_batch(batch.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


class _ArrowSink:
    """An Arrow IPC file: one dictionary serves for all its batches, which a caller's own identifiers need not have."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        fields = [_without_dictionary(field) if field.name == "person_id" else field for field in schema]
        self._schema = pa.schema(fields).with_metadata(schema.metadata)
        self._writer = pa.ipc.new_file(str(path), self._schema)

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        self._writer.write_batch(batch.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


def _without_dictionary(field: Any) -> Any:
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def _parquet_sink(path: Path, schema: pa.Schema) -> Sink:
    return pyarrow.parquet.ParquetWriter(path, schema, compression="zstd")


_SINKS: dict[str, Callable[[Path, pa.Schema], Sink]] = {
    ".csv": _CsvSink,
    ".parquet": _parquet_sink,
    ".arrow": _ArrowSink,
}
