from core20plus5_proto.v1 import questions_pb2 as _questions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Provenance(_message.Message):
    __slots__ = ("reference_date", "imd_version", "imd_from", "imd_version_asserted_by_caller", "imd_table", "imd_table_sha256", "lsoa_vintage", "strata", "plus_groups", "ruleset", "ruleset_version", "ruleset_sha256", "disclosure", "disclosure_protection", "cohorts", "indicators", "null_means_no", "parameters", "parameters_overridden", "allow_later_facts", "engine_version", "columns_absent", "columns_ignored", "request_fingerprint")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _questions_pb2.ParameterValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_questions_pb2.ParameterValue, _Mapping]] = ...) -> None: ...
    REFERENCE_DATE_FIELD_NUMBER: _ClassVar[int]
    IMD_VERSION_FIELD_NUMBER: _ClassVar[int]
    IMD_FROM_FIELD_NUMBER: _ClassVar[int]
    IMD_VERSION_ASSERTED_BY_CALLER_FIELD_NUMBER: _ClassVar[int]
    IMD_TABLE_FIELD_NUMBER: _ClassVar[int]
    IMD_TABLE_SHA256_FIELD_NUMBER: _ClassVar[int]
    LSOA_VINTAGE_FIELD_NUMBER: _ClassVar[int]
    STRATA_FIELD_NUMBER: _ClassVar[int]
    PLUS_GROUPS_FIELD_NUMBER: _ClassVar[int]
    RULESET_FIELD_NUMBER: _ClassVar[int]
    RULESET_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULESET_SHA256_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    COHORTS_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    NULL_MEANS_NO_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_OVERRIDDEN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_LATER_FACTS_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_ABSENT_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_IGNORED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    reference_date: str
    imd_version: str
    imd_from: str
    imd_version_asserted_by_caller: bool
    imd_table: str
    imd_table_sha256: str
    lsoa_vintage: str
    strata: _containers.RepeatedScalarFieldContainer[str]
    plus_groups: _containers.RepeatedScalarFieldContainer[str]
    ruleset: str
    ruleset_version: str
    ruleset_sha256: str
    disclosure: str
    disclosure_protection: str
    cohorts: _containers.RepeatedScalarFieldContainer[str]
    indicators: _containers.RepeatedScalarFieldContainer[str]
    null_means_no: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.MessageMap[str, _questions_pb2.ParameterValue]
    parameters_overridden: _containers.RepeatedScalarFieldContainer[str]
    allow_later_facts: bool
    engine_version: str
    columns_absent: _containers.RepeatedScalarFieldContainer[str]
    columns_ignored: _containers.RepeatedScalarFieldContainer[str]
    request_fingerprint: str
    def __init__(self, reference_date: _Optional[str] = ..., imd_version: _Optional[str] = ..., imd_from: _Optional[str] = ..., imd_version_asserted_by_caller: bool = ..., imd_table: _Optional[str] = ..., imd_table_sha256: _Optional[str] = ..., lsoa_vintage: _Optional[str] = ..., strata: _Optional[_Iterable[str]] = ..., plus_groups: _Optional[_Iterable[str]] = ..., ruleset: _Optional[str] = ..., ruleset_version: _Optional[str] = ..., ruleset_sha256: _Optional[str] = ..., disclosure: _Optional[str] = ..., disclosure_protection: _Optional[str] = ..., cohorts: _Optional[_Iterable[str]] = ..., indicators: _Optional[_Iterable[str]] = ..., null_means_no: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Mapping[str, _questions_pb2.ParameterValue]] = ..., parameters_overridden: _Optional[_Iterable[str]] = ..., allow_later_facts: bool = ..., engine_version: _Optional[str] = ..., columns_absent: _Optional[_Iterable[str]] = ..., columns_ignored: _Optional[_Iterable[str]] = ..., request_fingerprint: _Optional[str] = ...) -> None: ...

class IndicatorDescription(_message.Message):
    __slots__ = ("name", "title", "kind", "area", "direction", "target", "window", "source", "caveat")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CAVEAT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    kind: str
    area: str
    direction: str
    target: float
    window: str
    source: str
    caveat: str
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[str] = ..., area: _Optional[str] = ..., direction: _Optional[str] = ..., target: _Optional[float] = ..., window: _Optional[str] = ..., source: _Optional[str] = ..., caveat: _Optional[str] = ...) -> None: ...

class Ledger(_message.Message):
    __slots__ = ("rows_received", "rows_counted", "excluded")
    ROWS_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    ROWS_COUNTED_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_FIELD_NUMBER: _ClassVar[int]
    rows_received: int
    rows_counted: int
    excluded: _containers.RepeatedCompositeFieldContainer[ExcludedRows]
    def __init__(self, rows_received: _Optional[int] = ..., rows_counted: _Optional[int] = ..., excluded: _Optional[_Iterable[_Union[ExcludedRows, _Mapping]]] = ...) -> None: ...

class ExcludedRows(_message.Message):
    __slots__ = ("reason", "rows")
    REASON_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    rows: int
    def __init__(self, reason: _Optional[str] = ..., rows: _Optional[int] = ...) -> None: ...

class QualityFinding(_message.Message):
    __slots__ = ("column", "reason", "rows")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    column: str
    reason: str
    rows: int
    def __init__(self, column: _Optional[str] = ..., reason: _Optional[str] = ..., rows: _Optional[int] = ...) -> None: ...
