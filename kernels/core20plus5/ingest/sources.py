"""Whatever Arrow data a caller has, as a stream of blocks of a good size, without holding it all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from core20plus5.errors import DataError, RequestError, SchemaError

#: Rows of a block: enough that calling kernels costs little, few enough that several blocks under way take little memory.
BLOCK_ROWS = 131_072

#: Rows from which on a batch is a block by itself: to copy it beside another takes longer than to read it by itself.
_ENOUGH_ROWS = 32_768

#: Bytes that small batches may hold while they wait to be joined.
_MOST_WAITING = 32 << 20

Look = Callable[[pa.RecordBatch], None]


@dataclass(frozen=True)
class Source:
    """A schema (None where there were no batches at all) and the batches behind it."""

    schema: pa.Schema | None
    data: Any

    def blocks(self, columns: list[str], look: Look, check: Look) -> Iterator[pa.RecordBatch]:
        """Batches with just these columns, of up to BLOCK_ROWS rows; short ones are joined until they are long enough.

        look: is shown each batch as it came; check: what is used of it, before it is. Raises DataError where the data
        cannot be read.
        """
        try:
            yield from _regroup(self._batches(columns, look, check))
        except pa.ArrowException as error:
            # Arrow's own message may quote what it could not read.
            raise DataError(f"the data cannot be read: it is corrupt or truncated ({type(error).__name__})") from None
        except OSError as error:
            raise DataError(f"the data cannot be read: {error.strerror or 'it is corrupt or truncated'}") from None

    def _batches(self, columns: list[str], look: Look, check: Look) -> Iterator[pa.RecordBatch]:
        if _is_dataset(self.data):
            # Little read-ahead: memory must not grow with the data.
            batches: Iterable[pa.RecordBatch] = self.data.to_batches(
                columns=columns, batch_size=BLOCK_ROWS // 2, batch_readahead=4, fragment_readahead=1
            )
        else:
            batches = self.data
        expected = set(self.schema.names) if self.schema else set()
        scanned, all_of_them = _is_dataset(self.data), self.schema is not None and self.schema.names == columns
        for batch in batches:
            is_alike = self.schema is not None and batch.schema.equals(self.schema)
            if not scanned and not is_alike and set(batch.schema.names) != expected:
                raise SchemaError(["the batches do not all have the same columns"])
            look(batch)
            chosen = batch if is_alike and all_of_them else _choose(batch, columns)
            check(chosen)
            yield chosen


def _is_dataset(data: Any) -> bool:
    """A dataset, or anything that scans like one: it reads only the columns that are asked for."""
    return hasattr(data, "scanner") and hasattr(data, "schema")


def _choose(batch: pa.RecordBatch, columns: list[str]) -> pa.RecordBatch:
    return batch.select(columns) if columns else _no_columns(batch.num_rows)


def _no_columns(rows: int) -> pa.RecordBatch:
    """A batch that only says how many rows there are."""
    return pa.record_batch([pa.nulls(rows)], names=[""])


def open_source(batches: Any) -> Source:
    """Take a Table, RecordBatch, RecordBatchReader, dataset, anything with `__arrow_c_stream__`, or an iterable of batches.

    Raises RequestError for anything else.
    """
    if _is_dataset(batches):
        return Source(batches.schema, batches)
    if isinstance(batches, pa.RecordBatch):
        return Source(batches.schema, [batches])
    if isinstance(batches, pa.Table):
        return Source(batches.schema, batches.to_batches())
    if isinstance(batches, pa.RecordBatchReader):
        return Source(batches.schema, batches)
    if hasattr(batches, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(batches)
        return Source(reader.schema, reader)
    if isinstance(batches, Iterable) and not isinstance(batches, (str, bytes, dict)):
        return _from_iterable(iter(batches))
    raise RequestError(f"batches must be Arrow data, not {type(batches).__name__}")


def _from_iterable(items: Iterator[Any]) -> Source:
    batches = chain.from_iterable(_as_batches(item) for item in items)
    first = next(batches, None)
    if first is None:
        return Source(None, [])
    return Source(first.schema, chain([first], batches))


def _as_batches(item: Any) -> list[pa.RecordBatch]:
    if isinstance(item, pa.RecordBatch):
        return [item]
    if isinstance(item, pa.Table):
        return item.to_batches()
    if hasattr(item, "__arrow_c_array__"):
        return [pa.record_batch(item)]
    raise RequestError(f"batches must be Arrow record batches, not {type(item).__name__}")


def _regroup(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Cut large batches, join small ones. Only neighbours of one schema are joined: encodings may change on the way."""
    waiting: list[pa.RecordBatch] = []
    rows = held = 0
    last = (0, 0)
    for batch in batches:
        for start in range(0, batch.num_rows, BLOCK_ROWS):
            piece = batch.slice(start, BLOCK_ROWS)
            if waiting and (rows + piece.num_rows > BLOCK_ROWS or piece.schema != waiting[0].schema):
                yield _join(waiting)
                waiting, rows, held, last = [], 0, 0, (0, 0)
            waiting.append(piece)
            rows += piece.num_rows
            is_enough = rows >= _ENOUGH_ROWS
            if not is_enough and last != (last := _held(piece)):  # else a slice of the same memory, which holds no more of it
                held += last[1]
                is_enough = held >= _MOST_WAITING and len(waiting) > 1
            if is_enough:
                yield _join(waiting)
                waiting, rows, held, last = [], 0, 0, (0, 0)
    if waiting:
        yield _join(waiting)


def _held(batch: pa.RecordBatch) -> tuple[int, int]:
    """What a batch keeps in memory: where it begins and how many bytes it is. That is its whole message, with columns that nobody
    reads and what no column shows; or all of what it is a slice of, which other slices keep as well."""
    arrays: Iterator[Any] = map(batch.column, range(batch.num_columns))
    buffer: Any = next((buffer for array in arrays for buffer in array.buffers() if buffer is not None), None)
    if buffer is None or buffer.parent is None:
        return buffer.address if buffer else 0, batch.get_total_buffer_size()
    while buffer.parent is not None:
        buffer = buffer.parent
    return buffer.address, buffer.size


def _join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)  # type: ignore[attr-defined]
