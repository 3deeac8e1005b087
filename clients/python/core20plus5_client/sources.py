"""Whatever Arrow data a caller has, as batches with just the columns that are sent, without holding it all."""

from collections.abc import Generator, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from core20plus5_client.errors import DataError, RequestError, SchemaError

#: Rows read at once from a dataset.
_SCAN_ROWS = 65_536


@dataclass(frozen=True)
class Source:
    """A schema (None where there were no batches at all) and the batches behind it.

    arrows_own: the batches come from Arrow itself and not from the caller's own code.
    """

    schema: pa.Schema | None
    data: Any
    arrows_own: bool = True
    #: The same data can be opened once more, from its beginning.
    again: bool = False

    @property
    def names(self) -> list[str]:
        """Names of the caller's columns, in order."""
        return self.schema.names if self.schema is not None else []

    @property
    def rows(self) -> int | None:
        """Rows of all batches, where that can be told without reading them."""
        return sum(batch.num_rows for batch in self.data) if isinstance(self.data, list) else None

    def batches(self, columns: list[str]) -> Generator[pa.RecordBatch, None, None]:
        """Batches with just these columns.

        Raises DataError where Arrow cannot read the data; errors of the caller's own code come out as they are.
        """
        with readable() if self.arrows_own else _as_it_is():
            for batch in self._scan(columns):
                if not _is_dataset(self.data) and sorted(batch.schema.names) != sorted(self.names):
                    raise SchemaError(["the batches do not all have the same columns"])
                yield batch.select(columns)

    def _scan(self, columns: list[str]) -> Iterable[pa.RecordBatch]:
        if not _is_dataset(self.data):
            batches: Iterable[pa.RecordBatch] = self.data
            return batches
        # Little read-ahead: memory must not grow with the data.
        scanned: Iterable[pa.RecordBatch] = self.data.to_batches(
            columns=columns, batch_size=_SCAN_ROWS, batch_readahead=4, fragment_readahead=1
        )
        return scanned


class Rereading:
    """The caller's records for one try after the other, from their beginning."""

    def __init__(self, batches: Any, source: Source | None = None) -> None:
        """source: the same batches, if they were opened already."""
        self._batches = batches
        self._source = source or open_source(batches)
        self._taken = False

    @property
    def source(self) -> Source:
        """The records, not yet read."""
        if self._taken:
            self._source, self._taken = open_source(self._batches), False
        return self._source

    def take(self) -> Source:
        """The records, to be read now."""
        source, self._taken = self.source, True
        return source

    def can(self) -> bool:
        """Whether they can be read from their beginning: nobody has begun, or they are not used up by it."""
        return not self._taken or self._source.again


def open_source(batches: Any) -> Source:
    """Take a Table, RecordBatch, RecordBatchReader, dataset, what has `__arrow_c_stream__`, or an iterable of batches.

    Raises RequestError for anything else.
    """
    if _is_dataset(batches):
        return Source(batches.schema, batches, again=True)
    if isinstance(batches, pa.RecordBatch):
        return Source(batches.schema, [batches], again=True)
    if isinstance(batches, pa.Table):
        return Source(batches.schema, batches.to_batches(), again=True)
    if isinstance(batches, pa.RecordBatchReader):
        return Source(batches.schema, batches)
    if hasattr(batches, "__arrow_c_stream__"):
        with readable():
            reader = pa.RecordBatchReader.from_stream(batches)
        return Source(reader.schema, reader, again=isinstance(batches, Sized))  # a stream has no length, a table has
    if isinstance(batches, Iterable) and not isinstance(batches, (str, bytes, dict)):
        return _from_iterable(iter(batches), again=isinstance(batches, Sequence))
    raise RequestError(f"batches must be Arrow data, not {type(batches).__name__}")


def _is_dataset(data: Any) -> bool:
    """A dataset, or anything that scans like one: it reads only the columns that are asked for."""
    return hasattr(data, "scanner") and hasattr(data, "schema")


def _from_iterable(items: Iterator[Any], again: bool) -> Source:
    batches = chain.from_iterable(_as_batches(item) for item in items)
    first = next(batches, None)
    if first is None:
        return Source(None, [])
    return Source(first.schema, chain([first], batches), arrows_own=False, again=again)


def _as_batches(item: Any) -> list[pa.RecordBatch]:
    if isinstance(item, pa.RecordBatch):
        return [item]
    if isinstance(item, pa.Table):
        return item.to_batches()
    if hasattr(item, "__arrow_c_array__"):
        return [pa.record_batch(item)]
    raise RequestError(f"batches must be Arrow record batches, not {type(item).__name__}")


@contextmanager
def readable() -> Iterator[None]:
    """Arrow's own errors as DataError: their text may quote what could not be read."""
    try:
        yield
    except pa.ArrowException as error:
        raise DataError(f"the data cannot be read: it is corrupt or truncated ({type(error).__name__})") from None
    except OSError as error:
        raise DataError(f"the data cannot be read: {error.strerror or 'it is corrupt or truncated'}") from None


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
