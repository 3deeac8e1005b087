"""Golden values of the disclosure policies: what is shown of one count, and what that says about it."""

import numpy as np
import pytest

from core20plus5.disclosure import POLICIES
from core20plus5.disclosure.release import known_limits, round_counts

#: None is hidden. hes: codonPython and the HES analysis guide; midpoint6 and opensafely: OpenSAFELY's documentation.
GOLDEN = {
    "hes": {0: 0, 1: None, 7: None, 8: 10, 9: 10, 12: 10, 13: 15, 17: 15, 18: 20, 102: 100, 103: 105},
    "opensafely": {0: None, 1: None, 7: None, 8: 10, 12: 10, 13: 15, 102: 100, 103: 105},
    "midpoint6": {0: 0, 1: 3, 6: 3, 7: 9, 12: 9, 13: 15, 100: 99},
    "threshold10": {0: 0, 1: None, 9: None, 10: 10, 11: 11, 103: 103},
    "none": {0: 0, 1: 1, 7: 7, 8: 8, 103: 103},
}


@pytest.mark.parametrize(("policy", "golden"), GOLDEN.items())
def test_golden_values(policy: str, golden: dict[int, int | None]) -> None:
    shown, hidden = round_counts(np.array(list(golden), np.int64), POLICIES[policy])
    found = [None if gone else int(number) for number, gone in zip(shown, hidden, strict=True)]
    assert found == list(golden.values())


@pytest.mark.parametrize("policy", POLICIES)
def test_what_a_number_says_is_every_count_that_is_shown_as_it(policy: str) -> None:
    """Against the slow way: try all counts."""
    counts = np.arange(200, dtype=np.int64)
    shown, hidden = round_counts(counts, POLICIES[policy])
    low, high = known_limits(counts, POLICIES[policy])
    for count in range(150):
        alike = counts[(shown == shown[count]) & (hidden == hidden[count])]
        assert (low[count], high[count]) == (alike.min(), alike.max()), count


def test_policies_are_data_with_a_source() -> None:
    assert list(POLICIES) == list(GOLDEN)
    for name, policy in POLICIES.items():
        assert policy.name == name
        assert policy.source
        assert policy.exact is (name == "none")
        assert ("cannot narrow any hidden count" in policy.protection) is (name != "none")
