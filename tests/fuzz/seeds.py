"""Real messages to begin with: every column of the record, in every layout of Arrow that it may come in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from core20plus5.records import COLUMNS, Kind

ROWS = 6
_START = date(2025, 9, 1)

_TEXTS: dict[str, list[str | None]] = {
    "sex": ["F", "M", "1", "x", None, "9"],
    "ethnic_category": ["A", "S1", "99", "Z", None, "?"],
    "lsoa_code": ["E01000001", "E01033755", "W01000001", " e01000002", None, ""],
    "cancer_stage": ["1", "2A", "4B1", "X", None, "3"],
    "smoking_status": ["current", "EX", "never", "?", None, "current"],
    "bp_setting": ["home", "clinic", "ABPM", "?", None, "hbpm"],
    "no_imd_reason": ["no_fixed_abode", "OUTSIDE_ENGLAND", "?", "", None, None],
}
_NUMBERS: list[int | None] = [1, 10, 120, -1, None, 80]


@dataclass(frozen=True)
class Seed:
    """A whole IPC stream of one batch. strata: columns of it that are asked for as such."""

    name: str
    content: bytes
    rows: int
    strata: tuple[str, ...] = ()


def _values(name: str, kind: Kind) -> Any:
    """A column of the record as it is mostly sent."""
    if kind is Kind.DATE:
        return pa.array([None if row == 4 else _START + timedelta(days=31 * row) for row in range(ROWS)], pa.date32())
    if kind is Kind.BOOL:
        return pa.array([True, False, None, True, False, None])
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return pa.array(_NUMBERS, pa.int16() if kind is Kind.INTEGER else pa.float64())
    return pa.array(_TEXTS.get(name, ["A81001", "U", "V81999", "é", None, f"a name of {name}"]), pa.string())


def _whole() -> dict[str, Any]:
    return {column.name: _values(column.name, column.kind) for column in COLUMNS.values()} | {
        "plus_carers": pa.array([True, None, False, True, None, False]),
        "ward": pa.array(["a ward with a long name", "b", None, "", "b", "ward"], pa.string()),
    }


def _as(kinds: dict[Kind, Any]) -> dict[str, Any]:
    """Every column of some kinds, cast."""
    found = {name: (COLUMNS[name].kind, array) for name, array in _whole().items() if name in COLUMNS}
    return {name: array.cast(kinds[kind]) for name, (kind, array) in found.items() if kind in kinds}


def _encoded(index: Any, value: Any) -> dict[str, Any]:
    texts = _as(dict.fromkeys((Kind.CODE, Kind.ORGANISATION, Kind.LSOA, Kind.IDENTIFIER), pa.string()))
    return {name: array.dictionary_encode().cast(pa.dictionary(index, value)) for name, array in texts.items()}


_TEXT_KINDS = (Kind.CODE, Kind.ORGANISATION, Kind.LSOA, Kind.IDENTIFIER)
_WAYS: dict[str, Callable[[], dict[str, Any]]] = {
    "everything": _whole,
    "views": lambda: _as(dict.fromkeys(_TEXT_KINDS, pa.string_view())),
    "large": lambda: _as(dict.fromkeys(_TEXT_KINDS, pa.large_string())),
    "dictionaries": lambda: _encoded(pa.int8(), pa.string()),
    "wide dictionaries": lambda: _encoded(pa.int64(), pa.large_string()),
    "unsigned dictionaries": lambda: _encoded(pa.uint16(), pa.string()),
    "timestamps": lambda: _as({Kind.DATE: pa.timestamp("ns", "Europe/London"), Kind.INTEGER: pa.float32()}),
    "old timestamps": lambda: _as({Kind.DATE: pa.timestamp("s"), Kind.NUMBER: pa.decimal128(9, 2), Kind.INTEGER: pa.int64()}),
    "milliseconds": lambda: _as({Kind.DATE: pa.date64(), Kind.INTEGER: pa.float64()}),
    "nulls": lambda: {name: pa.nulls(ROWS) for name in ("birth_date", "sex", "autism", "imd_decile", "bp_systolic", "ward")},
    "numbers": lambda: {
        "sex": pa.array(_NUMBERS),
        "autism": pa.array([0, 1, 2, None, 1, 0]),
        "ward": pa.array(_NUMBERS, pa.int8()),
    },
    "small": lambda: {"birth_date": pa.array([_START] * ROWS), "imd_decile": pa.array(_NUMBERS), "sex": pa.array(_TEXTS["sex"])},
}


def _stream(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def seeds() -> list[Seed]:
    """Every way, whole and as a slice that does not begin at its buffers' beginning."""
    found = []
    for name, make in _WAYS.items():
        arrays = make()
        batch = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
        strata = tuple(column for column in ("ward", "practice_code", "sex") if column in arrays)
        found.append(Seed(name, _stream(batch), ROWS, strata))
        found.append(Seed(f"{name}, sliced", _stream(batch.slice(1, 4)), 4, strata))
    return found
