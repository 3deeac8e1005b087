"""Disclosure policies, as data with their source."""

from dataclasses import dataclass
from typing import Literal

#: What a reader can rely on; kernels/README.md lists the relations.
PROMISE = (
    "an attacker who knows the released table, the relations between its counts and the policy cannot narrow any hidden count"
    " of {small} to fewer than 3 values; differencing between requests is not covered"
)


@dataclass(frozen=True)
class Policy:
    """A disclosure policy: which counts are hidden, and how the others are rounded.

    hidden_from, hidden_to: counts from one to the other are hidden; none are where hidden_to is less. rounding: to the `nearest`
    multiple of `base`, or to the `midpoint` of each run of `base` counts that ends at a multiple of it (0 stays 0), or `exact`.
    protected_to: counts from 1 to this are those that nobody may narrow down by what else the table shows; 0: none are.
    """

    name: str
    title: str
    hidden_from: int
    hidden_to: int
    rounding: Literal["nearest", "midpoint", "exact"]
    base: int
    protected_to: int
    source: str
    protection: str

    @property
    def exact(self) -> bool:
        """Whether every count is given as it is."""
        return self.rounding == "exact" and self.hidden_to < self.hidden_from


_HES = "NHS England, Hospital Episode Statistics analysis guide, since September 2018"
_OPENSAFELY = "https://docs.opensafely.org/outputs/sdc/"

POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "hes",
            "0 stays 0, 1 to 7 is hidden, other counts are rounded to the nearest 5",
            1,
            7,
            "nearest",
            5,
            7,
            f"{_HES}: https://digital.nhs.uk/data-and-information/publications/statistical/hospital-admitted-patient-care-activity",
            PROMISE.format(small="1 to 7"),
        ),
        Policy(
            "opensafely",
            "0 to 7 is hidden, other counts are rounded to the nearest 5",
            0,
            7,
            "nearest",
            5,
            7,
            f"OpenSAFELY, statistical disclosure control, redact counts of 7 and less, then round to 5: {_OPENSAFELY}",
            PROMISE.format(small="1 to 7"),
        ),
        Policy(
            "midpoint6",
            "0 stays 0, other counts are the midpoint of 1 to 6, 7 to 12, 13 to 18 and so on",
            0,
            -1,
            "midpoint",
            6,
            6,
            f"OpenSAFELY, statistical disclosure control, midpoint 6 rounding: {_OPENSAFELY}",
            PROMISE.format(small="1 to 6, hidden in its midpoint or altogether,"),
        ),
        Policy(
            "threshold10",
            "0 stays 0, 1 to 9 is hidden, other counts are exact",
            1,
            9,
            "exact",
            1,
            9,
            "ONS Secure Research Service and ACRO, a threshold of 10: https://github.com/AI-SDC/ACRO/blob/main/acro/default.yaml",
            PROMISE.format(small="1 to 9"),
        ),
        Policy(
            "none", "exact counts", 0, -1, "exact", 1, 0, "the caller's own decision", "none: exact counts, not for publication"
        ),
    )
}
