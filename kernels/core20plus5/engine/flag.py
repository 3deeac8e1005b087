"""Flags: one row back for each row in. They are personal data and no disclosure policy applies to them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray, ArrowField, buffer
from core20plus5.deprivation import ImdTable
from core20plus5.engine.call import Call, open_call
from core20plus5.engine.count import DEFAULT_RULESET
from core20plus5.engine.prepare import Prepared
from core20plus5.flags import Flags
from core20plus5.ingest import Block, Ledger
from core20plus5.ingest.arrays import every_row
from core20plus5.ingest.columns import NO_DECILE_REASONS
from core20plus5.ingest.tripwires import check_ledger
from core20plus5.kernels.planes import person_codes
from core20plus5.parallel import Workers, own_workers
from core20plus5.result import provenance, quality_table
from core20plus5.rulesets import ParameterValue

#: The text of an answer by its number in the packed answers.
ANSWER_TEXTS = ("not_applicable", "no", "unknown", "yes")

_TEXT_CODES = pa.dictionary(pa.int8(), pa.string())


class FlagStream(Iterator[pa.RecordBatch]):
    """Flags in the order of the rows, in one batch at least. `quality` and `provenance` are complete after the last one."""

    def __init__(self, call: Call, workers: Workers | None = None) -> None:
        self._call = call
        self._workers = workers
        self.ledger = Ledger()
        self.schema = _schema(call)
        self.indicators: pa.Table = call.indicators
        self._batches = self._run()

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    @property
    def quality(self) -> pa.Table:
        """column, reason, rows: so far."""
        return quality_table(self.ledger)

    @property
    def prepared(self) -> Prepared:
        """What does not depend on the records."""
        return self._call.prepared

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that changes an answer, and the ledger of rows so far."""
        return provenance(self._call.plan, self._call.schema, None, self.ledger)

    def _run(self) -> Iterator[pa.RecordBatch]:
        with own_workers(self._workers) as own:
            for batch, ledger in own.in_order(self._flag, self._call.blocks()):
                self.ledger += ledger
                yield batch
        if not self.ledger.received:
            yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in self.schema], schema=self.schema)
        if self._call.whole:
            check_ledger(self.ledger, self._call.request.allow_later_facts)

    def _flag(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Ledger]:
        block, flags = self._call.answer(batch)
        self._call.watcher.block(block.ledger)
        with self._call.watcher.timed("flag"):
            return _flag_batch(self._call, block, flags, self.schema), block.ledger


def flag_patients(
    batches: Any,
    *,
    reference_date: date,
    imd_version: str,
    imd_table: str | PathLike[str] | ImdTable | None = None,
    plus_groups: Sequence[str] | str = (),
    ruleset: str = DEFAULT_RULESET,
    indicators: Sequence[str] | None = None,
    imd_from: str | None = None,
    null_means_no: Sequence[str] = (),
    parameters: Mapping[str, ParameterValue] | None = None,
    allow_later_facts: bool = False,
) -> FlagStream:
    """The answer of each indicator for each person, as an iterator of record batches in the order of the rows.

    Columns: person_id if sent; excluded: the reason, or null; one column per indicator: yes, no, unknown or not_applicable, null
    where the person is excluded or the indicator cannot be answered; core20_unknown_reason. Arguments and errors as in
    `count_cohorts`; errors about the records as a whole are raised after the last batch.
    """
    call = open_call(
        batches,
        False,
        imd_table,
        ruleset,
        reference_date=reference_date,
        imd_version=imd_version,
        plus_groups=plus_groups,
        indicators=indicators,
        imd_from=imd_from,
        null_means_no=null_means_no,
        parameters=parameters,
        allow_later_facts=allow_later_facts,
    )
    return FlagStream(call)


def _schema(call: Call) -> pa.Schema:
    schema: pa.Schema = _asked(call).schema
    if "person_id" not in call.plan.present:
        return schema
    assert call.source.schema is not None
    field = call.source.schema.field("person_id")
    if field.metadata is not None:  # the caller's own: it is not kept
        return schema.insert(0, field)
    whole: pa.Schema = call.prepared.once(("schema", str(field.type), field.nullable), lambda: schema.insert(0, field))
    return whole


def _flag_batch(call: Call, block: Block, flags: Flags, schema: pa.Schema) -> pa.RecordBatch:
    places, texts, _, alone = _asked(call)
    codes, known = np.zeros((len(texts), block.words * 64), np.int8), np.zeros((len(texts), block.words), np.uint64)
    real = every_row(block.rows)
    person_codes(flags.answers, places, flags.gone, real, block.no_decile_reason, codes, known)
    arrays: list[ArrowArray] = [block.batch.column("person_id")] if "person_id" in call.plan.present else []
    if block.rows == 1:
        found = np.where(known[:, 0], codes[:, 0], -1).tolist()
        arrays += [answers[code] for answers, code in zip(alone, found, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)
    all_of_them: Any = pa.Array.from_buffers(pa.int8(), codes.size, [buffer(known), buffer(codes)])
    for number, dictionary in enumerate(texts):
        indices = all_of_them.slice(number * codes.shape[1], block.rows)
        arrays.append(pa.DictionaryArray.from_arrays(indices, dictionary, safe=False))  # they are the kernel's: all within it
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Asked(NamedTuple):
    """What flags have beside person_id: the place of each reported indicator's answers, -1 where it has none; the texts of each
    column; its fields; and each column as one person can have it, by the number of the text, or -1."""

    places: npt.NDArray[np.int64]
    texts: list[ArrowArray]
    schema: pa.Schema
    alone: list[dict[int, ArrowArray]]


def _asked(call: Call) -> _Asked:
    asked: _Asked = call.prepared.once("flags", lambda: _ask(call))
    return asked


def _ask(call: Call) -> _Asked:
    plan = call.plan
    answered = {indicator.name: place for place, indicator in enumerate(plan.indicators)}
    places = [-1 if indicator.name in plan.absent else answered[indicator.name] for indicator in plan.reported]
    fields: list[ArrowField] = [pa.field("excluded", _TEXT_CODES)]
    for indicator in plan.reported:
        status = "column_absent" if indicator.name in plan.absent else "ok"
        fields.append(pa.field(indicator.name, _TEXT_CODES, metadata={"status": status}))
    fields.append(pa.field("core20_unknown_reason", _TEXT_CODES))
    texts = [call.program.exclusions, *[ANSWER_TEXTS] * len(places), NO_DECILE_REASONS]
    return _Asked(np.array(places, np.int64), list(map(_dictionary, texts)), pa.schema(fields), list(map(_alone, texts)))


@cache
def _dictionary(texts: tuple[str, ...]) -> ArrowArray:
    return pa.array(texts, pa.string())


@cache
def _alone(texts: tuple[str, ...]) -> dict[int, ArrowArray]:
    """Each text, and none, as a column of one person: made once, since to make them takes longer than to answer."""
    codes = {-1: None} | {code: code for code in range(len(texts))}
    return {
        code: pa.DictionaryArray.from_arrays(pa.array([value], pa.int8()), _dictionary(texts)) for code, value in codes.items()
    }
