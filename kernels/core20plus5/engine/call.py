"""One call over one schema: the request, what the columns can answer, and how a block of people is worked through."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import ImdTable, read_imd_table
from core20plus5.engine.stages import Watcher
from core20plus5.flags import Flags, Plan, Program, evaluate, make_plan
from core20plus5.flags.calendar import day_number
from core20plus5.ingest import Columns, Reading, Source, check_schema, open_source, read_block
from core20plus5.ingest.age import age_table
from core20plus5.ingest.expansion import without_long_texts
from core20plus5.ingest.read import needed_columns
from core20plus5.ingest.schema import inspect_schema
from core20plus5.ingest.validate import validation
from core20plus5.nhs_numbers import NHS_NUMBER_ROWS, NhsNumberCheck
from core20plus5.request import Request, check_request
from core20plus5.result import indicators_table
from core20plus5.rulesets import find_ruleset
from core20plus5.strata import StratumReaders
from core20plus5.strata.values import READS


@dataclass(frozen=True)
class _Question:
    """What a plan follows from. The request itself is told by its key."""

    key: tuple[Any, ...]
    present: frozenset[str]
    counting: bool
    request: Request = field(compare=False)


@lru_cache(maxsize=32)
def _prepared(question: _Question) -> tuple[Plan, Program, pa.Table]:
    """The plan of a question, compiled, and its indicators in words; kept, because for a few people it takes far longer to make
    them than to answer."""
    plan = make_plan(question.request, question.present, question.counting)
    return plan, Program.of(plan), indicators_table(plan)


class Call:
    """Everything that is the same for each block of a call. Making one raises every error that needs no rows.

    whole: False where the source is a part of the records: what only shows in all of them is then left to whoever adds up.
    """

    def __init__(self, request: Request, source: Source, counting: bool, whole: bool = True) -> None:
        schema = source.schema
        self.counting, self.whole = counting, whole
        self.nhs_numbers = NhsNumberCheck(raising=whole)
        self.watcher = Watcher()
        self.request, self.source = request, source
        self.schema = check_schema(schema) if schema is not None else inspect_schema(pa.schema([]))
        self.plan, self.program, self.indicators = _prepared(
            _Question(request.key(), frozenset(self.schema.present), counting, request)
        )
        self.strata = StratumReaders(self.plan, schema)
        self.reading = self._reading(counting)
        self.columns = self._to_load(schema, counting)

    def _reading(self, counting: bool) -> Reading:
        request, plan = self.request, self.plan
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

    def _to_load(self, schema: pa.Schema | None, counting: bool) -> list[str]:
        """The columns that are read at all, in the order sent."""
        wanted = {column.name for column in self.reading.needed} | {*self.request.strata, self.reading.imd_column}
        if not counting:
            wanted.add("person_id")
        return [name for name in (schema.names if schema is not None else ()) if name in wanted]

    def blocks(self) -> Iterator[pa.RecordBatch]:
        """The records, in blocks, with only the columns that are read.

        Raises SchemaError where the types change to wrong ones on the way, NhsNumberError as soon as it shows.
        """
        seen = self.source.schema

        def look(batch: pa.RecordBatch) -> None:
            nonlocal seen
            if seen is None or not batch.schema.equals(seen):
                check_schema(batch.schema)
                self.strata.check(batch.schema)
                seen = batch.schema
            if not self.nhs_numbers.done:
                self.nhs_numbers.look(without_long_texts(batch.slice(0, NHS_NUMBER_ROWS)))

        yield from self.source.blocks(self.columns, look, self.watcher.timing("validate", validation()))
        self.nhs_numbers.check()

    def answer(self, batch: pa.RecordBatch) -> tuple[Columns, Flags]:
        """Read one block and answer every indicator. Safe to call from several threads."""
        with self.watcher.timed("decode"):
            columns = read_block(batch, self.reading)
        with self.watcher.timed("flag"):
            return columns, evaluate(self.program, columns)


def open_call(batches: Any, counting: bool, imd_table: Any, ruleset: str, **arguments: Any) -> Call:
    """Check the arguments of a public call against themselves and against the schema of the records."""
    rules = find_ruleset(ruleset)
    request = check_request(rules, None, **arguments)
    if imd_table is not None:
        table = imd_table if isinstance(imd_table, ImdTable) else read_imd_table(imd_table, request.imd_version)
        request = check_request(rules, table, **arguments)
    return Call(request, open_source(batches), counting)
