"""The order of a stream, as a state machine without sockets: Begin, then batches that follow each other, then End."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

import pyarrow as pa
from awscrt.checksums import crc32c

from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_service.errors import BrokenStreamError, DamagedBatchError, LimitExceededError
from core20plus5_service.settings import Settings


class State(Enum):
    """Where a stream is."""

    BEFORE_BEGIN = auto()
    IN_BATCHES = auto()
    ENDED = auto()


class Received(NamedTuple):
    """A batch that came when it should. number: 0 for the first of a stream; content: its `ipc_stream`; rows: that it is said to
    hold; checksum: the CRC-32C that it came with, if any."""

    number: int
    content: pa.Buffer
    rows: int
    checksum: int | None

    def check(self) -> None:
        """Raises DamagedBatchError for a wrong checksum. For a thread: it may take a millisecond."""
        if self.checksum is not None and crc32c(self.content) != self.checksum:
            raise DamagedBatchError(f"crc32c of batch {self.number} does not match its content")


@dataclass
class StreamOrder:
    """Checks each message against those before it. Raises BrokenStreamError, LimitExceededError."""

    settings: Settings
    state: State = State.BEFORE_BEGIN
    rows: int = 0
    batches: int = 0
    size: int = 0

    def begin(self) -> None:
        """Begin has come."""
        if self.state is not State.BEFORE_BEGIN:
            raise BrokenStreamError("Begin must be the first message, and only that")
        self.state = State.IN_BATCHES

    def batch(self, batch: records.ArrowBatch, content: pa.Buffer) -> Received:
        """A batch has come; content is its `ipc_stream`."""
        self._expect_batches()
        if batch.start_offset != self.rows:
            raise BrokenStreamError(f"start_offset of batch {self.batches} is not the number of rows before it")
        if batch.row_count < 0:
            raise BrokenStreamError(f"row_count of batch {self.batches} is negative")
        checksum = batch.crc32c if batch.HasField("crc32c") else None
        received = Received(self.batches, content, batch.row_count, checksum)
        self.rows += batch.row_count
        self.batches += 1
        self.size += content.size
        self._limit("max_batch_rows", batch.row_count, self.settings.max_batch_rows)
        self._limit("max_stream_rows", self.rows, self.settings.max_stream_rows)
        self._limit("max_stream_bytes", self.size, self.settings.max_stream_bytes)
        return received

    def end(self, end: records.End) -> None:
        """End has come."""
        self._expect_batches()
        if (end.total_rows, end.total_batches) != (self.rows, self.batches):
            raise BrokenStreamError("End does not give the rows and batches that were received")
        self.state = State.ENDED

    def closed(self) -> None:
        """The client has closed its side."""
        if self.state is not State.ENDED:
            raise BrokenStreamError("the stream ended without End: nothing was answered")

    def _expect_batches(self) -> None:
        if self.state is State.BEFORE_BEGIN:
            raise BrokenStreamError("the first message must be Begin")
        if self.state is State.ENDED:
            raise BrokenStreamError("nothing may follow End")

    @staticmethod
    def _limit(name: str, value: int, limit: int) -> None:
        if value > limit:
            raise LimitExceededError(f"{name} is {limit}")
