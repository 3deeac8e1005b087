from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Names(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class ParameterValue(_message.Message):
    __slots__ = ("whole", "number", "month_day")
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MONTH_DAY_FIELD_NUMBER: _ClassVar[int]
    whole: int
    number: float
    month_day: str
    def __init__(self, whole: _Optional[int] = ..., number: _Optional[float] = ..., month_day: _Optional[str] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("reference_date", "imd_version", "ruleset", "plus_groups", "indicators", "imd_from", "null_means_no", "parameters", "allow_later_facts")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ParameterValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ParameterValue, _Mapping]] = ...) -> None: ...
    REFERENCE_DATE_FIELD_NUMBER: _ClassVar[int]
    IMD_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULESET_FIELD_NUMBER: _ClassVar[int]
    PLUS_GROUPS_FIELD_NUMBER: _ClassVar[int]
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    IMD_FROM_FIELD_NUMBER: _ClassVar[int]
    NULL_MEANS_NO_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    ALLOW_LATER_FACTS_FIELD_NUMBER: _ClassVar[int]
    reference_date: str
    imd_version: str
    ruleset: str
    plus_groups: _containers.RepeatedScalarFieldContainer[str]
    indicators: Names
    imd_from: str
    null_means_no: _containers.RepeatedScalarFieldContainer[str]
    parameters: _containers.MessageMap[str, ParameterValue]
    allow_later_facts: bool
    def __init__(self, reference_date: _Optional[str] = ..., imd_version: _Optional[str] = ..., ruleset: _Optional[str] = ..., plus_groups: _Optional[_Iterable[str]] = ..., indicators: _Optional[_Union[Names, _Mapping]] = ..., imd_from: _Optional[str] = ..., null_means_no: _Optional[_Iterable[str]] = ..., parameters: _Optional[_Mapping[str, ParameterValue]] = ..., allow_later_facts: bool = ...) -> None: ...
