"""Arrow IPC: a file, which is mapped and not copied, or a stream."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa


class IpcFileSource:
    """The file format, also known as Feather 2."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        with pa.memory_map(self._path) as file, pa.ipc.open_file(file) as reader:
            self.schema = reader.schema
        self.rows: int | None = None

    def batches(self, columns: list[str], **scan: Any) -> Iterator[pa.RecordBatch]:
        """The batches as they were written."""
        with pa.memory_map(self._path) as file, pa.ipc.open_file(file) as reader:
            for number in range(reader.num_record_batches):
                yield _select(reader.get_batch(number), columns)


class IpcStreamSource:
    """The stream format, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        with pa.memory_map(self._path) as file, pa.ipc.open_stream(file) as reader:
            self.schema = reader.schema
        self.rows: int | None = None

    def batches(self, columns: list[str], **scan: Any) -> Iterator[pa.RecordBatch]:
        """The batches as they were written."""
        with pa.memory_map(self._path) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield _select(batch, columns)


def _select(batch: pa.RecordBatch, columns: list[str]) -> pa.RecordBatch:
    """A selection of no columns would forget how many rows there are: it keeps one."""
    return batch.select(columns or batch.schema.names[:1])
