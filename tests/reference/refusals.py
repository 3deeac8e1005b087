"""Requests that are refused whatever the records say; what depends on columns is refused where it is found out."""

from collections.abc import Sequence
from datetime import date

from tests.reference.reading import LOCAL_NO, Record
from tests.reference.request import Refused, Request
from tests.reference.ruleset import document


def check(records: Sequence[Record], columns: set[str], request: Request) -> None:
    if "plus_any" in columns:
        raise Refused("invalid_request")
    if set(request.parameters) - set(document()["parameters"]):
        raise Refused("invalid_request")
    if not all(name in LOCAL_NO or name.startswith("plus_") for name in request.null_means_no):
        raise Refused("invalid_request")
    for name in request.strata:
        if name == "person_id" or any(isinstance(record.get(name), (date, float)) for record in records):
            raise Refused("invalid_request")
