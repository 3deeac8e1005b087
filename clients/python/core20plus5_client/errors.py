"""Every error this client raises, grouped by who must act.

Names and inheritance are those of the embedded engine where it has the same error. Messages name columns, arguments,
limits and addresses; they never hold a value read from a patient's record.
"""


class Core20Plus5Error(Exception):
    """Base of every error raised on purpose by this package.

    retryable: whether the same question may be answered at another time or by another server. retry_after: seconds after
    which a server asked to be tried again, if it said so.
    """

    code = "error"
    retryable = False
    retry_after: float | None = None


# The caller must change the request.


class RequestError(Core20Plus5Error, ValueError):
    """An argument is missing, unknown or contradicts another one."""

    code = "invalid_request"


class TooManyCellsError(RequestError):
    """The strata asked for hold more populated cells than the server's limit allows."""

    code = "too_many_cells"


# The caller must change the data.


class DataError(Core20Plus5Error, ValueError):
    """The records cannot be used as they are."""

    code = "invalid_data"


class SchemaError(DataError):
    """Columns with a wrong type or a repeated name. `problems` lists every one of them."""

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
    """The server's IMD table is missing, of the wrong version or shape, or contradicts itself."""

    code = "invalid_imd_table"


class RulesetError(Core20Plus5Error, ValueError):
    """The server has no such ruleset, or it has a mistake."""

    code = "invalid_ruleset"


# Whoever runs the server decides, or the caller asks for less.


class PermissionDeniedError(Core20Plus5Error, PermissionError):
    """The server does not give this, such as exact counts, or not to this caller."""

    code = "permission_denied"


class LimitError(Core20Plus5Error):
    """Over a limit of the server, which the message names with its value; see `Client.server_info`."""

    code = "limit_exceeded"


# Try again: later, elsewhere or with more time.


class ServerBusyError(Core20Plus5Error):
    """The server has as many calls as it takes. retry_after: seconds, where the server says."""

    code = "server_busy"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class ServerUnavailableError(Core20Plus5Error, ConnectionError):
    """No server can be reached at the address, or the connection was lost."""

    code = "server_unavailable"
    retryable = True


class DeadlineError(Core20Plus5Error, TimeoutError):
    """The call took longer than its deadline, or the server waited too long for more records."""

    code = "deadline_exceeded"


# A fault, of the server or between the two sides: tell whoever runs the server.


class ServerFaultError(Core20Plus5Error):
    """The server failed, or the two sides disagree about what was sent."""

    code = "server_fault"


class IncompleteReplyError(Core20Plus5Error):
    """The reply was cut short, damaged, or its totals do not add up. Use nothing of it."""

    code = "incomplete_reply"
