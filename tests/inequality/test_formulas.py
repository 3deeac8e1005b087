"""Intervals, slopes and standardised rates against golden numbers, and against libraries that have the same formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from core20plus5.inequality.intervals import byar, difference, ratio, wilson
from core20plus5.inequality.rules import ESP2013, Z95
from core20plus5.inequality.slope import slope_index
from core20plus5.inequality.standardise import standardised

shares = st.integers(1, 5_000).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))


def one(*numbers: float) -> list[np.ndarray]:
    return [np.array([number], np.float64) for number in numbers]


@pytest.mark.parametrize(
    ("yes", "people", "lower", "upper"),
    [
        (75, 100, 0.656955, 0.824548),
        (0, 10, 0, 0.277533),
        (10, 10, 0.722467, 1),
        (1, 1, 0.206549, 1),
        (7, 20, 0.181192, 0.567146),
        (540, 800, 0.641774, 0.706553),
    ],
)
def test_wilson(yes: int, people: int, lower: float, upper: float) -> None:
    low, high = wilson(*one(yes, people))
    assert (low[0], high[0]) == pytest.approx((lower, upper), abs=5e-7)


def test_nobody_has_no_interval() -> None:
    assert np.isnan(wilson(*one(0, 0))).all()
    assert np.isnan(wilson(*one(np.nan, np.nan))).all()


@given(shares)
def test_wilson_is_that_of_statsmodels(counted: tuple[int, int]) -> None:
    low, high = wilson(*one(*counted))
    assert (low[0], high[0]) == pytest.approx(proportion_confint(*counted, method="wilson"), abs=1e-12)
    assert 0 <= low[0] <= counted[0] / counted[1] <= high[0] <= 1


@pytest.mark.parametrize(("events", "lower", "upper"), [(10, 4.78745, 18.39146), (100, 81.36211, 121.62794), (0, 0, 3.6655)])
def test_byar(events: int, lower: float, upper: float) -> None:
    low, high = byar(np.array([events], np.float64))
    assert (low[0], high[0]) == pytest.approx((lower, upper), abs=0.005 if events == 0 else 5e-6)


@given(shares, shares)
def test_the_gap_is_that_of_statsmodels(group: tuple[int, int], other: tuple[int, int]) -> None:
    (yes, people), (others_yes, others) = (one(*counted) for counted in (group, other))
    low, high = difference(yes / people, wilson(yes, people), others_yes / others, wilson(others_yes, others))
    expected = confint_proportions_2indep(*group, *other, method="newcomb", compare="diff")
    assert (low[0], high[0]) == pytest.approx(expected, abs=1e-9)


@given(shares, shares)
def test_the_interval_of_a_ratio_holds_it_and_turns_with_it(group: tuple[int, int], other: tuple[int, int]) -> None:
    """Also at 0 and 100 %; the other way round, the limits are each other's reciprocals."""
    (yes, people), (others_yes, others) = (one(*counted) for counted in (group, other))
    share, reference = yes / people, others_yes / others
    limits, reference_limits = wilson(yes, people), wilson(others_yes, others)
    low, high = ratio(share, limits, reference, reference_limits)
    if reference[0] == 0:
        assert np.isnan(low[0])
        assert np.isnan(high[0])
        return
    assert 0 <= low[0] <= share[0] / reference[0] * (1 + 1e-12)
    assert share[0] / reference[0] <= high[0] * (1 + 1e-12)
    assert high[0] > low[0]
    if share[0] > 0:
        back_low, back_high = ratio(reference, reference_limits, share, limits)
        assert (back_low[0] * high[0], back_high[0] * low[0]) == pytest.approx((1, 1), rel=1e-9)


@given(st.integers(200, 5_000), st.integers(200, 5_000), st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_the_interval_of_a_ratio_is_near_the_score_interval_of_statsmodels(n: int, m: int, p: float, q: float) -> None:
    group, other = (round(n * p), n), (round(m * q), m)
    (yes, people), (others_yes, others) = (one(*counted) for counted in (group, other))
    low, high = ratio(yes / people, wilson(yes, people), others_yes / others, wilson(others_yes, others))
    expected = confint_proportions_2indep(*group, *other, method="score", compare="ratio")
    assert (low[0], high[0]) == pytest.approx(expected, rel=0.02)


def test_slope_index() -> None:
    """PHEindicatormethods: linear, no transformation."""
    line = slope_index(np.array([[300, 300, 220, 180, 150.0]]), np.array([[1000, 1200, 1000, 900, 900.0]]))
    assert line.sii[0] == pytest.approx(-0.1559918, abs=5e-8)
    assert line.intercept[0] == pytest.approx(0.3079959, abs=5e-8)
    assert line.rii[0] == pytest.approx(0.4935264, abs=5e-8)


def test_slope_is_least_squares_weighted_with_people_and_its_interval_that_of_simulation() -> None:
    yes, people = np.array([[400, 550, 660, 900, 810.0]]), np.array([[3000, 3100, 2500, 4000, 2800.0]])
    line = slope_index(yes, people)
    part = people[0] / people.sum()
    place = np.cumsum(part) - part / 2
    slope, intercept = np.polyfit(place, yes[0] / people[0], 1, w=np.sqrt(part))
    assert (line.sii[0], line.intercept[0]) == pytest.approx((slope, intercept), rel=1e-12)
    low, high = wilson(yes, people)
    draws = np.random.default_rng(1).normal(yes / people, (high - low) / (2 * Z95), (200_000, 5))
    again = slope_index(draws * people, np.broadcast_to(people, draws.shape))
    for limits, drawn in ((line.sii_limits, again.sii), (line.rii_limits, again.rii)):
        assert (limits[0][0], limits[1][0]) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), rel=0.03)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=5, max_size=10))
def test_slopes_have_intervals_at_every_share(quantiles: list[tuple[int, int]]) -> None:
    people = np.array([[people for _, people in quantiles]], np.float64)
    yes = np.minimum(np.array([[yes for yes, _ in quantiles]], np.float64), people)
    line = slope_index(yes, people)
    assert line.sii_limits[0][0] < line.sii[0] < line.sii_limits[1][0]
    assert np.isnan(line.rii[0]) == (line.intercept[0] <= 0 or line.intercept[0] + line.sii[0] <= 0)
    if not np.isnan(line.rii[0]):
        assert 0 <= line.rii_limits[0][0] <= line.rii[0] <= line.rii_limits[1][0]


def test_the_standard_population_is_of_100000() -> None:
    assert len(ESP2013) == 19
    assert sum(ESP2013.values()) == 100_000


def test_standardised_rate() -> None:
    """By hand: shares 0.1 and 0.4, weights 3 and 1; Dobson's interval around 30 events."""
    value, variance, (low, high) = standardised(np.array([[10, 20.0]]), np.array([[100, 50.0]]), np.array([[3, 1.0]]))
    assert value[0] == pytest.approx((3 * 0.1 + 1 * 0.4) / 4)
    assert variance[0] == pytest.approx((9 * 10 / 100**2 + 20 / 50**2) / 16)
    scale = np.sqrt(variance[0] / 30)
    below, above = (limit[0] for limit in byar(np.array([30.0])))
    assert (low[0], high[0]) == pytest.approx((value[0] + scale * (below - 30), value[0] + scale * (above - 30)))


def test_weights_that_are_all_of_one_band_leave_its_share() -> None:
    value, _, _ = standardised(np.array([[10, 20.0]]), np.array([[100, 50.0]]), np.array([[0, 7.0]]))
    assert value[0] == pytest.approx(0.4)


def test_a_band_with_weight_and_nobody_has_no_rate() -> None:
    value, _, _ = standardised(np.array([[10, 0.0]]), np.array([[100, 0.0]]), np.array([[1, 1.0]]))
    assert np.isnan(value[0])
