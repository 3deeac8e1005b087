from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ArrowBatch(_message.Message):
    __slots__ = ("row_count", "start_offset", "crc32c", "padding", "ipc_stream")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    CRC32C_FIELD_NUMBER: _ClassVar[int]
    PADDING_FIELD_NUMBER: _ClassVar[int]
    IPC_STREAM_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    start_offset: int
    crc32c: int
    padding: bytes
    ipc_stream: bytes
    def __init__(self, row_count: _Optional[int] = ..., start_offset: _Optional[int] = ..., crc32c: _Optional[int] = ..., padding: _Optional[bytes] = ..., ipc_stream: _Optional[bytes] = ...) -> None: ...

class End(_message.Message):
    __slots__ = ("total_rows", "total_batches")
    TOTAL_ROWS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BATCHES_FIELD_NUMBER: _ClassVar[int]
    total_rows: int
    total_batches: int
    def __init__(self, total_rows: _Optional[int] = ..., total_batches: _Optional[int] = ...) -> None: ...

class RecordColumn(_message.Message):
    __slots__ = ("name", "type", "meaning", "null_means", "accepts", "optional_column", "paired_with", "enough", "null_may_mean_no")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    NULL_MEANS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_COLUMN_FIELD_NUMBER: _ClassVar[int]
    PAIRED_WITH_FIELD_NUMBER: _ClassVar[int]
    ENOUGH_FIELD_NUMBER: _ClassVar[int]
    NULL_MAY_MEAN_NO_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    meaning: str
    null_means: str
    accepts: str
    optional_column: bool
    paired_with: str
    enough: str
    null_may_mean_no: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., meaning: _Optional[str] = ..., null_means: _Optional[str] = ..., accepts: _Optional[str] = ..., optional_column: bool = ..., paired_with: _Optional[str] = ..., enough: _Optional[str] = ..., null_may_mean_no: bool = ...) -> None: ...

class DerivedStratum(_message.Message):
    __slots__ = ("name", "reads", "reads_deprivation", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    READS_DEPRIVATION_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    reads: _containers.RepeatedScalarFieldContainer[str]
    reads_deprivation: bool
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., reads: _Optional[_Iterable[str]] = ..., reads_deprivation: bool = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...
