"""Served equals embedded for every option of a question."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core20plus5_client import Client
from tests.e2e.asking import assert_same_counts, assert_same_flags

OPTIONS: dict[str, dict[str, Any]] = {
    "indicators": {"indicators": ["smi_bp", "maternity", "core20"]},
    "one PLUS group": {"plus_groups": ["autism"]},
    "a local PLUS group": {"plus_groups": ["plus_farm", "homeless"]},
    "all PLUS groups": {"plus_groups": "all"},
    "imd_from rank": {"imd_from": "imd_rank"},
    "null means no": {"null_means_no": ["homeless", "plus_farm"], "plus_groups": ["homeless", "plus_farm"]},
    "whole number": {"parameters": {"core20_max_decile": 3, "bp_target_systolic": 135}},
    "whole number as a float": {"parameters": {"adult_min_age": 21.0}},
    "fraction": {"parameters": {"ldl_target": 1.8, "non_hdl_target": 2.5}},
    "fraction as a whole number": {"parameters": {"ldl_target": 2}},
    "month and day": {"parameters": {"flu_season_start": "10-01", "flu_season_end": "02-28"}},
    "later facts": {"allow_later_facts": True},
    "ruleset by name": {"ruleset": "core20plus5-adults"},
    "ruleset by version": {"ruleset": "core20plus5-adults@2025.1"},
}

COUNT_OPTIONS: dict[str, dict[str, Any]] = {
    "cohorts": {"cohorts": ["core20", "everyone"]},
    "one cohort": {"cohorts": ["core20"]},
    "cohorts and indicators": {"cohorts": ["everyone"], "indicators": ["smoker"]},
    "policy by name": {"disclosure": "hes"},
    "every derived stratum": {"strata": ["imd_decile", "ethnic_group", "age_band_10y"]},
    "more derived strata": {"strata": ["age_band_broad", "core20plus_segment"], "plus_groups": "all"},
    "a stratum of the caller's": {"strata": ["ward", "sex"]},
    "a stratum of yes and no": {"strata": ["coastal"]},
    "a stratum of whole numbers": {"strata": ["ltc_count"]},
    "organisations": {"strata": ["sub_icb_code", "icb_code"]},
}


@pytest.mark.parametrize("name", OPTIONS | COUNT_OPTIONS)
def test_counts(client: Client, few: pa.Table, name: str) -> None:
    question = {"disclosure": "none"} | (OPTIONS | COUNT_OPTIONS)[name]
    assert_same_counts(client, few, **question)


@pytest.mark.parametrize("name", OPTIONS)
def test_flags(client: Client, few: pa.Table, name: str) -> None:
    assert_same_flags(client, few, **OPTIONS[name])


@pytest.mark.parametrize("imd_from", ["imd_decile", "lsoa_code", "imd_rank", None])
def test_deprivation_from_each_of_three_columns(client: Client, few: pa.Table, imd: Path, imd_from: str | None) -> None:
    rows = range(few.num_rows)
    codes = [line.partition(",")[0] for line in imd.read_text(encoding="utf-8").splitlines()[1:]]
    table = few.append_column("imd_decile_2025", pa.array([number % 10 + 1 for number in rows], pa.int8()))
    table = table.append_column("lsoa_code", pa.array([codes[number * 7 % len(codes)] for number in rows]))
    result = assert_same_counts(client, table, imd, strata=["imd_decile"], imd_from=imd_from, disclosure="none")
    assert (imd_from or "lsoa_code") in (result.provenance["imd_from"], result.provenance["imd_from"].rpartition("_")[0])
    assert_same_flags(client, table, imd, imd_from=imd_from)


def test_later_facts(client: Client, few: pa.Table) -> None:
    later = pa.array([20_900 if number % 3 else None for number in range(few.num_rows)], pa.int32()).cast(pa.date32())
    table = few.drop_columns(["bp_date"]).append_column("bp_date", later)
    result = assert_same_counts(client, table, allow_later_facts=True, disclosure="none")
    assert "bp_date" in result.quality.column("column").to_pylist()
    assert_same_flags(client, table, allow_later_facts=True)
