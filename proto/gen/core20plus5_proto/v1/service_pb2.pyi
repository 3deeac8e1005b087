from core20plus5_proto.v1 import answers_pb2 as _answers_pb2
from core20plus5_proto.v1 import questions_pb2 as _questions_pb2
from core20plus5_proto.v1 import records_pb2 as _records_pb2
from core20plus5_proto.v1 import rulesets_pb2 as _rulesets_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CountBegin(_message.Message):
    __slots__ = ("question", "strata", "cohorts", "disclosure", "inequality_max_rows", "completeness")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    STRATA_FIELD_NUMBER: _ClassVar[int]
    COHORTS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    INEQUALITY_MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    question: _questions_pb2.Question
    strata: _containers.RepeatedScalarFieldContainer[str]
    cohorts: _questions_pb2.Names
    disclosure: str
    inequality_max_rows: int
    completeness: bool
    def __init__(self, question: _Optional[_Union[_questions_pb2.Question, _Mapping]] = ..., strata: _Optional[_Iterable[str]] = ..., cohorts: _Optional[_Union[_questions_pb2.Names, _Mapping]] = ..., disclosure: _Optional[str] = ..., inequality_max_rows: _Optional[int] = ..., completeness: bool = ...) -> None: ...

class CountCohortsRequest(_message.Message):
    __slots__ = ("begin", "batch", "end")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    begin: CountBegin
    batch: _records_pb2.ArrowBatch
    end: _records_pb2.End
    def __init__(self, begin: _Optional[_Union[CountBegin, _Mapping]] = ..., batch: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., end: _Optional[_Union[_records_pb2.End, _Mapping]] = ...) -> None: ...

class CountHeader(_message.Message):
    __slots__ = ("provenance", "indicators")
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    provenance: _answers_pb2.Provenance
    indicators: _containers.RepeatedCompositeFieldContainer[_answers_pb2.IndicatorDescription]
    def __init__(self, provenance: _Optional[_Union[_answers_pb2.Provenance, _Mapping]] = ..., indicators: _Optional[_Iterable[_Union[_answers_pb2.IndicatorDescription, _Mapping]]] = ...) -> None: ...

class CountEnd(_message.Message):
    __slots__ = ("sent", "ledger", "quality", "inequality_sent", "completeness_sent")
    SENT_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    INEQUALITY_SENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETENESS_SENT_FIELD_NUMBER: _ClassVar[int]
    sent: _records_pb2.End
    ledger: _answers_pb2.Ledger
    quality: _containers.RepeatedCompositeFieldContainer[_answers_pb2.QualityFinding]
    inequality_sent: _records_pb2.End
    completeness_sent: _records_pb2.End
    def __init__(self, sent: _Optional[_Union[_records_pb2.End, _Mapping]] = ..., ledger: _Optional[_Union[_answers_pb2.Ledger, _Mapping]] = ..., quality: _Optional[_Iterable[_Union[_answers_pb2.QualityFinding, _Mapping]]] = ..., inequality_sent: _Optional[_Union[_records_pb2.End, _Mapping]] = ..., completeness_sent: _Optional[_Union[_records_pb2.End, _Mapping]] = ...) -> None: ...

class CountCohortsResponse(_message.Message):
    __slots__ = ("header", "batch", "end", "inequality", "completeness")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    INEQUALITY_FIELD_NUMBER: _ClassVar[int]
    COMPLETENESS_FIELD_NUMBER: _ClassVar[int]
    header: CountHeader
    batch: _records_pb2.ArrowBatch
    end: CountEnd
    inequality: _records_pb2.ArrowBatch
    completeness: _records_pb2.ArrowBatch
    def __init__(self, header: _Optional[_Union[CountHeader, _Mapping]] = ..., batch: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., end: _Optional[_Union[CountEnd, _Mapping]] = ..., inequality: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., completeness: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ...) -> None: ...

class FlagBegin(_message.Message):
    __slots__ = ("question",)
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    question: _questions_pb2.Question
    def __init__(self, question: _Optional[_Union[_questions_pb2.Question, _Mapping]] = ...) -> None: ...

class FlagPatientsRequest(_message.Message):
    __slots__ = ("begin", "batch", "end")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    begin: FlagBegin
    batch: _records_pb2.ArrowBatch
    end: _records_pb2.End
    def __init__(self, begin: _Optional[_Union[FlagBegin, _Mapping]] = ..., batch: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., end: _Optional[_Union[_records_pb2.End, _Mapping]] = ...) -> None: ...

class FlagHeader(_message.Message):
    __slots__ = ("provenance", "indicators")
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    provenance: _answers_pb2.Provenance
    indicators: _containers.RepeatedCompositeFieldContainer[_answers_pb2.IndicatorDescription]
    def __init__(self, provenance: _Optional[_Union[_answers_pb2.Provenance, _Mapping]] = ..., indicators: _Optional[_Iterable[_Union[_answers_pb2.IndicatorDescription, _Mapping]]] = ...) -> None: ...

class FlagEnd(_message.Message):
    __slots__ = ("sent", "ledger", "quality")
    SENT_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    sent: _records_pb2.End
    ledger: _answers_pb2.Ledger
    quality: _containers.RepeatedCompositeFieldContainer[_answers_pb2.QualityFinding]
    def __init__(self, sent: _Optional[_Union[_records_pb2.End, _Mapping]] = ..., ledger: _Optional[_Union[_answers_pb2.Ledger, _Mapping]] = ..., quality: _Optional[_Iterable[_Union[_answers_pb2.QualityFinding, _Mapping]]] = ...) -> None: ...

class FlagPatientsResponse(_message.Message):
    __slots__ = ("header", "batch", "end")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    header: FlagHeader
    batch: _records_pb2.ArrowBatch
    end: FlagEnd
    def __init__(self, header: _Optional[_Union[FlagHeader, _Mapping]] = ..., batch: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., end: _Optional[_Union[FlagEnd, _Mapping]] = ...) -> None: ...

class FlagFewRequest(_message.Message):
    __slots__ = ("begin", "batch", "end")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    begin: FlagBegin
    batch: _records_pb2.ArrowBatch
    end: _records_pb2.End
    def __init__(self, begin: _Optional[_Union[FlagBegin, _Mapping]] = ..., batch: _Optional[_Union[_records_pb2.ArrowBatch, _Mapping]] = ..., end: _Optional[_Union[_records_pb2.End, _Mapping]] = ...) -> None: ...

class FlagFewResponse(_message.Message):
    __slots__ = ("header", "batches", "end")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    header: FlagHeader
    batches: _containers.RepeatedCompositeFieldContainer[_records_pb2.ArrowBatch]
    end: FlagEnd
    def __init__(self, header: _Optional[_Union[FlagHeader, _Mapping]] = ..., batches: _Optional[_Iterable[_Union[_records_pb2.ArrowBatch, _Mapping]]] = ..., end: _Optional[_Union[FlagEnd, _Mapping]] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("server_version", "engine_version", "max_message_bytes", "recommended_message_bytes", "max_batch_rows", "max_stream_rows", "max_stream_bytes", "max_columns", "max_strata", "max_metadata_bytes", "max_cells", "max_calls", "idle_seconds", "max_call_seconds", "max_calls_per_caller", "max_few_rows", "rights", "disclosure_policies", "imd_tables", "rulesets")
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    ENGINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDED_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_ROWS_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAM_ROWS_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAM_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    MAX_STRATA_FIELD_NUMBER: _ClassVar[int]
    MAX_METADATA_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_CELLS_FIELD_NUMBER: _ClassVar[int]
    MAX_CALLS_FIELD_NUMBER: _ClassVar[int]
    IDLE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MAX_CALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MAX_CALLS_PER_CALLER_FIELD_NUMBER: _ClassVar[int]
    MAX_FEW_ROWS_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_POLICIES_FIELD_NUMBER: _ClassVar[int]
    IMD_TABLES_FIELD_NUMBER: _ClassVar[int]
    RULESETS_FIELD_NUMBER: _ClassVar[int]
    server_version: str
    engine_version: str
    max_message_bytes: int
    recommended_message_bytes: int
    max_batch_rows: int
    max_stream_rows: int
    max_stream_bytes: int
    max_columns: int
    max_strata: int
    max_metadata_bytes: int
    max_cells: int
    max_calls: int
    idle_seconds: float
    max_call_seconds: float
    max_calls_per_caller: int
    max_few_rows: int
    rights: _containers.RepeatedScalarFieldContainer[str]
    disclosure_policies: _containers.RepeatedScalarFieldContainer[str]
    imd_tables: _containers.RepeatedCompositeFieldContainer[ImdTableInfo]
    rulesets: _containers.RepeatedCompositeFieldContainer[_rulesets_pb2.RulesetSummary]
    def __init__(self, server_version: _Optional[str] = ..., engine_version: _Optional[str] = ..., max_message_bytes: _Optional[int] = ..., recommended_message_bytes: _Optional[int] = ..., max_batch_rows: _Optional[int] = ..., max_stream_rows: _Optional[int] = ..., max_stream_bytes: _Optional[int] = ..., max_columns: _Optional[int] = ..., max_strata: _Optional[int] = ..., max_metadata_bytes: _Optional[int] = ..., max_cells: _Optional[int] = ..., max_calls: _Optional[int] = ..., idle_seconds: _Optional[float] = ..., max_call_seconds: _Optional[float] = ..., max_calls_per_caller: _Optional[int] = ..., max_few_rows: _Optional[int] = ..., rights: _Optional[_Iterable[str]] = ..., disclosure_policies: _Optional[_Iterable[str]] = ..., imd_tables: _Optional[_Iterable[_Union[ImdTableInfo, _Mapping]]] = ..., rulesets: _Optional[_Iterable[_Union[_rulesets_pb2.RulesetSummary, _Mapping]]] = ...) -> None: ...

class ImdTableInfo(_message.Message):
    __slots__ = ("version", "lsoa_vintage", "sha256", "name", "rows")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LSOA_VINTAGE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    version: str
    lsoa_vintage: str
    sha256: str
    name: str
    rows: int
    def __init__(self, version: _Optional[str] = ..., lsoa_vintage: _Optional[str] = ..., sha256: _Optional[str] = ..., name: _Optional[str] = ..., rows: _Optional[int] = ...) -> None: ...

class ListRulesetsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListRulesetsResponse(_message.Message):
    __slots__ = ("rulesets",)
    RULESETS_FIELD_NUMBER: _ClassVar[int]
    rulesets: _containers.RepeatedCompositeFieldContainer[_rulesets_pb2.RulesetSummary]
    def __init__(self, rulesets: _Optional[_Iterable[_Union[_rulesets_pb2.RulesetSummary, _Mapping]]] = ...) -> None: ...

class GetRulesetRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetRulesetResponse(_message.Message):
    __slots__ = ("ruleset",)
    RULESET_FIELD_NUMBER: _ClassVar[int]
    ruleset: _rulesets_pb2.Ruleset
    def __init__(self, ruleset: _Optional[_Union[_rulesets_pb2.Ruleset, _Mapping]] = ...) -> None: ...

class DescribeRecordRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeRecordResponse(_message.Message):
    __slots__ = ("columns", "local_group_prefix", "derived_strata")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LOCAL_GROUP_PREFIX_FIELD_NUMBER: _ClassVar[int]
    DERIVED_STRATA_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_records_pb2.RecordColumn]
    local_group_prefix: str
    derived_strata: _containers.RepeatedCompositeFieldContainer[_records_pb2.DerivedStratum]
    def __init__(self, columns: _Optional[_Iterable[_Union[_records_pb2.RecordColumn, _Mapping]]] = ..., local_group_prefix: _Optional[str] = ..., derived_strata: _Optional[_Iterable[_Union[_records_pb2.DerivedStratum, _Mapping]]] = ...) -> None: ...
