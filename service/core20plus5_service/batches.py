"""Between the bytes of a message and a record batch."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from core20plus5_service.door import look_before
from core20plus5_service.errors import UnreadableBatchError
from core20plus5_service.settings import Settings

#: Messages that are cut at once, so that few of them are short.
_AT_ONCE = 4


def read_batch(content: pa.Buffer, row_count: int, settings: Settings) -> pa.RecordBatch:
    """The one batch of an Arrow IPC stream. Raises UnreadableBatchError, LimitExceededError, and SchemaError for types."""
    try:
        look_before(content, row_count, settings)
        with pa.ipc.open_stream(content) as reader:
            return reader.read_next_batch()
    except (pa.ArrowException, OSError, StopIteration) as error:
        raise UnreadableBatchError(f"a batch is no whole Arrow IPC stream ({type(error).__name__})") from None


def cut_table(table: pa.Table, target_bytes: int) -> Iterator[pa.RecordBatch]:
    """The table in batches of about so many bytes, in order; one empty batch where it has no rows."""
    if table.num_rows == 0:
        yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in table.schema], schema=table.schema)
        return
    rows = max(1, int(target_bytes * table.num_rows / max(1, table.nbytes)))
    yield from _joined(table.to_batches(max_chunksize=rows), rows)


def cut_batches(batches: Iterable[pa.RecordBatch], target_bytes: int) -> Iterator[pa.RecordBatch]:
    """As `cut_table`, of batches that are taken some at a time."""
    waiting, size = [], 0
    for batch in batches:
        waiting.append(batch)
        size += batch.nbytes
        if size >= _AT_ONCE * target_bytes:
            yield from cut_table(pa.Table.from_batches(waiting), target_bytes)
            waiting, size = [], 0
    if waiting:
        yield from cut_table(pa.Table.from_batches(waiting), target_bytes)


def keep_up_to(rows: int, batches: Iterable[pa.RecordBatch], kept: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, which are kept as well, unless all of them have more than so many rows: then none is, in the end."""
    met = 0
    for batch in batches:
        met += batch.num_rows
        if met <= rows > 0:
            kept.append(batch)
        else:
            kept.clear()
        yield batch


def _joined(batches: list[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Neighbours together, up to so many rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if waiting and sum(part.num_rows for part in waiting) + batch.num_rows > rows:
            yield _one(waiting)
            waiting = []
        waiting.append(batch)
    yield _one(waiting)


def _one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)  # type: ignore[attr-defined]
