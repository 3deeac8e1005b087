"""What the counts cannot tell: how a value is missing. Worked out block by block, of the people who are counted."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray
from core20plus5.flags import Flags
from core20plus5.ingest import Block
from core20plus5.ingest.arrays import as_days, as_dictionary, as_texts, decoded
from core20plus5.ingest.columns import NO_DECILE_REASONS, Plane
from core20plus5.records import COLUMNS, ETHNIC_CATEGORIES, Kind

#: The state of each person in one column: int64 (rows,).
States = npt.NDArray[np.int64]

#: How a value of a column can be. Of deprivation, the reasons why there is no decile stand beside `known`.
STATES: dict[str, tuple[str, ...]] = {
    "ethnic_category": ("known", "not_stated", "not_known", "missing", "invalid", "column_absent"),
    "sex": ("known", "not_known", "missing", "invalid", "column_absent"),
    "age": ("known", "missing", "column_absent"),
    "deprivation": ("known", *NO_DECILE_REASONS),
}
AFTER = "after_reference_date"

#: All states of all columns, by number; a date can be late besides.
SLOTS: tuple[tuple[str, str], ...] = (
    *((column, state) for column, states in STATES.items() for state in states),
    *((name, AFTER) for name, column in COLUMNS.items() if column.kind is Kind.DATE),
)

#: The number of no state: that of people who are not counted.
NOWHERE = len(SLOTS)


def states_of(block: Block, flags: Flags, reference_day: int) -> list[States]:
    """For each column of `STATES`, and each in which a date is late, the place in `SLOTS` of each person, or NOWHERE."""
    counted = _counted(flags)
    found = {
        "ethnic_category": _ethnic(block),
        "sex": _sex(block),
        "age": _age(block),
        "deprivation": block.no_decile_reason[: block.rows].astype(np.int64) + 1,
    }
    return [
        *(np.where(counted, states + SLOTS.index((column, STATES[column][0])), NOWHERE) for column, states in found.items()),
        *(np.where(counted & late, SLOTS.index((column, AFTER)), NOWHERE) for column, late in _later(block, reference_day)),
    ]


def _counted(flags: Flags) -> npt.NDArray[np.bool_]:
    excluded = np.zeros((flags.rows + 63) // 64, np.uint64)
    for _, plane in flags.excluded:
        excluded |= plane
    return ~_marks(excluded, flags.rows)


def _marks(plane: Plane, rows: int) -> npt.NDArray[np.bool_]:
    """The rows that a plane marks."""
    return np.unpackbits(plane.view(np.uint8), bitorder="little", count=rows).view(np.bool_)


def _places(array: ArrowArray) -> tuple[npt.NDArray[np.intp], list[str | None]]:
    """The place of each value among the distinct ones, and these; a row without one has the place past the last."""
    (values, known), dictionary = as_dictionary(array)
    places = np.where(_marks(known, len(array)), values[: len(array)], len(dictionary))
    return places.astype(np.intp), as_texts(dictionary)


def _ethnic(block: Block) -> States:
    if "ethnic_category" not in block.batch.schema.names:
        return np.full(block.rows, 5)
    codes = block.codes("ethnic_category")[: block.rows]
    states = np.zeros(block.rows, np.int64)
    states[codes == ETHNIC_CATEGORIES.index("Z")] = 1
    states[codes == ETHNIC_CATEGORIES.index("99")] = 2
    states[codes < 0] = np.where(_blank(block.batch.column("ethnic_category"), codes < 0), 3, 4)
    return states


def _sex(block: Block) -> States:
    if "sex" not in block.batch.schema.names:
        return np.full(block.rows, 4)
    codes = block.codes("sex")[: block.rows]
    states = np.zeros(block.rows, np.int64)
    unknown = codes < 0
    array = _taken(block.batch.column("sex"), unknown)
    places, texts = _places(array)
    read = COLUMNS["sex"].read
    assert read is not None
    table = [2 if not (text or "").strip() else 1 if read((text or "").strip().upper()) == "" else 3 for text in texts]
    states[unknown] = np.array([*table, 2])[places]
    return states


def _age(block: Block) -> States:
    if not {"birth_date", "age_years"} & set(block.batch.schema.names):
        return np.full(block.rows, 2)
    return 1 - _marks(block.numbers("age").known, block.rows).astype(np.int64)


def _blank(array: ArrowArray, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of some rows, which hold nothing: null or empty text."""
    places, texts = _places(_taken(array, rows))
    return np.array([*(not (text or "").strip() for text in texts), True])[places]


def _taken(array: ArrowArray, rows: npt.NDArray[np.bool_]) -> ArrowArray:
    taken: ArrowArray = decoded(array).take(pa.array(np.flatnonzero(rows), pa.int64()))
    return taken


def _later(block: Block, reference_day: int) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """The columns in which a date is after the reference date, and whose."""
    found = [column for column, reason in block.ledger.findings if reason == AFTER]
    marks = []
    for column in found:
        if column in block.batch.schema.names and COLUMNS[column].kind is Kind.DATE:
            array = decoded(block.batch.column(column))
            days, known = as_days(array)
            marks.append((column, _marks(known, block.rows) & (days[: block.rows] > reference_day)))
    return marks
