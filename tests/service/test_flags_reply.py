"""Flags of a few people as Arrow IPC streams: what is kept of one is right for the next, and nothing of a caller is kept."""

from typing import Any

import pyarrow as pa
import pytest

from core20plus5.engine.call import open_call
from core20plus5.engine.flag import FlagStream
from core20plus5_proto.large import BatchWriter, batch_of, reader
from core20plus5_proto.v1 import service_pb2 as service
from core20plus5_service.flags_reply import FlagWriter
from tests.ask import REFERENCE_DATE
from tests.tables import people

RESPONSE = service.FlagPatientsResponse
ASKED: dict[str, Any] = {"reference_date": REFERENCE_DATE, "imd_version": "2025"}


def flags_of(table: pa.Table) -> tuple[FlagStream, pa.RecordBatch]:
    """The flags of people, in one batch."""
    stream = FlagStream(open_call(table, False, None, "core20plus5-adults", **ASKED))
    (batch,) = list(stream)
    return stream, batch


@pytest.mark.parametrize("rows", [[0, 1, 2], [1, 0, 64], [3, 65, 1]])
@pytest.mark.parametrize(
    "kind", [None, pa.string(), pa.int64(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())], ids=str
)
def test_each_is_as_written_by_itself(rows: list[int], kind: Any) -> None:
    for number in rows:
        table = people(number)
        for nullable, metadata in ((True, None), (False, None), (True, {"note": "caller's own"})):
            asked = table.select([name for name in table.column_names if name != "person_id"])
            if kind is not None:
                names = pa.array([str(row) for row in range(number)])
                column = names.dictionary_encode() if pa.types.is_dictionary(kind) else names
                asked = asked.append_column(pa.field("person_id", kind, nullable, metadata), column.cast(kind))
            stream, batch = flags_of(asked)
            message = FlagWriter(stream.prepared).message(batch, 7, RESPONSE)
            assert message == BatchWriter().message(batch, 7, RESPONSE)
            content = batch_of(reader(RESPONSE)(message))[1]
            assert pa.ipc.open_stream(content).read_next_batch().to_pylist() == batch.to_pylist()
