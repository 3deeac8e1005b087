"""The questions and records whose bytes are frozen."""

from typing import Any

import google_crc32c
import pyarrow as pa

from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from tests.service.wire import ipc
from tests.tables import people

#: Sent, one message after another, to this method of core20plus5.v1.CohortService.
Case = tuple[str, list[Any]]


def _records() -> pa.RecordBatch:
    """Twelve people: enough for counts that are not hidden."""
    table = people(
        12,
        sex=["F", "M", None] * 4,
        imd_decile_2025=[1, 2] * 4 + [9, 10, None, None],
        autism=[True, False, None] * 4,
        person_id=[f"person {number}" for number in range(12)],
    )
    (batch,) = table.combine_chunks().to_batches()
    return batch


def _question(**more: Any) -> questions.Question:
    return questions.Question(
        reference_date="2026-03-31",
        imd_version="2025",
        ruleset="core20plus5-adults@2025.1",
        indicators=questions.Names(names=["core20", "autism"]),
        **more,
    )


def _message(batch: pa.RecordBatch, start_offset: int) -> records.ArrowBatch:
    content = ipc(batch)
    checksum = google_crc32c.value(content)
    return records.ArrowBatch(row_count=batch.num_rows, start_offset=start_offset, crc32c=checksum, ipc_stream=content)


def _count(**more: Any) -> Case:
    """Two batches, so that the second one's place matters."""
    kind, batch = service.CountCohortsRequest, _records().select(["birth_date", "sex", "imd_decile_2025", "autism"])
    return "CountCohorts", [
        kind(begin=service.CountBegin(**more)),
        kind(batch=_message(batch.slice(0, 7), 0)),
        kind(batch=_message(batch.slice(7), 7)),
        kind(end=records.End(total_rows=12, total_batches=2)),
    ]


def _flag(question: questions.Question) -> Case:
    kind = service.FlagPatientsRequest
    return "FlagPatients", [
        kind(begin=service.FlagBegin(question=question)),
        kind(batch=_message(_records(), 0)),
        kind(end=records.End(total_rows=12, total_batches=1)),
    ]


def cases() -> dict[str, Case]:
    """By the name of the file."""
    value = questions.ParameterValue
    parameters = {
        "core20_max_decile": value(whole=1),
        "ldl_target": value(number=1.8),
        "flu_season_start": value(month_day="10-01"),
    }
    full = _question(
        plus_groups=["autism"], imd_from="imd_decile", null_means_no=["autism"], parameters=parameters, allow_later_facts=True
    )
    return {
        "CountCohorts.plain": _count(question=_question()),
        "CountCohorts.every_field": _count(
            question=full, strata=["sex"], cohorts=questions.Names(names=["everyone", "core20"]), disclosure="none"
        ),
        "FlagPatients.every_field": _flag(full),
    }
