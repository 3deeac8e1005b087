"""Batches of a good size for a message, whatever the caller's chunks: large ones are cut, small neighbours joined."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from core20plus5_client.sources import readable

#: Rows that are prepared at once: a caller's batch may be far larger than memory has room for a second time.
_PREPARED_ROWS = 65_536

#: Rows are cut at multiples of it, where bits begin with a word: then nobody has to move them.
_WHOLE_WORDS = 64

#: A dictionary so many times longer than the batch is cut down to what the rows use; to send a shorter one takes less time.
_LONG = 4


#: A batch, and its bytes.
Piece = tuple[pa.RecordBatch, int]


@dataclass(frozen=True)
class Limits:
    """What a message should hold: about so many bytes, and at most so many rows and bytes.

    few_rows: how many may go with all else of their call in one message; 0 where the server takes none so.
    """

    target_bytes: int
    max_bytes: int
    max_rows: int
    few_rows: int = 0

    @property
    def enough(self) -> int:
        """Bytes from which on a batch is not joined with the next."""
        return self.target_bytes // 2

    @property
    def too_large(self) -> int:
        """Bytes above which a batch is cut: more than the target, so that no piece is cut again for a few bytes."""
        return self.target_bytes * 5 // 4


def regroup(batches: Iterable[pa.RecordBatch], limits: Limits) -> Iterator[pa.RecordBatch]:
    """The rows in order, in batches about the size of target_bytes but for the last, and without metadata.

    A batch is smaller where the next one has another schema: encodings may change on the way, and only neighbours of
    one schema are joined. A row is never cut, whatever its size. Raises DataError for data that cannot be followed.
    """
    waiting: list[pa.RecordBatch] = []
    held = rows = 0
    for piece, size in _pieces(batches, limits):
        full = held + size > limits.too_large or rows + piece.num_rows > limits.max_rows
        if waiting and (full or piece.schema != waiting[0].schema):
            yield from _joined(waiting)
            waiting, held, rows = [], 0, 0
        waiting.append(piece)
        held, rows = held + size, rows + piece.num_rows
        if held >= limits.enough or rows >= limits.max_rows:
            yield from _joined(waiting)
            waiting, held, rows = [], 0, 0
    yield from _joined(waiting)


def halves(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """A batch of two rows or more, cut in two."""
    middle = batch.num_rows // 2
    return prepared(batch.slice(0, middle)), prepared(batch.slice(middle))


def prepared(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch as it is sent: no metadata, no views, and no dictionary much longer than the batch."""
    if not batch.schema.names:
        return batch.replace_schema_metadata(None)  # made of no arrays, it would have no rows
    return pa.RecordBatch.from_arrays([_plain(array) for array in batch.columns], names=batch.schema.names)


def _pieces(batches: Iterable[pa.RecordBatch], limits: Limits) -> Iterator[Piece]:
    step = min(_PREPARED_ROWS, limits.max_rows)
    for batch in batches:
        for start in range(0, batch.num_rows, step):
            piece = batch.slice(start, step)
            with readable():
                _validate(piece)
                piece = prepared(piece)
                piece.validate()  # its ends were in the middle before
                size = piece.nbytes
            yield from _cut(piece, size, limits)


def _validate(batch: pa.RecordBatch) -> None:
    """Whatever is followed on the way out. What lies between the first and the last text is not, nor are the indices of a
    dictionary, or with care: they are the server's to check. To check them here as well takes a third of what sending takes."""
    batch.validate()
    for array in batch.columns:
        encoded: Any = array
        if pa.types.is_dictionary(array.type):
            encoded.dictionary.validate(full=True)
        elif not _is_flat(array.type):
            encoded.validate(full=True)


def _is_flat(kind: Any) -> bool:
    """Whether nothing of an array is followed but its ends."""
    return bool(pa.types.is_primitive(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _cut(batch: pa.RecordBatch, size: int, limits: Limits) -> Iterator[Piece]:
    """Evenly, by the bytes of a row; where rows differ much in size, pieces are cut again."""
    if size <= limits.too_large or batch.num_rows == 1:
        yield batch, size
        return
    step = -(-batch.num_rows // -(-size // limits.target_bytes))
    if step > _WHOLE_WORDS:
        step = -(-step // _WHOLE_WORDS) * _WHOLE_WORDS
    kinds = batch.schema.types
    texts = [place for place, kind in enumerate(kinds) if not pa.types.is_primitive(kind)]
    is_flat = all(map(_is_flat, kinds))
    of_others = size - batch.select(texts).nbytes
    for start in range(0, batch.num_rows, step):
        part = batch.slice(start, step)
        with readable():
            part.validate()
            if not is_flat:
                part = prepared(part)
            # To ask all columns for their bytes takes longer than to write them out.
            part_size = of_others * part.num_rows // batch.num_rows + part.select(texts).nbytes
        yield from _cut(part, part_size, limits)


def _plain(array: Any) -> Any:
    """Text views as text: a slice of them would carry all of their buffers. Of a dictionary, only what the rows use."""
    if pa.types.is_string_view(array.type):
        return array.cast(pa.string())
    if not pa.types.is_dictionary(array.type):
        return array
    kind, dictionary, indices = array.type, array.dictionary, array.indices
    is_view = pa.types.is_string_view(dictionary.type)
    if is_view:
        dictionary = dictionary.cast(pa.string())
    if len(dictionary) > _LONG * len(indices):
        used = indices.dictionary_encode()
        dictionary, indices = dictionary.take(used.dictionary), used.indices.cast(kind.index_type)
    elif not is_view:
        return array
    return pa.DictionaryArray.from_arrays(indices, dictionary, ordered=kind.ordered)


def _joined(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """As one batch; as they are where their dictionaries together are too long for the type of their indices."""
    if len(batches) < 2:
        return batches
    try:
        return [prepared(pa.concat_batches(batches))]  # type: ignore[attr-defined]
    except pa.ArrowInvalid:
        return batches
