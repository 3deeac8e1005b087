"""Write the table of limits: `python -m tests.deploy.limits`. What it says of each is held against the code by a test."""

from dataclasses import dataclass
from pathlib import Path

from core20plus5_service.settings import Settings
from tests.readme_settings import default_of

PAPER = Path(__file__).parents[2] / "deploy" / "assurance" / "limits.md"
START, END = "<!-- generated: limits -->\n", "<!-- end -->"


@dataclass(frozen=True)
class Limit:
    """unit: of the number; advertised: whether GetServerInfo has it under the same name; test: what is seen beyond it."""

    unit: str
    advertised: bool
    test: str


_BROKEN = "tests/service/test_protocol.py::test_broken_streams"
_ADMISSION = "tests/service/test_admission.py"
_STREAM = "tests/service/test_protocol.py::test_too_many_rows_and_bytes_in_a_stream"

#: By setting. What a client cannot split or wait by is not advertised.
LIMITS = {
    "max_message_bytes": Limit("bytes", True, "tests/service/test_protocol.py::test_a_message_that_is_too_large"),
    "recommended_message_bytes": Limit("bytes", True, "tests/clients/test_client_cutting.py"),
    "max_batch_rows": Limit("rows", True, _BROKEN),
    "max_stream_rows": Limit("rows", True, _STREAM),
    "max_stream_bytes": Limit("bytes", True, _STREAM),
    "max_columns": Limit("columns", True, _BROKEN),
    "max_metadata_bytes": Limit("bytes", True, "tests/service/test_door.py::test_limits"),
    "max_strata": Limit("strata", True, _BROKEN),
    "max_cells": Limit("numbers of 8 bytes", True, "tests/e2e/test_errors_of_servers.py::test_too_many_cells"),
    "max_calls": Limit("calls", True, "tests/service/test_operators.py::test_a_full_server_refuses_and_goes_on"),
    "max_calls_per_caller": Limit("calls; 0: max_calls", True, f"{_ADMISSION}::test_one_call_too_many"),
    "max_buffered_bytes": Limit("bytes; 0: none", False, f"{_ADMISSION}::test_what_waits_is_bounded_and_everything_is_counted"),
    "max_buffered_bytes_per_caller": Limit("bytes; 0: none", False, f"{_ADMISSION}::test_the_bytes_of_one_caller_that_are_full"),
    "max_call_seconds": Limit("seconds", True, f"{_ADMISSION}::test_a_call_that_takes_too_long_is_ended"),
    "jwt_leeway_seconds": Limit("seconds", False, "tests/service/test_tokens.py::test_claims_that_are_not_taken"),
    "jwt_refresh_seconds": Limit("seconds", False, "tests/service/test_tokens.py::test_keys_from_an_address"),
    "reload_seconds": Limit(
        "seconds", False, "tests/service/test_access.py::test_a_changed_file_of_callers_is_taken_up_and_a_bad_one_is_not"
    ),
    "idle_seconds": Limit("seconds", True, "tests/service/test_protocol.py::test_an_idle_stream_is_ended"),
    "connection_seconds": Limit("seconds", False, "tests/service/test_ending.py::test_a_call_outlives_its_connection"),
    "drain_seconds": Limit("seconds", False, "tests/service/test_ending.py::test_calls_are_taken_until_load_balancers_know"),
    "stop_seconds": Limit("seconds", False, "tests/service/test_ending.py::test_a_call_that_does_not_finish_is_ended"),
    "threads": Limit("threads", False, "tests/service/test_settings.py::test_what_cannot_work_is_said"),
    "memory_bytes": Limit("bytes", False, "tests/service/test_settings.py::test_defaults_fit_the_machine"),
}


def numbers() -> set[str]:
    """The settings that are numbers: each of them limits something."""
    return {name for name, field in Settings.model_fields.items() if field.annotation in (int, float)}


def with_limits(text: str) -> str:
    """The paper's text with the table as it should be now."""
    before, rest = text.split(START)
    lines = ["| setting | default | unit | a client learns it | test |", "| --- | --- | --- | --- | --- |"]
    for name in (name for name in Settings.model_fields if name in LIMITS):
        limit = LIMITS[name]
        told = "`GetServerInfo`" if limit.advertised else "no"
        lines.append(f"| `{name}` | {default_of(name)} | {limit.unit} | {told} | `{limit.test}` |")
    return before + START + "\n".join(lines) + "\n" + rest[rest.index(END) :]


if __name__ == "__main__":
    PAPER.write_text(with_limits(PAPER.read_text(encoding="utf-8")), encoding="utf-8")
