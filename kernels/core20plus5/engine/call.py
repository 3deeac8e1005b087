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
from core20plus5.ingest import Block, BlockReader, Reading, Source, check_schema, open_source
from core20plus5.ingest.dictionaries import DictionaryMemory
from core20plus5.ingest.expansion import without_long_texts
from core20plus5.ingest.schema import shape_of
from core20plus5.ingest.validate import validation
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
        self._is_plain = self.prepared.is_plain
        self._reader: tuple[pa.Schema | None, BlockReader] = None, self.prepared.reader

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
                seen, self._is_plain = batch.schema, False  # what is known is of the first batch's types
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

    def answer(self, batch: pa.RecordBatch) -> tuple[Block, Flags]:
        """Read one block and answer every indicator. Safe to call from several threads."""
        with self.watcher.timed("decode"):
            block = self._reader_of(batch.schema).read(batch, self.reading)
        with self.watcher.timed("flag"):
            return block, evaluate(self.program, block)

    def _reader_of(self, schema: pa.Schema) -> BlockReader:
        """The reader of blocks with a schema: types may change on the way."""
        known, reader = self._reader
        if known is None or not schema.equals(known):
            shape = shape_of(schema)
            reader = self.prepared.reader if shape == self.prepared.reader.shape else BlockReader(self.reading, shape)
            self._reader = schema, reader
        return reader


def open_call(batches: Any, counting: bool, imd_table: Any, ruleset: str, **arguments: Any) -> Call:
    """Check the arguments of a public call against themselves and against the schema of the records."""
    rules = find_ruleset(ruleset)
    request = check_request(rules, None, **arguments)
    if imd_table is not None:
        request = request.with_table(
            imd_table if isinstance(imd_table, ImdTable) else read_imd_table(imd_table, request.imd_version)
        )
    return Call(request, open_source(batches), counting)
