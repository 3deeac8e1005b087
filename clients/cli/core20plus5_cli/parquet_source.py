"""Parquet: a file, or a folder of files that are the parts of one table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

from core20plus5_cli.errors import CliError
from core20plus5_cli.readable import readable

# A table format keeps rows in its files that were deleted or replaced since; only its log says which.
_TABLE_LOGS = {"_delta_log": "a Delta table", ".hoodie": "a Hudi table", "metadata/*.metadata.json": "an Iceberg table"}


class ParquetSource:
    """Reads only the columns that are asked for. Subfolders named key=value give a column, as Spark writes them."""

    def __init__(self, path: Path) -> None:
        folder = path if path.is_dir() else path.parent
        files = parts(path) if path.is_dir() else [path]
        schemas = [_schema(file) for file in files]
        _check_names(files, schemas)
        self._dataset = _dataset(folder, files, None)
        if len(files) > 1:
            self._dataset = _dataset(folder, files, _common_schema(self._dataset.schema, schemas))
        self.schema: pa.Schema = self._dataset.schema
        self.rows: int | None = self._dataset.count_rows()

    def batches(self, columns: list[str], **scan: Any) -> Iterable[pa.RecordBatch]:
        """In the order of the files' names."""
        batches: Iterable[pa.RecordBatch] = self._dataset.to_batches(columns=columns, **scan)
        return batches


def parts(folder: Path) -> list[Path]:
    """The Parquet files in a folder and those below it, by name; hidden ones and a writer's own are left out.

    Raises CliError where there is none, and for a folder whose files are not simply the table.
    """
    for log, name in _TABLE_LOGS.items():
        if any(folder.glob(log)):
            raise CliError(f"{folder} is {name}: its files hold rows that are no longer in it; write it out as plain Parquet")
    files = sorted(
        file
        for file in folder.rglob("*.parquet")
        if not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    )
    if not files:
        raise CliError(f"the folder {folder} holds no .parquet file")
    return files


def _schema(file: Path) -> pa.Schema:
    with readable(file.name):
        return pyarrow.parquet.read_schema(file)


def _dataset(folder: Path, files: list[Path], schema: pa.Schema | None) -> Any:
    names: Any = [str(file) for file in files]
    # The folders above the one that was named say nothing about its rows.
    return pyarrow.dataset.dataset(names, schema=schema, format="parquet", partitioning="hive", partition_base_dir=str(folder))


def _check_names(files: list[Path], schemas: list[pa.Schema]) -> None:
    """A column that only some files have would be null in the others, and null in a record means something."""
    for file, schema in zip(files, schemas, strict=True):
        repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
        if repeated:
            raise CliError(f"{file.name} has more than one column {', '.join(repeated)}")
        other = sorted(set(schema.names) ^ set(schemas[0].names))
        if other:
            raise CliError(f"{files[0].name} and {file.name} have different columns: only one has {', '.join(other)}")


def _common_schema(first: pa.Schema, schemas: list[pa.Schema]) -> pa.Schema:
    """The types that hold every file's values. `first` has the columns that the folders' names give as well."""
    try:
        return pa.unify_schemas([first, *schemas], promote_options="permissive")
    except pa.ArrowTypeError:
        pass
    try:
        return pa.unify_schemas([_decoded(schema) for schema in (first, *schemas)], promote_options="permissive")
    except pa.ArrowTypeError:
        wrong = [field.name for field in first if any(not _alike(field, schema) for schema in schemas)]
        raise CliError(f"the files of the folder have different types in {', '.join(wrong)}") from None


def _decoded(schema: pa.Schema) -> pa.Schema:
    """Without dictionaries: files may disagree about what is encoded."""
    types: list[Any] = [field.type for field in schema]
    plain = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in types]
    return pa.schema(list(zip(schema.names, plain, strict=True)))


def _alike(field: Any, schema: pa.Schema) -> bool:
    if field.name not in schema.names:
        return True
    pair = [_decoded(pa.schema([one])) for one in (field, schema.field(field.name))]
    try:
        pa.unify_schemas(pair, promote_options="permissive")
    except pa.ArrowTypeError:
        return False
    return True
