"""How complete the records are: every state of every column, per organisation, and protected as the counts are."""

from collections import Counter
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5.completeness.protect import POSSIBLE, protect
from core20plus5.disclosure import POLICIES
from core20plus5.disclosure.release import round_counts
from core20plus5.ingest.sources import BLOCK_ROWS
from tests.ask import count
from tests.tables import people

LATER = date(2026, 4, 1)


def found(table: pa.Table, **where: str) -> dict[str, tuple[int | None, int | None]]:
    rows = [row for row in table.to_pylist() if all(row[name] == value for name, value in where.items())]
    return {row["state"]: (row["people"], row["of"]) for row in rows}


def complete(data: pa.Table, **arguments: Any) -> pa.Table:
    result = count(data, completeness=True, allow_later_facts=True, **arguments)
    assert result.completeness is not None
    return result.completeness


def test_it_is_given_where_it_is_asked_for() -> None:
    assert count(people(3)).completeness is None


def test_ethnic_category() -> None:
    table = complete(people(9, ethnic_category=["A", "b1", "Z", "99", None, " ", "?", "T", "A"]))
    assert found(table, column="ethnic_category") == {
        "known": (3, 9),
        "not_stated": (1, 9),
        "not_known": (1, 9),
        "missing": (2, 9),
        "invalid": (2, 9),
    }
    assert table.column_names == ["column", "among", "state", "people", "of", "share"]


def test_dictionaries_say_the_same() -> None:
    data = people(5, ethnic_category=["A", "?", None, "Z", ""], sex=["1", "X", "?", None, ""])
    encoded = data
    for name in ("ethnic_category", "sex"):
        place = encoded.column_names.index(name)
        encoded = encoded.set_column(place, name, encoded.column(name).dictionary_encode())
    assert complete(encoded).equals(complete(data))


def test_sex() -> None:
    table = complete(people(6, sex=["1", "F", "0", "x", None, "?"]))
    assert found(table, column="sex") == {"known": (2, 6), "not_known": (2, 6), "missing": (1, 6), "invalid": (1, 6)}


def test_deprivation_by_reason() -> None:
    reasons = [None, None, "outside_england", "no_fixed_abode", None]
    table = complete(people(5, imd_decile_2025=[1, 11, None, None, None], no_imd_reason=reasons))
    assert found(table, column="deprivation") == {
        "known": (1, 5),
        "outside_england": (1, 5),
        "no_fixed_abode": (1, 5),
        "invalid": (1, 5),
        "missing": (1, 5),
    }


def test_columns_that_were_not_sent() -> None:
    table = complete(people(4))
    for column in ("ethnic_category", "sex", "deprivation"):
        assert found(table, column=column, state="column_absent") == {"column_absent": (4, 4)}
        assert found(table, column=column, state="known") == {"known": (0, 4)}


def test_groups_stage_and_blood_pressure() -> None:
    recent = date(2026, 1, 1)
    table = complete(
        people(
            4,
            autism=[True, False, None, None],
            cancer_dx_latest=[recent, recent, recent, None],
            cancer_stage=["1", "x", None, "2"],
            hypertension_dx_latest=[recent, recent, None, None],
            bp_date=[recent, None, recent, None],
            bp_systolic=[120.0] * 4,
            bp_diastolic=[80.0] * 4,
        )
    )
    assert found(table, column="autism") == {"known": (2, 4), "missing": (2, 4)}
    assert found(table, column="cancer_stage", among="cancer") == {"known": (1, 3), "missing": (2, 3)}
    assert found(table, column="bp_date", among="hypertension") == {"known": (1, 2), "missing": (1, 2)}


def test_dates_after_the_reference_date() -> None:
    table = complete(people(4, smi_dx_latest=[LATER, date(2025, 1, 1), None, LATER]))
    assert found(table, column="smi_dx_latest", state="after_reference_date") == {"after_reference_date": (2, 4)}


def test_people_who_are_not_counted_are_not_here() -> None:
    data = people(4, ethnic_category=["A", None, "?", "Z"], death_date=[None, date(2020, 1, 1), date(2020, 1, 1), None])
    assert found(complete(data), column="ethnic_category") == {"known": (1, 2), "not_stated": (1, 2), "missing": (0, 2)}


def test_per_organisation() -> None:
    data = people(5, practice_code=["a", "a", "B", None, "B"], icb_code=["Q1"] * 5, ethnic_category=["A", None, "Z", "A", "A"])
    table = complete(data, strata=["sex", "practice_code", "icb_code"])
    assert table.column_names[:2] == ["practice_code", "icb_code"]
    of = {practice: found(table, practice_code=practice, column="ethnic_category") for practice in ("A", "B", "unknown")}
    assert of["A"] == {"known": (1, 2), "missing": (1, 2)}
    assert of["B"] == {"known": (1, 2), "not_stated": (1, 2), "missing": (0, 2)}
    assert of["unknown"] == {"known": (1, 1), "missing": (0, 1)}


@pytest.mark.parametrize("cuts", [1, 2, 7])
def test_parts_add_up(cuts: int) -> None:
    data = people(14, ethnic_category=["A", None, "?", "Z", "99", "", "B"] * 2, practice_code=["a", "b"] * 7)
    pieces = pa.concat_tables([data.slice(start, 14 // cuts) for start in range(0, 14, 14 // cuts)]).to_batches()
    assert complete(pieces, strata=["practice_code"]).equals(complete(data, strata=["practice_code"]))


def test_several_blocks_and_organisations_met_late() -> None:
    """Against counting one by one; the second block has organisations that the first one has not."""
    rows, draw = BLOCK_ROWS + 20_000, np.random.default_rng(1)
    practice = [f"P{number}" for number in (draw.integers(0, 40, rows) + 30 * (np.arange(rows) >= BLOCK_ROWS)).tolist()]
    network = draw.choice(["U1", "U2"], rows).tolist()
    ethnic = draw.choice(["A", "Z", "99", "", "?"], rows).tolist()
    state = {"A": "known", "Z": "not_stated", "99": "not_known", "": "missing", "?": "invalid"}
    data = people(rows, practice_code=practice, pcn_code=network, ethnic_category=ethnic)
    table = complete(data, strata=["pcn_code", "sex", "practice_code"])
    shown = table.filter(pc.equal(table["column"], "ethnic_category")).select(["pcn_code", "practice_code", "state", "people"])
    wanted = Counter(zip(network, practice, (state[code] for code in ethnic), strict=True))
    assert {tuple(row.values())[:3]: row["people"] for row in shown.to_pylist() if row["people"]} == dict(wanted)


def test_small_numbers_are_hidden() -> None:
    table = complete(people(100, ethnic_category=["A"] * 95 + [None] * 5), disclosure="hes")
    assert found(table, column="ethnic_category")["missing"] == (None, 100)
    assert found(table, column="ethnic_category")["known"] == (95, 100)


@given(
    st.lists(st.one_of(st.integers(0, 12), st.integers(0, 60)), min_size=2, max_size=5),
    st.sampled_from([name for name in POLICIES if name != "none"]),
)
def test_a_hidden_part_cannot_be_worked_out_from_the_others_and_their_total(parts: list[int], name: str) -> None:
    """By trying every number that each part can be: one that the policy hides or protects has three at least."""
    policy = POLICIES[name]
    exact = np.array([(part, sum(parts)) for part in parts])
    shown_there, hidden_there = protect(exact, np.zeros(len(parts), np.int64), policy)
    people_shown = [None if gone else number for number, gone in zip(shown_there[:, 0], hidden_there[:, 0], strict=True)]
    of = None if hidden_there[0, 1] else shown_there[0, 1]
    _, small = round_counts(exact[:, 0], policy)
    assert all(number is None for number, hid in zip(people_shown, small, strict=True) if hid)
    near = np.arange(0, sum(parts) + 8)
    shown, hidden = round_counts(near, policy)

    def possible(place: int) -> list[int]:
        if people_shown[place] is not None:
            return near[(shown == people_shown[place]) & ~hidden].tolist()
        return near[hidden].tolist() if small[place] else near.tolist()

    totals = set(near[hidden].tolist() if of is None else near[(shown == of) & ~hidden].tolist())
    kept = [possible(place) for place in range(len(parts))]
    for place in np.flatnonzero(small | (exact[:, 0] >= 1) & (exact[:, 0] <= policy.protected_to)):
        others = {0}
        for other, numbers in enumerate(kept):
            if other != place:
                others = {one + number for one, number in product(others, numbers) if one + number <= max(totals)}
        left = [number for number in kept[place] if any(number + rest in totals for rest in others)]
        assert len(left) >= POSSIBLE
