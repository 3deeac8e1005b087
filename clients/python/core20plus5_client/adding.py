"""Tables of exact counts, added up into one in the order in which a server has its rows."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from core20plus5_client.descriptions import RecordDescription
from core20plus5_proto.v1 import answers_pb2 as answers

_ANSWERS = ("yes", "no", "unknown")
_STATUSES = ("ok", "column_absent")
_UNKNOWN = "unknown"

#: What a number of a row may not reach.
_ROOM = 1 << 62


def added(tables: Sequence[pa.Table], provenance: answers.Provenance, record: RecordDescription) -> pa.Table:
    """The rows of all tables: those of one stratum, cohort, answer and indicator as one, with their sums. No count stays none.

    Columns are known by their places: strata come first, and the rest is the same everywhere.
    """
    import pyarrow.compute as pc  # noqa: PLC0415 - most calls need none of it

    whole = pa.concat_tables(tables)
    *keys, yes, no, unknown, suppressed, status = whole.columns
    labels = _labels(keys, provenance, record)
    numbers = _Numbers([*labels, _STATUSES])
    codes = numbers.of([*keys, status])
    names = [f"code {place}" for place in range(len(codes))]
    rows = pa.table([*codes, yes, no, unknown, suppressed], names=[*names, "0", "1", "2", "3"])
    sums: list[Any] = [(place, "sum", pc.ScalarAggregateOptions(min_count=1)) for place in "012"]
    rows = rows.group_by(names, use_threads=False).aggregate([*sums, ("3", "any")])
    rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in names]))
    *texts, statuses = numbers.back([rows.column(name) for name in names])
    columns = [*texts, *(rows.column(name) for name in ("0_sum", "1_sum", "2_sum", "3_any")), statuses]
    return pa.Table.from_arrays(columns, whole.schema.names).cast(whole.schema).combine_chunks()


def _labels(keys: Sequence[Any], provenance: answers.Provenance, record: RecordDescription) -> list[Sequence[str]]:
    """The values of each column in their order: of strata the known ones as described, others as text, what is unknown last."""
    known = {stratum.name: stratum.values for stratum in record.derived_strata}
    found: list[Sequence[str]] = []
    for name, column in zip(provenance.strata, keys, strict=False):
        rank = {value: place for place, value in enumerate(known.get(name, ()))}
        order = sorted((label == _UNKNOWN, rank.get(label, 0), label) for label in column.unique().to_pylist())
        found.append([label for _, _, label in order])
    return [*found, list(provenance.cohorts), _ANSWERS, list(provenance.indicators)]


class _Numbers:
    """Rows of labels as whole numbers in the same order: one for each row, or more where the labels are too many."""

    def __init__(self, labels: Sequence[Sequence[str]]) -> None:
        self._parts: list[list[Sequence[str]]] = [[]]
        room = _ROOM
        for column in labels:
            room //= max(1, len(column))
            if room < 1:
                self._parts.append([])
                room = _ROOM // max(1, len(column))
            self._parts[-1].append(column)

    def of(self, columns: Sequence[Any]) -> list[Any]:
        """int64 columns for text columns."""
        import pyarrow.compute as pc  # noqa: PLC0415

        coming, found = iter(columns), []
        for part in self._parts:
            number: Any = None
            for labels, column in zip(part, coming, strict=False):
                place = pc.index_in(column, pa.array(labels, pa.string())).cast(pa.int64())
                number = place if number is None else pc.add(pc.multiply(number, len(labels)), place)
            found.append(number)
        return found

    def back(self, numbers: Sequence[Any]) -> list[Any]:
        """Text columns for int64 columns."""
        import pyarrow.compute as pc  # noqa: PLC0415

        found: list[Any] = []
        for part, number in zip(self._parts, numbers, strict=True):
            columns, left = [], number
            for labels in reversed(part):
                rest = pc.divide(left, len(labels))
                columns.append(pc.take(pa.array(labels, pa.string()), pc.subtract(left, pc.multiply(rest, len(labels)))))
                left = rest
            found += reversed(columns)
        return found
