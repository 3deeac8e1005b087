"""One question about flags: its stream to a server, and the same stream to another one where that one is lost."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from core20plus5_client.calls import Arrived, Deadline, Replies, send_and_read
from core20plus5_client.columns import columns_to_send
from core20plus5_client.connection import Connection
from core20plus5_client.counting import prepare
from core20plus5_client.cutting import Limits
from core20plus5_client.errors import Core20Plus5Error, DataError, LimitError
from core20plus5_client.result import Asker
from core20plus5_client.retries import Retrying
from core20plus5_client.sending import Sender
from core20plus5_client.sources import Rereading, Source
from core20plus5_proto.large import LargeBatch, to_bytes
from core20plus5_proto.v1 import questions_pb2 as questions
from core20plus5_proto.v1 import service_pb2 as service


class FlagCall:
    """A stream of records under way. Every stream of one question begins with the first row."""

    def __init__(self, batches: Any, question: questions.Question, retrying: Retrying, until: Deadline) -> None:
        self._records = Rereading(batches)
        self._schema = self._records.source.schema
        self._question, self._retrying, self._until = question, retrying, until
        self._replies: Replies | None = None
        self._connection: Connection | None = None
        self._tries, self._closed = 0, False
        self.asker: Asker
        self.sender: Sender
        self.open()

    @property
    def person_id(self) -> Any:
        """The caller's field of this name, None where there is none."""
        schema = self._schema
        return schema.field("person_id") if schema is not None and "person_id" in schema.names else None

    def open(self) -> None:
        """Begin a stream, at whichever server takes it."""
        self._replies = self._retrying.run(self._begin, self._records.can, self._connection)

    def reopen(self, error: Core20Plus5Error) -> bool:
        """After an error of the stream: whether another one was begun, where that is of use and the records can be read again."""
        self._tries += 1
        if self._connection is not None and error.retryable:
            self._retrying.servers.failed(self._connection, error.retry_after)
        if self._closed or not self._records.can() or not self._retrying.again(error, self._tries):
            return False
        if self._replies is not None:
            self._replies.close()
        self.open()
        return True

    def _begin(self, connection: Connection) -> Replies:
        source: Source = self._records.source
        self._connection = connection
        asker, limits = prepare(connection, source, self._question, self._until)
        columns = columns_to_send(source.names, self._question, asker.ruleset, asker.record, counting=False)
        self.asker, self.sender = asker, Sender(self._records.take(), columns, limits)
        messages = self.sender.messages(service.FlagPatientsRequest)
        start = service.FlagPatientsRequest(begin=service.FlagBegin(question=self._question))
        if 0 < (source.rows or 0) <= limits.few_rows:
            known = list(messages)
            answered = self._few(connection, [start, *known], limits)
            if answered is not None:
                return answered
            messages = (message for message in known)
        return send_and_read(connection.streaming("FlagPatients"), start, messages, self._until, connection.target)

    def _few(self, connection: Connection, messages: list[Any], limits: Limits) -> Replies | None:
        """The replies to a call with one message each way, which takes half as long as one with three.

        None where there are more than three, or they or the answer are too large together, or the records were refused: which
        flags there are all the same, and then what is wrong, a stream tells.
        """
        request = b"".join(map(to_bytes, messages))  # the fields of all messages are those of the one
        if self.sender.batches != 1 or len(request) > limits.target_bytes:
            return None
        try:
            response = connection.few(request, self._until)
        except (DataError, LimitError):
            return None
        return Arrived(_apart(response))

    def __next__(self) -> Any:
        assert self._replies is not None
        return next(self._replies)

    def close(self) -> None:
        """End the stream, if it has not ended. No other one is begun."""
        self._closed = True
        if self._replies is not None:
            self._replies.close()


def _apart(response: service.FlagFewResponse) -> Iterator[Any]:
    """As the messages of a stream."""
    if response.HasField("header"):
        yield service.FlagPatientsResponse(header=response.header)
    for batch in response.batches:
        yield LargeBatch(batch, pa.py_buffer(batch.ipc_stream))
    if response.HasField("end"):
        yield service.FlagPatientsResponse(end=response.end)
