"""One request: everything that changes an answer, checked before any row is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from core20plus5.deprivation import LSOA_VINTAGE, ImdTable
from core20plus5.disclosure import POLICIES
from core20plus5.errors import RequestError
from core20plus5.records import COLUMNS, IMD_VERSIONS, is_local_group
from core20plus5.rulesets import ParameterValue, Ruleset, override

#: Columns of the table of counts, which a stratum must not be named as.
COUNT_COLUMNS = ("cohort", "cohort_answer", "indicator", "yes", "no", "unknown", "suppressed", "status")

IMD_SOURCES = ("lsoa_code", "imd_rank", "imd_decile")


@dataclass(frozen=True)
class Request:
    """The arguments of a call after checking; `None` stands for "choose by what the data has"."""

    reference_date: date
    imd_version: str
    ruleset: Ruleset
    imd_table: ImdTable | None = None
    strata: tuple[str, ...] = ()
    plus_groups: tuple[str, ...] = ()
    disclosure: str = "hes"
    cohorts: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    imd_from: str | None = None
    null_means_no: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    allow_later_facts: bool = False
    completeness: bool = False

    @property
    def all_plus_groups(self) -> bool:
        """Whether PLUS means every PLUS group whose column is there."""
        return self.plus_groups == ("all",)

    def with_table(self, table: ImdTable) -> "Request":
        """The same request, answered with an IMD table. Raises RequestError for one of another version."""
        if table.version != self.imd_version:
            raise RequestError(f"imd_table is of {table.version}, imd_version is {self.imd_version}")
        return replace(self, imd_table=table)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """Everything that tells this request from another one; the IMD table by its identity."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["ruleset"] = (self.ruleset.name, self.ruleset.version, self.ruleset.sha256)
        fields["imd_table"] = id(self.imd_table)
        fields["parameters"] = tuple(sorted(self.parameters.items()))
        return tuple(fields.values())


def check_request(ruleset: Ruleset, imd_table: ImdTable | None, **arguments: Any) -> Request:
    """Check the arguments of a call. Raises RequestError, naming the argument and what it takes."""
    request = Request(
        reference_date=_reference_date(arguments["reference_date"]),
        imd_version=_one_of("imd_version", arguments["imd_version"], IMD_VERSIONS),
        ruleset=ruleset,
        strata=_strata(arguments.get("strata")),
        plus_groups=_plus_groups(arguments.get("plus_groups")),
        disclosure=_one_of("disclosure", arguments.get("disclosure", "hes"), tuple(POLICIES)),
        cohorts=_chosen("cohorts", arguments.get("cohorts")),
        indicators=_chosen("indicators", arguments.get("indicators")),
        imd_from=arguments.get("imd_from") and _one_of("imd_from", arguments["imd_from"], IMD_SOURCES),
        null_means_no=_null_means_no(arguments.get("null_means_no")),
        parameters=override(ruleset.parameters, arguments.get("parameters") or {}),
        allow_later_facts=bool(arguments.get("allow_later_facts", False)),
        completeness=bool(arguments.get("completeness", False)),
    )
    return request if imd_table is None else request.with_table(imd_table)


def _reference_date(value: object) -> date:
    if value is None:
        raise RequestError("reference_date is missing: there is no default, every answer is as at this date")
    if not isinstance(value, date) or isinstance(value, datetime):
        raise RequestError("reference_date must be a datetime.date")
    if not 1900 <= value.year <= 2200:
        raise RequestError("reference_date must be between 1900 and 2200")
    return value


def _one_of(argument: str, value: object, accepted: Sequence[str]) -> str:
    if value not in accepted:
        hint = f"; {LSOA_VINTAGE['2019']} LSOA codes belong to 2019" if argument == "imd_version" else ""
        raise RequestError(f"{argument} must be one of {', '.join(accepted)}, not {value!r}{hint}")
    return str(value)


def _names(argument: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(name, str) for name in value):
        raise RequestError(f"{argument} must be a list of names")
    repeated = {name for name in value if list(value).count(name) > 1}
    if repeated:
        raise RequestError(f"{argument} names {', '.join(sorted(repeated))} more than once")
    return tuple(value)


def _strata(value: object) -> tuple[str, ...]:
    names = _names("strata", value) or ()
    for name in names:
        if name in COUNT_COLUMNS:
            raise RequestError(f"strata: {name!r} is a column of the answer as well: give the stratum another name")
    return names


def _chosen(argument: str, value: object) -> tuple[str, ...] | None:
    names = _names(argument, value)
    if names == ():
        raise RequestError(f"{argument} is an empty list: leave it out for all, or name at least one")
    return names


def _plus_groups(value: object) -> tuple[str, ...]:
    names = ("all",) if value == "all" else _names("plus_groups", value) or ()
    if "all" in names and len(names) > 1:
        raise RequestError("plus_groups is 'all' or a list of groups, not both")
    return names


def _null_means_no(value: object) -> tuple[str, ...]:
    names = _names("null_means_no", value) or ()
    for name in names:
        if not (is_local_group(name) or (name in COLUMNS and COLUMNS[name].local_no)):
            allowed = ", ".join(column.name for column in COLUMNS.values() if column.local_no)
            raise RequestError(f"null_means_no: {name!r} is none of {allowed}, plus_<name>")
    return names
