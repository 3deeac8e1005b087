"""Disclosure policies, as data with their source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """A disclosure policy: counts from 1 to `hidden_to` are hidden, others are rounded to the nearest `nearest`."""

    name: str
    title: str
    hidden_to: int
    nearest: int
    source: str
    protection: str


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "hes",
            "0 stays 0, 1 to 7 is hidden, other counts are rounded to the nearest 5",
            7,
            5,
            "NHS England, Hospital Episode Statistics analysis guide, since September 2018",
            "primary suppression only: each count by itself, so linked counts may give a hidden one away",
        ),
        Policy("none", "exact counts", 0, 1, "the caller's own decision", "none: exact counts, not for publication"),
    )
}
