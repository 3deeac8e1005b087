"""From the arrays of one block to an Arrow batch: the order and type of every column of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5_cli.population.arrays import NONE, NONE_SMALL, Column, Columns, Mask
from core20plus5_cli.population.conditions import ENDS
from core20plus5_cli.population.plus import GROUPS

SHORT_TEXT = pa.dictionary(pa.int8(), pa.string())
CODE_TEXT = pa.dictionary(pa.int16(), pa.string())
LSOA_TEXT = pa.dictionary(pa.int32(), pa.string())
"""Text columns are dictionary-encoded; an index is as narrow as the longest list of its column needs."""


def dates(*names: str) -> dict[str, pa.DataType]:
    """Date columns by name."""
    return dict.fromkeys(names, pa.date32())


def answers(*names: str) -> dict[str, pa.DataType]:
    """Bool columns by name."""
    return dict.fromkeys(names, pa.bool_())


def types(home: str) -> dict[str, pa.DataType]:
    """Every column and its type, in order. `home` is ``imd_rank_2025`` or ``lsoa_code``."""
    return {
        "person_id": pa.int64(),
        **dates("birth_date"),
        "sex": SHORT_TEXT,
        "ethnic_category": SHORT_TEXT,
        home: LSOA_TEXT if home == "lsoa_code" else pa.int32(),
        "no_imd_reason": SHORT_TEXT,
        **dict.fromkeys(("practice_code", "pcn_code", "place_code", "sub_icb_code", "icb_code"), CODE_TEXT),
        **dates("registration_start", "registration_end", "death_date"),
        **answers(*GROUPS[:-1], "coastal", GROUPS[-1]),
        "ltc_count": pa.int16(),
        **dates("hypertension_dx_latest", ENDS["hypertension"], "copd_dx_latest", ENDS["copd"]),
        **dates("smi_dx_latest", ENDS["smi"], "cvd_dx_latest", "cancer_dx_latest"),
        "cancer_stage": SHORT_TEXT,
        **dates("bp_date"),
        "bp_systolic": pa.int16(),
        "bp_diastolic": pa.int16(),
        "bp_setting": SHORT_TEXT,
        **dates("alcohol_date", "glucose_date", "bmi_date", "lipid_date"),
        "smoking_status": SHORT_TEXT,
        **dates("smoking_status_date", "smoking_support_latest"),
        **dates("statin_latest", "other_lipid_lowering_latest", "cholesterol_date"),
        "ldl_mmol": pa.float64(),
        "non_hdl_mmol": pa.float64(),
        **dates("flu_vaccine_latest", "pneumococcal_vaccine_latest", "covid_vaccine_latest"),
        **answers("covid_vaccine_eligible"),
        **dates("preg_booking_date"),
        "preg_gestation_at_booking_days": pa.int16(),
        **dates("preg_end_date", "coc_plan_date"),
        **answers("coc_pathway", "coc_named_midwife", "coc_named_team"),
    }


def bits(mask: Mask) -> pa.Buffer:
    """A bitmap in Arrow's bit order."""
    return pa.py_buffer(np.packbits(mask, bitorder="little").data)


def valid(values: Column) -> Mask:
    """(n,) bool: where the column has a value, by the null of its form."""
    if values.dtype == np.int32:
        return np.asarray(values != NONE)
    if values.dtype == np.int16:
        return np.asarray(values != NONE_SMALL)
    if values.dtype == np.float64:
        return ~np.isnan(values.astype(np.float64, copy=False))
    return np.ones(len(values), np.bool_)


def plain(values: Column, type_: pa.DataType, known: Mask) -> pa.Array[Any]:
    """An array of fixed-width values (or bits, for bools) with `known` as its validity."""
    data = bits(values == 1) if pa.types.is_boolean(type_) else pa.py_buffer(np.ascontiguousarray(values).data)
    missing = len(values) - int(np.count_nonzero(known))
    validity = bits(known) if missing else None
    return pa.Array.from_buffers(type_, len(values), [validity, data], missing)


class Encoder:
    """Knows the columns' types and the texts of the dictionary columns, and makes batches.

    `texts` has the list of texts of each dictionary column; the arrays hold positions in it, -1 for null.
    """

    def __init__(self, home: str, texts: Mapping[str, list[str]]) -> None:
        self.types = types(home)
        self.schema = pa.schema(list(self.types.items()))
        self.texts = {name: pa.array(list(codes), pa.string()) for name, codes in texts.items()}

    def batch(self, columns: Columns) -> pa.RecordBatch:
        """The block as a record batch of `schema`."""
        return pa.RecordBatch.from_arrays(
            [self._array(columns[name], name, type_) for name, type_ in self.types.items()], schema=self.schema
        )

    def _array(self, values: Column, name: str, type_: pa.DataType) -> pa.Array[Any]:
        if isinstance(type_, pa.DictionaryType):
            indices = plain(values, type_.index_type, np.asarray(values >= 0))
            return pa.DictionaryArray.from_arrays(indices, self.texts[name], safe=False)
        known = np.asarray(values >= 0) if pa.types.is_boolean(type_) else valid(values)
        return plain(values, type_, known)
