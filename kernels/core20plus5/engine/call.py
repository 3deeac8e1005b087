"""One call over one schema: the request, what the columns can answer, and how a block of people is worked through."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from core20plus5.deprivation import ImdTable, read_imd_table
from core20plus5.engine.prepare import prepare
from core20plus5.engine.stages import Watcher
from core20plus5.flags import Flags, evaluate
from core20plus5.ingest import Columns, Reading, Source, check_schema, open_source, read_block
from core20plus5.ingest.dictionaries import DictionaryMemory
from core20plus5.ingest.expansion import without_long_texts
from core20plus5.ingest.validate import validation
from core20plus5.kernels.few import ROWS
from core20plus5.nhs_numbers import NHS_NUMBER_ROWS, NhsNumberCheck
from core20plus5.request import Request, check_request
from core20plus5.rulesets import find_ruleset
from core20plus5.strata import StratumReaders


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
        self.prepared = prepare(request, schema, counting)
        self.schema, self.plan, self.program = self.prepared.schema, self.prepared.plan, self.prepared.program
        self.indicators, self.columns = self.prepared.indicators, self.prepared.columns
        self.strata = StratumReaders(self.plan, schema)
        self._few, self._is_plain = self.prepared.few, self.prepared.is_plain

    @cached_property
    def reading(self) -> Reading:
        """How blocks are read, with a memory of the dictionaries of this call."""
        return replace(self.prepared.reading, dictionaries=DictionaryMemory())

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
                seen, self._few, self._is_plain = batch.schema, None, False  # what is known is of the first batch's types
            if not self.nhs_numbers.done:
                first = batch.slice(0, NHS_NUMBER_ROWS)
                self.nhs_numbers.look(first if self._is_plain else without_long_texts(first))

        validate = validation()

        def check(batch: pa.RecordBatch) -> None:
            if self._is_plain and batch.num_rows <= NHS_NUMBER_ROWS:  # Arrow takes less time than to look at each column
                batch.validate(full=True)
            else:
                validate(batch)

        yield from self.source.blocks(self.columns, look, self.watcher.timing("validate", check))
        self.nhs_numbers.check()

    def answer(self, batch: pa.RecordBatch) -> tuple[Columns, Flags]:
        """Read one block and answer every indicator. Safe to call from several threads."""
        with self.watcher.timed("decode"):
            columns = self._read(batch)
        with self.watcher.timed("flag"):
            return columns, evaluate(self.program, columns)

    def _read(self, batch: pa.RecordBatch) -> Columns:
        few = self._few.read(batch, self.reading) if self._few is not None and 0 < batch.num_rows <= ROWS else None
        return few or read_block(batch, self.reading)


def open_call(batches: Any, counting: bool, imd_table: Any, ruleset: str, **arguments: Any) -> Call:
    """Check the arguments of a public call against themselves and against the schema of the records."""
    rules = find_ruleset(ruleset)
    request = check_request(rules, None, **arguments)
    if imd_table is not None:
        request = request.with_table(
            imd_table if isinstance(imd_table, ImdTable) else read_imd_table(imd_table, request.imd_version)
        )
    return Call(request, open_source(batches), counting)
