"""The messages of an answer with flags. Most of what they say follows from the question: that is written once for each."""

from typing import Any

import pyarrow as pa

from core20plus5.engine.flag import FlagStream
from core20plus5.engine.prepare import Prepared
from core20plus5.result.provenance import rows_of
from core20plus5.result.quality_table import quality_rows
from core20plus5_proto.large import BatchWriter
from core20plus5_proto.v1 import answers_pb2 as answers
from core20plus5_proto.v1 import records_pb2 as records
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service import messages

#: People whose flags are shorter than what comes before them.
_FEW = 64

#: The end of an Arrow IPC stream.
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def header_of(flags: FlagStream) -> tuple[dict[str, Any], bytes]:
    """The provenance, of which the rows mean nothing yet, and the message of the header."""

    def make() -> tuple[dict[str, Any], bytes]:
        provenance = flags.provenance
        header = service.FlagHeader(
            provenance=messages.write_provenance(provenance), indicators=messages.write_indicators(flags.indicators)
        )
        return provenance, service.FlagPatientsResponse(header=header).SerializeToString()

    made: tuple[dict[str, Any], bytes] = flags.prepared.once("header", make)
    return made


def end_of(flags: FlagStream, sent: records.End) -> service.FlagPatientsResponse:
    """The message of the end."""
    rows = quality_rows(flags.ledger)
    found = [answers.QualityFinding(column=column, reason=reason, rows=number) for column, reason, number in rows]
    ledger = messages.write_ledger(rows_of(flags.prepared.plan, flags.ledger))
    return service.FlagPatientsResponse(end=service.FlagEnd(sent=sent, ledger=ledger, quality=found))


class FlagWriter(BatchWriter):
    """Writes flags as Arrow IPC streams. Those of a few people begin alike: with the schema and what each answer may be, which is
    far longer than the answers are."""

    def __init__(self, prepared: Prepared) -> None:
        super().__init__()
        self._prepared = prepared

    def stream(self, batch: pa.RecordBatch, sink: pa.NativeFile) -> None:
        """See BatchWriter."""
        if not 0 < batch.num_rows <= _FEW or not _begins_alike(batch):  # without people, answers have no texts
            super().stream(batch, sink)
            return
        rows = batch.serialize()
        kind = str(batch.schema.field(0).type), batch.schema.field(0).nullable
        for part in (self._prepared.once(("beginning", kind), lambda: self._beginning(batch, rows)), rows, _END_OF_STREAM):
            sink.write(part)

    def _beginning(self, batch: pa.RecordBatch, rows: pa.Buffer) -> bytes:
        """All of a stream before its rows."""
        whole = pa.BufferOutputStream()
        super().stream(batch, whole)
        ending = rows.to_pybytes() + _END_OF_STREAM
        beginning = whole.getvalue().to_pybytes().removesuffix(ending)
        assert len(beginning) + len(ending) == whole.getvalue().size, "a batch by itself is as in a stream"
        return beginning


def _begins_alike(batch: pa.RecordBatch) -> bool:
    """Whether nothing of the caller is in the schema but a type: no metadata of person_id, and no dictionary."""
    field = batch.schema.field(0)
    return field.name != "person_id" or (field.metadata is None and not pa.types.is_dictionary(field.type))
