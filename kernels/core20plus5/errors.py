"""Every error the engine raises, grouped by who must act.

Messages name columns, arguments, files and limits; they never hold a value read from a patient's record.
"""


class Core20Plus5Error(Exception):
    """Base of every error raised on purpose by this package."""

    code = "error"


# The caller must change the request.


class RequestError(Core20Plus5Error, ValueError):
    """An argument is missing, unknown or contradicts another one."""

    code = "invalid_request"


class TooManyCellsError(RequestError):
    """The strata asked for hold more populated cells than the limit allows."""

    code = "too_many_cells"


# The caller must change the data.


class DataError(Core20Plus5Error, ValueError):
    """The records cannot be used as they are."""

    code = "invalid_data"


class SchemaError(DataError):
    """Columns with a wrong type or a repeated name; lists every one of them at once."""

    code = "invalid_schema"

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))

    def __reduce__(self) -> tuple[type["SchemaError"], tuple[list[str]]]:
        """So that it keeps its problems on the way between processes."""
        return type(self), (self.problems,)


class LaterThanReferenceDateError(DataError):
    """More than the tolerated share of a column's dates lie after the reference date."""

    code = "extract_later_than_reference_date"


class LsoaVintageError(DataError):
    """Too many LSOA codes are not in the IMD table: most likely codes of the other vintage."""

    code = "lsoa_vintage_mismatch"


class NhsNumberError(DataError):
    """A column looks like NHS numbers, which this project refuses to process."""

    code = "nhs_numbers_refused"


# Whoever provides reference data or rulesets must act.


class ImdTableError(Core20Plus5Error, ValueError):
    """An IMD table is missing, of the wrong version or shape, or contradicts itself."""

    code = "invalid_imd_table"


class RulesetError(Core20Plus5Error, ValueError):
    """A ruleset is missing or has a mistake; the message names file, indicator and position."""

    code = "invalid_ruleset"
