"""What is asked, with the names and defaults of the engine's arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tests.reference.ruleset import document

Parameter = int | float | str


class Refused(Exception):  # noqa: N818  (a request is refused; that is the word of the contract)
    """The request cannot be answered with these columns; the text is the code of the error."""


@dataclass(frozen=True)
class Request:
    """imd_table: the rank of each LSOA code."""

    reference_date: date
    imd_version: str = "2025"
    imd_table: Mapping[str, int] | None = None
    strata: tuple[str, ...] = ()
    plus_groups: tuple[str, ...] = ()
    cohorts: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    imd_from: str | None = None
    null_means_no: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    allow_later_facts: bool = False
    disclosure: str = "hes"

    def parameter(self, name: str) -> Parameter:
        """The value of a threshold or window: the request's, else the ruleset's."""
        standard: Parameter = document()["parameters"][name]["value"]
        return self.parameters.get(name, standard)
