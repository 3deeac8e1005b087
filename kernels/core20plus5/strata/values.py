"""The value of each person in each stratum column, as a number and its label."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core20plus5.arrow import ArrowArray, is_text, value_type
from core20plus5.errors import RequestError
from core20plus5.flags import Flags, Plan
from core20plus5.flags.plan import SEGMENT
from core20plus5.ingest import Columns
from core20plus5.ingest.arrays import as_places
from core20plus5.kernels.planes import answer_codes
from core20plus5.records import COLUMNS, ETHNIC_CATEGORIES, ETHNIC_GROUPS, ORGANISATIONS, PSEUDO_ORGANISATIONS, Kind, find_column

UNKNOWN = "unknown"

Places = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Coded:
    """One stratum column of one block. places: integers (rows,); the label of a row is labels[places[row]]."""

    places: Places
    labels: tuple[str, ...]


StratumReader = Callable[[pa.RecordBatch, Columns, Flags], Coded]


def _bands(width: int, oldest: int) -> tuple[str, ...]:
    return (*(f"{low}-{low + width - 1}" for low in range(0, oldest, width)), f"{oldest}+", UNKNOWN)


_GROUP_NAMES = tuple(dict.fromkeys(ETHNIC_GROUPS.values()))
_SEXES = COLUMNS["sex"].values
_SEGMENTS = ("core20 only", "plus only", "both", "neither", UNKNOWN)

#: The labels of the strata that have a fixed list of them, in the order in which they are shown.
LABELS: dict[str, tuple[str, ...]] = {
    "imd_decile": (*(str(decile) for decile in range(1, 11)), UNKNOWN),
    "imd_quintile": (*"12345", UNKNOWN),
    "ethnic_category": (*ETHNIC_CATEGORIES, UNKNOWN),
    "ethnic_group": (*_GROUP_NAMES, "Missing"),
    "sex": (*_SEXES, UNKNOWN),
    "age_band_5y": _bands(5, 90),
    "age_band_10y": _bands(10, 90),
    "age_band_broad": ("0-17", "18-64", "65+", UNKNOWN),
    SEGMENT: _SEGMENTS,
}

#: Columns that these strata are read from.
READS: dict[str, frozenset[str]] = {
    "imd_decile": frozenset({"deprivation_decile"}),
    "imd_quintile": frozenset({"deprivation_decile"}),
    "ethnic_category": frozenset({"ethnic_category"}),
    "ethnic_group": frozenset({"ethnic_category"}),
    "sex": frozenset({"sex"}),
    **dict.fromkeys(("age_band_5y", "age_band_10y", "age_band_broad"), frozenset({"birth_date", "age_years"})),
    SEGMENT: frozenset(),
}


def make_readers(plan: Plan, schema: pa.Schema | None) -> list[StratumReader]:
    """A reader for each stratum of the request. Raises RequestError for one that there cannot be."""
    return [_reader(name, plan, schema) for name in plan.request.strata]


def _reader(name: str, plan: Plan, schema: pa.Schema | None) -> StratumReader:
    if name in LABELS:
        return _fixed(name, plan)
    if name in ORGANISATIONS:
        return _organisation(name)
    if schema is not None:
        _check(name, schema)
    column = find_column(name)
    if column is not None and column.kind is Kind.BOOL:
        return _truth(name)
    return _other(name)


def _check(name: str, schema: pa.Schema) -> None:
    if name not in schema.names:
        known = ", ".join((*LABELS, *ORGANISATIONS))
        raise RequestError(f"strata: there is no column {name!r}; besides the columns sent, strata are {known}")
    value = value_type(schema.field(name).type)
    column = find_column(name)
    if column is not None and column.kind is Kind.BOOL:  # whatever type it came as
        return
    plain = is_text(value) or pa.types.is_integer(value) or pa.types.is_boolean(value) or pa.types.is_null(value)
    if name == "person_id" or not plain:
        raise RequestError(f"strata: {name!r} cannot be one: strata are text, integer or bool columns, never person_id")


def _fixed(name: str, plan: Plan) -> StratumReader:
    labels = LABELS[name]
    if name in ("imd_decile", "imd_quintile"):
        width = 1 if name == "imd_decile" else 2
        return lambda batch, columns, flags: Coded(_by_number(columns, "deprivation_decile", width, 1, labels), labels)
    if name.startswith("age_band_"):
        return lambda batch, columns, flags: Coded(_age_places(columns, name, labels), labels)
    if name == SEGMENT:
        return lambda batch, columns, flags: Coded(_segment(plan, flags), labels)
    if name == "ethnic_group":
        to_group = np.array([labels.index(ETHNIC_GROUPS[code]) for code in ETHNIC_CATEGORIES] + [len(labels) - 1])
        return lambda batch, columns, flags: Coded(to_group[columns.codes["ethnic_category"][: columns.rows]], labels)
    # Codes are places in the column's values, and -1 is the last label: unknown.
    return lambda batch, columns, flags: Coded(columns.codes[name][: columns.rows] % len(labels), labels)


def _by_number(columns: Columns, name: str, width: int, lowest: int, labels: tuple[str, ...]) -> Places:
    """Places of numbers in bands of a width, from the lowest; the last label is unknown, the one before it open-ended."""
    numbers = columns.numbers[name][: columns.rows]
    known = ~np.isnan(numbers)
    places = (np.where(known, numbers, 0).astype(np.int64) - lowest) // width
    return np.where(known, np.minimum(places, len(labels) - 2), len(labels) - 1)


def _age_places(columns: Columns, name: str, labels: tuple[str, ...]) -> Places:
    if name != "age_band_broad":
        return _by_number(columns, "age", 5 if name == "age_band_5y" else 10, 0, labels)
    age = columns.numbers["age"][: columns.rows]
    return np.where(np.isnan(age), 3, (age >= 18).astype(np.int64) + (age >= 65))


def _segment(plan: Plan, flags: Flags) -> Places:
    """Core20 only, PLUS only, both, neither; unknown where either is, whatever the other says."""
    answered = [indicator.name for indicator in plan.indicators]
    if not {"core20", "plus_any"} <= set(answered):
        return np.full(flags.rows, 4)
    core20, plus = (np.empty(flags.rows, np.int8) for _ in range(2))
    answer_codes(flags.answers[answered.index("core20")], core20)
    answer_codes(flags.answers[answered.index("plus_any")], plus)
    return np.select([(core20 == 2) | (plus == 2), (core20 == 3) & (plus == 3), core20 == 3, plus == 3], [4, 2, 0, 1], default=3)


def _organisation(name: str) -> StratumReader:
    def read(batch: pa.RecordBatch, columns: Columns, flags: Flags) -> Coded:
        if name not in batch.schema.names:
            return Coded(np.zeros(batch.num_rows, np.int64), (UNKNOWN,))
        coded, pseudo = _texts(batch.column(name), lambda text: text.strip().upper(), PSEUDO_ORGANISATIONS)
        if pseudo:
            columns.ledger.findings[name, "pseudo_code"] += pseudo
        return coded

    return read


def _other(name: str) -> StratumReader:
    def read(batch: pa.RecordBatch, columns: Columns, flags: Flags) -> Coded:
        array: Any = batch.column(name)
        if pa.types.is_boolean(value_type(array.type)):
            array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
            places = array.cast(pa.int8()).fill_null(2).to_numpy(zero_copy_only=False)
            return Coded(places, ("false", "true", UNKNOWN))
        return _texts(array, str.strip, frozenset())[0]

    return read


def _truth(name: str) -> StratumReader:
    """A bool column of the record, by its answer: with null as no where the request says so."""

    def read(batch: pa.RecordBatch, columns: Columns, flags: Flags) -> Coded:
        yes, possible = (np.unpackbits(plane.view(np.uint8), bitorder="little") for plane in columns.truths[name])
        places = np.where(yes, 1, np.where(possible, 2, 0))[: columns.rows]
        return Coded(places, ("false", "true", UNKNOWN))

    return read


def _texts(array: ArrowArray, normal: Callable[[str], str], no_one: frozenset[str]) -> tuple[Coded, int]:
    """Text by its normalised form, unknown where it is null, empty or stands for no one; and how many rows do the latter."""
    places, texts = as_places(array)
    labels: dict[str, int] = {UNKNOWN: 0}
    table = np.zeros(len(texts) + 1, np.int64)
    pseudo = np.zeros(len(texts) + 1, np.bool_)
    for place, text in enumerate(texts):
        label = normal(text or "")
        pseudo[place] = label in no_one
        if label and not pseudo[place]:
            table[place] = labels.setdefault(label, len(labels))
    rows = int(pseudo[places].sum()) if pseudo.any() else 0
    return Coded(table[places], tuple(labels)), rows
