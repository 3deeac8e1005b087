"""Golden values of the disclosure policies."""

import numpy as np

from core20plus5.disclosure import POLICIES
from core20plus5.disclosure.release import release
from tests.ask import cell, count
from tests.tables import people


def test_hes_golden_values() -> None:
    """NHS Digital, codonPython and the HES analysis guide."""
    exact = np.array([0, 1, 7, 8, 9, 12, 13, 17, 18, 102, 103])
    shown, hidden = release(exact, POLICIES["hes"])
    assert hidden is not None
    assert hidden.tolist() == [False, True, True] + [False] * 8
    assert shown.tolist() == [0, 0, 0, 10, 10, 10, 15, 15, 20, 100, 105]


def test_none_changes_nothing() -> None:
    exact = np.arange(30)
    shown, hidden = release(exact, POLICIES["none"])
    assert (shown == exact).all()
    assert hidden is None


def test_a_hidden_count_is_null_and_marked_and_never_zero() -> None:
    table = people(30, imd_decile=[1] * 3 + [9] * 27)
    counts = count(table, disclosure="hes", cohorts=["everyone"], indicators=["core20"]).counts
    assert cell(counts, indicator="core20") == (None, 25, 0)
    assert counts["suppressed"].to_pylist() == [True]
    assert count(table, disclosure="hes").provenance["disclosure_protection"].startswith("primary suppression only")


def test_exact_counts_say_so() -> None:
    result = count(people(3, imd_decile=[1, 2, 3]), disclosure="none")
    assert result.provenance["disclosure"] == "none"
    assert "not for publication" in result.provenance["disclosure_protection"]
    assert not any(result.counts["suppressed"].to_pylist())
