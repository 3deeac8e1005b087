"""A DataFrame as the engine sees it: the Arrow schema of its columns, and only those that are read."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as sql
from pyspark.sql.types import DataType, DecimalType

from core20plus5.errors import RequestError

#: As Spark sends them. A timestamp is an instant, whatever the time zone of the session; `timestamp_ntz` stands as it is.
_ARROW: dict[str, Any] = {
    "void": pa.null(),
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "char": pa.string(),
    "varchar": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"),
}

#: Stands for the records where no column is read, so that they can be counted all the same.
_ROW = "row"


def arrow_schema(df: Any) -> pa.Schema:
    """The schema of the records. Raises RequestError for what is no DataFrame, or one without an end."""
    if not (hasattr(df, "mapInArrow") and hasattr(df, "isStreaming")):
        raise RequestError(f"df must be a Spark DataFrame, not {type(df).__name__}")
    if df.isStreaming:
        raise RequestError("df is a stream: it has no end, and nothing can be released before it")
    return pa.schema([pa.field(field.name, _arrow_type(field.dataType)) for field in df.schema.fields])


def _arrow_type(kind: DataType) -> Any:
    if isinstance(kind, DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    # Anything else belongs in no column of the record; the name is for the message.
    return _ARROW.get(kind.typeName()) or pa.opaque(pa.null(), kind.simpleString(), "spark")


def pruned(df: DataFrame, schema: pa.Schema, columns: Sequence[str]) -> DataFrame:
    """Just these columns of the records, by place: Spark reads a dot in a name, and takes `Sex` and `sex` to be one."""
    if not columns:
        return df.select(sql.lit(True).alias(_ROW))
    places = [schema.names.index(name) for name in columns]
    return df.toDF(*(f"c{place}" for place in range(len(schema.names)))).select(*(f"c{place}" for place in places))


def named(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """A batch of `pruned` with its names again."""
    return batch.rename_columns(list(columns)) if columns else batch
