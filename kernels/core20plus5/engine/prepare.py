"""Everything that follows from a question and the columns that there are, made once: for a few people it takes far longer to make
than to answer."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

import pyarrow as pa

from core20plus5.flags import Plan, Program, make_plan
from core20plus5.flags.calendar import day_number
from core20plus5.ingest import BlockReader, Reading, SchemaReport, check_schema
from core20plus5.ingest.age import age_table
from core20plus5.ingest.read import needed_columns
from core20plus5.ingest.schema import Shape, inspect_schema, is_plain, shape_of
from core20plus5.records import find_column
from core20plus5.request import Request
from core20plus5.result import indicators_table
from core20plus5.strata.values import READS

Made = TypeVar("Made")

_MOST_KEPT = 32

#: Characters of the name of a type: of a dictionary with its indices, of a timestamp with its zone.
_LONGEST_TYPE = 64


class Kept(Generic[Made]):
    """What was made of late, by what it follows from. Not an lru_cache: that would keep the schema that it is made from, and
    a caller's metadata with it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], Made], may_be_kept: Callable[[], bool] = lambda: True) -> Made:
        """What was made for a key, or is made now. An error in making it is raised each time. may_be_kept: asked only then."""
        with self._lock:
            made = self._made.get(key)
            if made is not None:
                self._made.move_to_end(key)
                return made
        made = make()
        if not may_be_kept():
            return made
        with self._lock:
            self._made[key] = made
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


@dataclass(frozen=True)
class Prepared:
    """A question about columns, ready to be answered. Nothing in it is of a record, or a caller's metadata.

    schema: how the columns meet the record; indicators: in words; reading: without a memory of dictionaries of its own; columns:
    those that are read at all, in the order sent; reader: reads blocks of these columns; is_plain: of the types of all columns.
    """

    schema: SchemaReport
    plan: Plan
    program: Program
    indicators: pa.Table
    reading: Reading
    columns: list[str]
    reader: BlockReader
    is_plain: bool
    _also: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """What whoever gives the answer makes of this and of nothing else, made once and kept with it. name: of their choice."""
        if name not in self._also:
            self._also[name] = make()
        return self._also[name]


_kept: Kept[Prepared] = Kept(_MOST_KEPT)
_plans: Kept[tuple[Plan, Program, pa.Table]] = Kept(_MOST_KEPT)


def prepare(request: Request, schema: pa.Schema | None, counting: bool) -> Prepared:
    """The plan of a question, compiled, and what else it takes. Raises SchemaError for the schema, RequestError for the two."""
    shape = shape_of(schema)
    key = request.key, shape, counting
    return _kept.of(key, lambda: _prepare(request, schema, shape, counting), lambda: _may_be_kept(shape))


def _may_be_kept(shape: Shape) -> bool:
    """Whether the record has every column: the names of others may hold anything, and so may a time zone in that of a type."""
    return all(map(find_column, shape[0])) and sum(map(len, shape[1])) <= _LONGEST_TYPE * len(shape[1])


def _prepare(request: Request, schema: pa.Schema | None, shape: Shape, counting: bool) -> Prepared:
    report = check_schema(schema) if schema is not None else inspect_schema(pa.schema([]))
    present = frozenset(report.present)
    plan, program, indicators = _plans.of((request.key, present, counting), lambda: _planned(request, present, counting))
    reading = _reading(plan, counting)
    columns = _to_load(shape, plan, reading, counting)
    types = dict(zip(*shape, strict=True))
    reader = BlockReader(reading, (tuple(columns), tuple(types[name] for name in columns)))
    return Prepared(report, plan, program, indicators, reading, columns, reader, is_plain(shape))


def _planned(request: Request, present: frozenset[str], counting: bool) -> tuple[Plan, Program, pa.Table]:
    plan = make_plan(request, present, counting)
    return plan, Program.of(plan), indicators_table(plan)


def _reading(plan: Plan, counting: bool) -> Reading:
    request = plan.request
    names = set(plan.columns).union(*(READS.get(name, {name}) for name in request.strata))
    if "age" in names:
        names |= {"birth_date", "age_years"}
    if request.completeness:
        names |= {"birth_date", "age_years", "ethnic_category", "sex"}
    deprivation = not counting or request.completeness or "deprivation_decile" in names
    if deprivation:
        names |= {"no_imd_reason"}
    return Reading(
        needed=needed_columns(names - {plan.imd_column}, set(plan.present)),
        reference_day=day_number(request.reference_date),
        ages=age_table(request.reference_date),
        imd_version=request.imd_version,
        imd_column=plan.imd_column if deprivation else None,
        imd_table=request.imd_table,
        null_means_no=frozenset(request.null_means_no),
    )


def _to_load(shape: Shape, plan: Plan, reading: Reading, counting: bool) -> list[str]:
    wanted = {column.name for column in reading.needed} | {*plan.request.strata, reading.imd_column}
    if not counting:
        wanted.add("person_id")
    return [name for name in shape[0] if name in wanted]
