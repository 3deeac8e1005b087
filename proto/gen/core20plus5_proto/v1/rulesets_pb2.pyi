from core20plus5_proto.v1 import questions_pb2 as _questions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RulesetSummary(_message.Message):
    __slots__ = ("name", "version", "title", "sha256")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    title: str
    sha256: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., title: _Optional[str] = ..., sha256: _Optional[str] = ...) -> None: ...

class Parameter(_message.Message):
    __slots__ = ("name", "value", "unit", "since", "source")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _questions_pb2.ParameterValue
    unit: str
    since: str
    source: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[_questions_pb2.ParameterValue, _Mapping]] = ..., unit: _Optional[str] = ..., since: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class IndicatorDefinition(_message.Message):
    __slots__ = ("name", "title", "kind", "area", "direction", "target", "windows", "source", "caveat", "among", "where", "known", "columns")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CAVEAT_FIELD_NUMBER: _ClassVar[int]
    AMONG_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    kind: str
    area: str
    direction: str
    target: str
    windows: _containers.RepeatedScalarFieldContainer[str]
    source: str
    caveat: str
    among: str
    where: str
    known: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[str] = ..., area: _Optional[str] = ..., direction: _Optional[str] = ..., target: _Optional[str] = ..., windows: _Optional[_Iterable[str]] = ..., source: _Optional[str] = ..., caveat: _Optional[str] = ..., among: _Optional[str] = ..., where: _Optional[str] = ..., known: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ...) -> None: ...

class Rule(_message.Message):
    __slots__ = ("reason", "where", "column", "columns")
    REASON_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    reason: str
    where: str
    column: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, reason: _Optional[str] = ..., where: _Optional[str] = ..., column: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ...) -> None: ...

class LocalGroup(_message.Message):
    __slots__ = ("title", "kind", "source")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    title: str
    kind: str
    source: str
    def __init__(self, title: _Optional[str] = ..., kind: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class Ruleset(_message.Message):
    __slots__ = ("summary", "source", "parameters", "definitions", "exclusions", "checks", "indicators", "columns", "local_group")
    class DefinitionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    DEFINITIONS_FIELD_NUMBER: _ClassVar[int]
    EXCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LOCAL_GROUP_FIELD_NUMBER: _ClassVar[int]
    summary: RulesetSummary
    source: str
    parameters: _containers.RepeatedCompositeFieldContainer[Parameter]
    definitions: _containers.ScalarMap[str, str]
    exclusions: _containers.RepeatedCompositeFieldContainer[Rule]
    checks: _containers.RepeatedCompositeFieldContainer[Rule]
    indicators: _containers.RepeatedCompositeFieldContainer[IndicatorDefinition]
    columns: _containers.RepeatedScalarFieldContainer[str]
    local_group: LocalGroup
    def __init__(self, summary: _Optional[_Union[RulesetSummary, _Mapping]] = ..., source: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., definitions: _Optional[_Mapping[str, str]] = ..., exclusions: _Optional[_Iterable[_Union[Rule, _Mapping]]] = ..., checks: _Optional[_Iterable[_Union[Rule, _Mapping]]] = ..., indicators: _Optional[_Iterable[_Union[IndicatorDefinition, _Mapping]]] = ..., columns: _Optional[_Iterable[str]] = ..., local_group: _Optional[_Union[LocalGroup, _Mapping]] = ...) -> None: ...
