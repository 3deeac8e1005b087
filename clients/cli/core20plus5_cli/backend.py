"""Who does the work: the engine embedded in this process, or a server."""
# ruff: noqa: PLC0415 - the engine and the client are loaded only where they are used

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from core20plus5_cli.connection import Connection
from core20plus5_cli.errors import CliError
from core20plus5_cli.reading import Records

if TYPE_CHECKING:
    from core20plus5_client import Client


class Counted(Protocol):
    """Released counts; see CohortResult."""

    @property
    def counts(self) -> pa.Table:
        """The tidy table."""

    @property
    def indicators(self) -> pa.Table:
        """The indicators in words."""

    @property
    def quality(self) -> pa.Table:
        """column, reason, rows."""

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that changed an answer, and the ledger of rows."""

    @property
    def inequality(self) -> pa.Table:
        """Rates, gaps, slopes and age-standardised rates, where they were asked for."""

    @property
    def completeness(self) -> pa.Table | None:
        """How complete each column is, where it was asked for."""


class Flagged(Protocol):
    """Flags as they come; see FlagStream."""

    @property
    def schema(self) -> pa.Schema:
        """Of the batches."""

    @property
    def provenance(self) -> dict[str, Any]:
        """As of counts; the ledger is of the rows so far."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, in the order of the records. Errors about the records as a whole come after the last."""


def count(records: Records, server: Connection | None, inequality: bool = False, **arguments: Any) -> Counted:
    """Count cohorts, here or on a server; the arguments are those of `core20plus5.count_cohorts`.

    inequality: whether a server is to send the measures; here they are worked out when they are read.
    """
    if server is None:
        import core20plus5

        return core20plus5.count_cohorts(records, **arguments)
    with _client(server, arguments) as client:
        return client.count_cohorts(records, inequality=inequality, **arguments)


@contextmanager
def flagging(records: Records, server: Connection | None, **arguments: Any) -> Iterator[Flagged]:
    """Flag each person, here or on a server; the arguments are those of `core20plus5.flag_patients`."""
    if server is None:
        import core20plus5

        yield core20plus5.flag_patients(records, **arguments)
        return
    with _client(server, arguments) as client:
        yield client.flag_patients(records, **arguments)


def _client(server: Connection, arguments: dict[str, Any]) -> Client:
    """A client of the server, without the one argument that is the server's own."""
    if arguments.pop("imd_table") is not None:
        raise CliError("--imd-table cannot go with --server: the server has its own, given to core20plus5 serve")
    return server.client()
