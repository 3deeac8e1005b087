"""The table of inequality: which rows there are, what they say, and why a number is not there."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5.inequality import Rules, inequality_table
from core20plus5.inequality.blocks import REASONS, VERDICTS
from core20plus5.inequality.rules import ESP2013
from tests.inequality.released import INDICATORS, cohort, counts, only

WITHOUT_VERDICT = ("prevalence", "no_direction", "no_target", "below_min_base")


def table(rows: list[dict[str, Any]], *strata: str, **rules: Any) -> pa.Table:
    return inequality_table(counts(rows, *strata), INDICATORS, Rules(**rules))


def test_a_rate_with_its_interval_and_its_target() -> None:
    row = only(table([{"yes": 75, "no": 25, "unknown": 25}]), statistic="rate")
    assert (row["value"], row["people"], row["unknown_share"]) == (0.75, 100, 0.2)
    assert (row["lower"], row["upper"]) == pytest.approx((0.656955, 0.824548), abs=5e-7)
    assert (row["direction"], row["target"], row["caveat"]) == ("higher", 0.75, "Not everyone.")
    assert (row["verdict"], row["reason"]) == ("near_target", None)


@pytest.mark.parametrize(
    ("indicator", "yes", "no", "verdict", "reason"),
    [
        ("check", 900, 100, "target_met", None),
        ("check", 500, 500, "target_not_met", None),
        ("harm", 10, 990, "target_met", None),
        ("harm", 500, 500, "target_not_met", None),
        ("harm", 100, 900, "near_target", None),
        ("check", 29, 0, None, "below_min_base"),
        ("check", 30, 0, "target_met", None),
        ("smi", 500, 500, None, "no_target"),
    ],
)
def test_verdicts_against_a_target(indicator: str, yes: int, no: int, verdict: str | None, reason: str | None) -> None:
    row = only(table([{"indicator": indicator, "yes": yes, "no": no}]), statistic="rate")
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row["value"] == yes / (yes + no)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"yes": None, "no": 100}, "hidden"),
        ({"yes": 100, "no": None}, "hidden"),
        ({"yes": 0, "no": 0, "unknown": 10}, "no_one"),
        ({"yes": None, "no": None, "unknown": None, "status": "column_absent"}, "column_absent"),
    ],
)
def test_a_rate_that_is_not_there_has_a_reason(row: dict[str, Any], reason: str) -> None:
    found = only(table([row]), statistic="rate")
    assert (found["value"], found["lower"], found["upper"], found["verdict"], found["reason"]) == (None, None, None, None, reason)


def test_a_hidden_unknown_leaves_the_rate() -> None:
    row = only(table([{"yes": 75, "no": 25, "unknown": None}]), statistic="rate")
    assert (row["value"], row["unknown_share"], row["reason"]) == (0.75, None, None)


def test_gap_ratio_and_people() -> None:
    rows = [*cohort((60, 40), (800, 200)), {"cohort": "core20", "cohort_answer": "unknown", "yes": 50, "no": 50}]
    found = table(rows)
    gap = only(found, statistic="gap")
    assert (gap["cohort_answer"], gap["over"], gap["against"]) == ("yes", "cohort", "no")
    assert gap["value"] == pytest.approx(-0.2)
    assert gap["lower"] < -0.2 < gap["upper"] < 0
    assert (gap["people"], gap["reference_people"]) == (100, 1000)
    assert gap["unknown_share"] == pytest.approx(100 / 1200)
    assert (gap["verdict"], gap["reason"]) == ("worse", None)
    assert only(found, statistic="ratio")["value"] == pytest.approx(0.75)
    close = only(found, statistic="people_to_close_gap")
    assert close["value"] == 20
    assert close["lower"] < 20 < close["upper"]


def test_where_lower_is_better_more_is_worse() -> None:
    found = table(cohort((60, 40), (100, 900), indicator="harm"))
    assert only(found, statistic="gap")["verdict"] == "worse"
    assert only(found, statistic="people_to_close_gap")["value"] == 50


def test_a_gap_that_is_closed_takes_no_one() -> None:
    found = table(cohort((90, 10), (500, 500)))
    assert only(found, statistic="gap")["verdict"] == "better"
    close = only(found, statistic="people_to_close_gap")
    assert (close["value"], close["lower"], close["upper"]) == (0, 0, 0)


def test_a_prevalence_is_not_judged() -> None:
    found = table(cohort((60, 40), (100, 900), indicator="smi"))
    gap = only(found, statistic="gap")
    assert (gap["value"], gap["verdict"], gap["reason"]) == (pytest.approx(0.5), None, "prevalence")
    assert "people_to_close_gap" not in found.column("statistic").to_pylist()


@pytest.mark.parametrize(
    ("yes", "no", "unknown", "reason"),
    [
        ((29, 0), (50, 50), 0, "group_below_min_base"),
        ((50, 50), (29, 0), 0, "reference_below_min_base"),
        ((50, 50), (0, 0), 0, "reference_below_min_base"),
        ((0, 0), (50, 50), 0, "no_one"),
        ((None, 50), (50, 50), 0, "hidden"),
        ((50, 50), (50, None), 0, "hidden"),
        ((50, 50), (50, 50), 201, "too_many_unknown"),
        ((50, 50), (50, 50), 200, None),
        ((0, 30), (30, 0), 0, None),
    ],
)
def test_gaps_that_would_mean_nothing(yes: Any, no: Any, unknown: int, reason: str | None) -> None:
    rows = [*cohort(yes, no), {"cohort": "core20", "cohort_answer": "unknown", "yes": unknown, "no": 0}]
    found = table(rows)
    for statistic in ("gap", "ratio", "people_to_close_gap"):
        row = only(found, statistic=statistic)
        assert row["reason"] == reason
        assert (row["value"] is None) is (reason is not None)


def test_a_ratio_to_nothing() -> None:
    found = table(cohort((30, 30), (0, 60)))
    assert only(found, statistic="ratio")["reason"] == "zero_reference"
    assert only(found, statistic="gap")["value"] == 0.5


def test_a_missing_row_is_of_nobody() -> None:
    rows = cohort((50, 50), (50, 50))[:1]
    assert only(table(rows), statistic="gap")["reason"] == "reference_below_min_base"


def test_gaps_are_within_each_stratum() -> None:
    rows = [*cohort((40, 60), (60, 40), sex="male"), *cohort((80, 20), (60, 40), sex="female")]
    found = table(rows, "sex")
    assert only(found, statistic="gap", sex="male")["value"] == pytest.approx(-0.2)
    assert only(found, statistic="gap", sex="female")["value"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("stratum", "reference", "group", "unplaced"),
    [
        ("ethnic_group", "White", "Asian", ["Not stated", "Not known", "Missing"]),
        ("ethnic_category", "A", "B", ["Z", "99", "unknown"]),
    ],
)
def test_ethnic_groups(stratum: str, reference: str, group: str, unplaced: list[str]) -> None:
    rows = [{stratum: reference, "yes": 800, "no": 200}, {stratum: group, "yes": 60, "no": 40}]
    rows += [{stratum: label, "yes": 50, "no": 50} for label in unplaced]
    found = table(rows, stratum)
    gap = only(found, statistic="gap")
    assert (gap[stratum], gap["over"], gap["against"]) == (group, stratum, reference)
    assert gap["value"] == pytest.approx(-0.2)
    assert gap["unknown_share"] == pytest.approx(300 / 1400)
    assert gap["verdict"] == "worse"
    assert only(found, statistic="people_to_close_gap")["value"] == 20
    assert len([row for row in found.to_pylist() if row["statistic"] == "rate"]) == 5


GOLDEN = ((300, 1000), (300, 1200), (220, 1000), (180, 900), (150, 900))


def by_quintile(shares: Any = GOLDEN, **more: Any) -> list[dict[str, Any]]:
    return [
        {"imd_quintile": str(place + 1), "yes": yes, "no": None if yes is None else people - yes} | more
        for place, (yes, people) in enumerate(shares)
    ]


def test_slope() -> None:
    rows = [*by_quintile(), {"imd_quintile": "unknown", "yes": 100, "no": 400}]
    found = table(rows, "imd_quintile")
    sii, rii = only(found, statistic="sii"), only(found, statistic="rii")
    assert sii["imd_quintile"] is None
    assert (sii["over"], sii["people"]) == ("imd_quintile", 5000)
    assert (sii["value"], rii["value"]) == pytest.approx((-0.1559918, 0.4935264), abs=5e-8)
    assert sii["lower"] < sii["value"] < sii["upper"] < 0
    assert sii["unknown_share"] == pytest.approx(500 / 5500)
    # The more deprived have more of what is better.
    assert sii["verdict"] == "better"
    worse = table(by_quintile(indicator="harm"), "imd_quintile")
    assert only(worse, statistic="sii")["verdict"] == "worse"


def test_slope_over_deciles() -> None:
    rows = [{"imd_decile": str(decile), "yes": 10 * decile, "no": 100} for decile in range(1, 11)]
    found = only(table(rows, "imd_decile"), statistic="sii")
    assert found["value"] > 0
    assert found["verdict"] == "worse"


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        (GOLDEN[:4], "empty_quantile"),
        ((*GOLDEN[:4], (0, 0)), "empty_quantile"),
        ((*GOLDEN[:4], (None, 900)), "hidden"),
        (((0, 0),) * 5, "no_one"),
    ],
)
def test_slopes_that_cannot_be(shares: Any, reason: str) -> None:
    found = table(by_quintile(shares), "imd_quintile")
    for statistic in ("sii", "rii"):
        row = only(found, statistic=statistic)
        assert (row["value"], row["lower"], row["verdict"], row["reason"]) == (None, None, None, reason)


def test_a_line_that_meets_nothing_has_no_relative_index() -> None:
    shares = ((500, 1000), (10, 1000), (0, 1000), (0, 1000), (0, 1000))
    found = table(by_quintile(shares), "imd_quintile")
    assert only(found, statistic="rii")["reason"] == "not_positive"
    assert only(found, statistic="sii")["value"] < 0


def test_slopes_are_within_the_other_strata() -> None:
    rows = [*by_quintile(sex="male"), *by_quintile(((10, 100),) * 5, sex="female")]
    found = table(rows, "sex", "imd_quintile")
    assert only(found, statistic="sii", sex="male")["value"] == pytest.approx(-0.1559918, abs=5e-8)
    assert only(found, statistic="sii", sex="female")["value"] == pytest.approx(0)


def by_age(shares: dict[str, tuple[int | None, int | None]], **more: Any) -> list[dict[str, Any]]:
    return [
        {"age_band_5y": band, "indicator": "smi", "yes": shares.get(band, (20, 180))[0], "no": shares.get(band, (20, 180))[1]}
        | more
        for band in ESP2013
    ]


def test_age_standardised_rate() -> None:
    row = only(table(by_age({"90+": (100, 100)}), "age_band_5y"), statistic="standardised_rate")
    assert row["value"] == pytest.approx((99_000 * 0.1 + 1_000 * 0.5) / 100_000)
    assert (row["age_band_5y"], row["over"], row["standard_share"]) == (None, "age_band_5y", 1)
    assert row["lower"] < row["value"] < row["upper"]
    assert (row["verdict"], row["reason"]) == (None, "no_direction")


def test_ages_that_nobody_is_asked_at_are_no_part_of_the_standard() -> None:
    rows = [row for row in by_age({"90+": (100, 100)}) if row["age_band_5y"] not in ("0-4", "5-9", "10-14")]
    row = only(table(rows, "age_band_5y"), statistic="standardised_rate")
    assert row["value"] == pytest.approx((83_000 * 0.1 + 1_000 * 0.5) / 84_000)
    assert row["standard_share"] == 1


def test_hidden_bands_are_left_out_on_both_sides() -> None:
    mine = by_age({"0-4": (None, 200), "90+": (100, 100)}, cohort="core20", cohort_answer="yes")
    others = by_age({"0-4": (180, 20)}, cohort="core20", cohort_answer="no")
    found = table([*mine, *others], "age_band_5y")
    gap = only(found, statistic="standardised_gap")
    assert gap["value"] == pytest.approx(1_000 * 0.4 / 95_000)
    assert gap["standard_share"] == pytest.approx(0.95)
    assert only(found, statistic="standardised_rate", cohort_answer="no")["value"] == pytest.approx(0.1)
    assert only(found, statistic="standardised_ratio")["value"] == pytest.approx((0.1 + 0.4 / 95) / 0.1)
    assert gap["lower"] < gap["value"] < gap["upper"]


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ({"90+": (0, 0)}, "empty_age_band"),
        (dict.fromkeys(ESP2013, (None, 180)), "hidden"),
        (dict.fromkeys(list(ESP2013)[:11], (None, 180)), "hidden"),
        (dict.fromkeys(ESP2013, (0, 0)), "no_one"),
        (dict.fromkeys(ESP2013, (0, 20)) | {"90+": (9, 9)}, "below_min_events"),
    ],
)
def test_standardised_rates_that_cannot_be(shares: dict[str, tuple[int | None, int | None]], reason: str) -> None:
    mine = by_age(shares, cohort="core20", cohort_answer="yes")
    found = table([*mine, *by_age({}, cohort="core20", cohort_answer="no")], "age_band_5y")
    for statistic in ("standardised_rate", "standardised_gap", "standardised_ratio"):
        row = only(found, statistic=statistic, cohort_answer="yes")
        assert (row["value"], row["reason"]) == (None, reason)


def test_measures_are_not_standardised_and_cohorts_are_not_compared() -> None:
    rows = [{"age_band_5y": band, "yes": 10, "no": 10} for band in ESP2013]
    rows += [{"age_band_5y": band, "indicator": "core20", "yes": 10, "no": 10} for band in ESP2013]
    found = table(rows, "age_band_5y")
    assert set(found.column("statistic").to_pylist()) == {"rate"}
    assert set(found.column("indicator").to_pylist()) == {"check"}


def test_a_stratum_may_have_the_name_of_a_column_of_the_measures() -> None:
    found = table([{"people": "Q1", "yes": 75, "no": 25}], "people")
    assert found.column_names.count("people") == 2
    assert found.column(0).to_pylist() == ["Q1"]


def test_rules_are_named_in_the_table() -> None:
    found = table([], min_base=50)
    assert found.num_rows == 0
    assert json.loads(found.schema.metadata[b"core20plus5.inequality"])["min_base"] == 50


counted = st.one_of(st.none(), st.just(0), st.integers(8, 40).map(lambda count: count * 5), st.just(10))
cell = st.tuples(counted, counted, counted)


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([*"12345", "unknown"]),
            st.sampled_from(["White", "Asian", "Missing"]),
            st.sampled_from(["15-19", "20-24", "90+", "unknown"]),
            st.sampled_from([("everyone", "yes"), ("core20", "yes"), ("core20", "no"), ("core20", "unknown")]),
            st.sampled_from(["smi", "check", "harm", "core20"]),
        ),
        cell,
        max_size=60,
    )
)
def test_every_row_has_a_value_or_a_reason(cells: dict[Any, Any]) -> None:
    """Whatever is hidden, empty or full; and its interval holds a value."""
    rows = [
        {"imd_quintile": quintile, "ethnic_group": group, "age_band_5y": band, "cohort": name, "cohort_answer": answer}
        | {"indicator": indicator, "yes": numbers[0], "no": numbers[1], "unknown": numbers[2]}
        for (quintile, group, band, (name, answer), indicator), numbers in cells.items()
    ]
    found = table(rows, "imd_quintile", "ethnic_group", "age_band_5y")
    for row in found.to_pylist():
        assert row["reason"] in (None, *REASONS[1:])
        assert row["verdict"] in (None, *VERDICTS[1:])
        if row["value"] is None:
            assert row["reason"] not in (None, *WITHOUT_VERDICT)
            assert (row["lower"], row["upper"], row["verdict"]) == (None, None, None)
        else:
            assert row["reason"] in (None, *WITHOUT_VERDICT)
            assert row["lower"] <= row["value"] + 1e-12
            assert row["value"] <= row["upper"] + 1e-12
        if row["statistic"] in ("rate", "gap", "sii", "standardised_rate"):
            assert (row["verdict"] is None) is (row["reason"] is not None)
    assert sum(statistic == "rate" for statistic in found.column("statistic").to_pylist()) == sum(
        row["indicator"] != "core20" for row in rows
    )


@given(st.permutations(by_quintile() + by_quintile(indicator="smi") + by_quintile(((10, 100),) * 5, indicator="harm")))
def test_the_order_of_rows_changes_no_number(rows: list[dict[str, Any]]) -> None:
    def numbers(given: list[dict[str, Any]]) -> Any:
        found = table(given, "imd_quintile").to_pylist()
        return sorted(
            (str(row["imd_quintile"]), row["indicator"], row["statistic"], str(row["value"]), str(row["lower"])) for row in found
        )

    assert numbers(rows) == numbers(sorted(rows, key=str))
