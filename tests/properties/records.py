"""Populations near the boundaries: records, the columns they came in, and a request about them.

A strategy draws a few values for each column; the records are mixed from these, so that a failing example shrinks to few
values and few people.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isnan, nan
from random import Random
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from tests.properties.values import BOOLS, COLUMNS, LOCAL_GROUPS, OTHER_STRATA, REFERENCE_DATES, WINDOWS, values
from tests.reference.columns import answerable, column_absent, returned
from tests.reference.dates import as_date
from tests.reference.organisations import ORGANISATIONS
from tests.reference.reading import CODES, DATES, DATES_AS_THEY_STAND, LOCAL_NO
from tests.reference.request import Request
from tests.reference.ruleset import questions
from tests.reference.strata import VALUES
from tests.spec.page import imaginary_imd_table

IMD_TABLES = {version: imaginary_imd_table(version) for version in ("2019", "2025")}
# Most people must be counted, and most pregnancies not over, or little is compared.
MOSTLY_NULL = ("death_date", "registration_start", "registration_end", "preg_end_date")
PARAMETERS = {
    "core20_max_decile": [1, 3],
    "adult_min_age": [16, 17],
    "implausible_from_age": [119, 121],
    "pregnancy_max_days": [293, 295],
    "continuity_of_carer_by_days": [202, 204],
    "flu_season_end": ["02-28", "09-30"],
    "flu_season_start": ["10-01", "08-31"],
    "bp_target_systolic": [135, 141],
    "bp_home_reduction": [0, 10],
    "bp_recorded_months": list(WINDOWS),
    "bp_check_months": [12, 30_000],
    "smi_check_months": [0, 1, 24],
}
TEXT_TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
DATE_TYPES = [pa.date32(), pa.date64(), *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns"))]
ZONED_TYPES = [pa.timestamp("us", zone) for zone in ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata")]
WHOLE_TYPES = [pa.int16(), pa.int32(), pa.int64(), pa.float64()]


@dataclass(frozen=True)
class Population:
    """Records as the twin reads them, the same as an Arrow table in batches of some size, and the request."""

    request: Request
    records: list[dict[str, Any]]
    types: dict[str, pa.DataType]
    batch_rows: int

    def __repr__(self) -> str:
        """Short enough to read: the values of each column, in the order of the people."""
        columns = [f"{name} ({kind}): {self._values(name)}" for name, kind in self.types.items()]
        request = Request(**{**vars(self.request), "imd_table": None})
        return "\n".join([repr(request), f"batches of {self.batch_rows}", *columns])

    def _values(self, name: str) -> str:
        found = [str(record[name]) for record in self.records]
        return ", ".join(found[:1] if len(set(found)) == 1 else found[:20])

    @property
    def columns(self) -> set[str]:
        return set(self.types)

    def table(self, times: int = 1) -> pa.Table:
        """The records, repeated; sliced, so that batches do not begin where their buffers do."""
        arrays = {name: _array([record[name] for record in self.records], kind) for name, kind in self.types.items()}
        # Column by column: tables put together would have a chunk for each time, and text views cannot be taken from.
        whole = pa.record_batch({name: pa.concat_arrays([array] * times) for name, array in arrays.items()})
        rows = self.batch_rows * times
        return pa.Table.from_batches([whole.slice(start, rows) for start in range(0, len(whole), rows)])


def _array(column: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        column = [None if value is None or isnan(value) else Decimal(str(value)) for value in column]
    if pa.types.is_date(kind):
        column = [None if value is None else as_date(value) for value in column]
    return pa.array(column, kind)


def _is_date(name: str) -> bool:
    return name in DATES or name in DATES_AS_THEY_STAND


@st.composite
def sent_as(draw: st.DrawFn, name: str) -> pa.DataType:
    """One of the Arrow types in which a platform may send a column."""
    if _is_date(name):
        return draw(st.sampled_from([*DATE_TYPES, *ZONED_TYPES]))
    if name in BOOLS:
        return draw(st.sampled_from([pa.bool_(), pa.int8(), pa.int64(), pa.float64()]))
    if name in ("ldl_mmol", "non_hdl_mmol"):
        return draw(st.sampled_from([pa.float64(), pa.decimal128(6, 2)]))
    if name == "housebound":
        return pa.bool_()
    if name == "cluster":
        return pa.int32()
    if name in CODES or name in ("ethnic_category", "cancer_stage", "lsoa_code", "ward", *ORGANISATIONS):
        return draw(st.sampled_from(TEXT_TYPES))
    return draw(st.sampled_from([pa.int32(), pa.int64(), pa.float64()] if name.startswith("imd_rank") else WHOLE_TYPES))


@st.composite
def pools(draw: st.DrawFn, name: str, kind: pa.DataType, reference: date) -> list[Any]:
    """A few values of a column, as its type can hold them."""
    possible = values(name, reference)
    if name in BOOLS and kind != pa.bool_():
        possible = [0, 1, 2, -1, None, *([nan] if kind == pa.float64() else [])]
    pool = draw(st.lists(st.sampled_from(possible), min_size=2, max_size=8))
    if name in MOSTLY_NULL:
        pool += [None] * 12
    if pa.types.is_timestamp(kind):
        zone = UTC if kind.tz else None
        pool = [value and datetime.combine(value, time(23, 30), zone) for value in pool]
    return pool


@st.composite
def populations(draw: st.DrawFn, most_people: int = 48) -> Population:
    reference = draw(st.sampled_from(REFERENCE_DATES))
    missing = draw(st.sets(st.sampled_from(COLUMNS), max_size=12))
    types = {name: draw(sent_as(name)) for name in COLUMNS if name not in missing}
    columns = {name: draw(pools(name, kind, reference)) for name, kind in types.items()}
    mix = Random(draw(st.integers(0, 2**16)))
    people = range(draw(st.sampled_from([1, 2, most_people // 2, most_people, most_people + 7])))
    records = [{name: mix.choice(pool) for name, pool in columns.items()} for _ in people]
    return Population(draw(requests(reference, set(types))), records, types, draw(st.sampled_from([1, 7, 64, 1000])))


@st.composite
def requests(draw: st.DrawFn, reference: date, columns: set[str]) -> Request:
    version = draw(st.sampled_from(["2019", "2025"]))
    sources = [name for name in ("imd_rank", "imd_decile") if columns & {name, f"{name}_{version}"}]
    names = draw(st.sets(st.sampled_from(sorted(PARAMETERS)), max_size=3))
    request = Request(
        reference,
        imd_version=version,
        imd_table=IMD_TABLES[version] if "lsoa_code" in columns else None,
        imd_from=draw(st.sampled_from([None, *sources])),
        null_means_no=tuple(draw(st.lists(st.sampled_from([*LOCAL_NO, *LOCAL_GROUPS]), unique=True, max_size=4))),
        parameters={name: draw(st.sampled_from(PARAMETERS[name])) for name in sorted(names)},
        allow_later_facts=True,
        disclosure="none",
    )
    plus = [name for name, question in questions(columns).items() if question.is_plus and answerable(name, columns, request)]
    chosen = st.lists(st.sampled_from(plus), unique=True, max_size=4).map(tuple) if plus else st.just(())
    request = _with(request, plus_groups=draw(chosen | st.just(("all",) if plus else ())))
    return _with(request, **draw(choices(columns, request)))


@st.composite
def choices(draw: st.DrawFn, columns: set[str], request: Request) -> dict[str, Any]:
    """Strata, cohorts and indicators; None is all of them."""
    asked = returned(columns, request)
    cohorts = [name for name in asked if asked[name].is_cohort and name not in column_absent(columns, request)]
    strata = [name for name in VALUES if name != "core20plus_segment"]
    strata += [name for name in (*ORGANISATIONS, *OTHER_STRATA) if name in columns]
    strata += ["core20plus_segment"] if request.plus_groups else []
    some = {
        "strata": st.lists(st.sampled_from(strata), unique=True, max_size=3).map(tuple),
        "cohorts": st.none() | _some(cohorts),
        "indicators": st.none() | _some(list(asked)),
    }
    return {name: draw(strategy) for name, strategy in some.items()}


def _some(names: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=5).map(tuple)


def _with(request: Request, **more: Any) -> Request:
    return Request(**{**vars(request), **more})
