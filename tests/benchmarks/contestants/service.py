"""The service: client and server on the same processors, in two processes."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pyarrow as pa

from core20plus5_client import Client, Core20Plus5Error
from core20plus5_proto.large import to_bytes
from core20plus5_proto.v1 import service_pb2 as service
from tests.benchmarks.contestants.contestant import Contestant, Times
from tests.benchmarks.contestants.floor import METHOD
from tests.benchmarks.contestants.server import benchmark_server
from tests.benchmarks.data import Data
from tests.benchmarks.machine import peak_memory
from tests.benchmarks.question import Question

#: Rows whose messages are made before the clock starts, and then sent as often as needed.
_MADE_ROWS = 500_000


class Service(Contestant):
    """`Client.count_cohorts` and `Client.flag_patients`, and the floors under them.

    address: of a server that runs already; without one, a server is started.
    """

    def __init__(self, data: Data, question: Question, address: str | None = None) -> None:
        super().__init__(data, question)
        self._open = ExitStack()
        self._server = None if address else self._open.enter_context(benchmark_server(data))
        self.address = self._server.listen if self._server else str(address)
        self.client = self._open.enter_context(Client(self.address, deadline=None))
        self.people = data.table()
        self._made: list[bytes] = []

    def count(self, times: Times) -> pa.Table:
        return times.run(
            "total", lambda: self.client.count_cohorts(self.people, inequality=False, **self.question.arguments())
        ).counts

    def flag(self, times: Times) -> Any:
        arguments = self.question.arguments()
        for name in ("strata", "cohorts", "disclosure"):
            arguments.pop(name)
        rows = times.run("flags", lambda: sum(map(len, self.client.flag_patients(self.people, **arguments))))
        assert rows == self.people.num_rows

    def floor(self, times: Times) -> Any:
        """What a count sends, cut and encoded by the client, to the method that only counts bytes."""
        times.run("total", lambda: self._to_floor(self.people))

    def floor_made(self, times: Times) -> Any:
        """The same, encoded before the clock starts."""
        if not self._made:
            self._to_floor(self.people.slice(0, _MADE_ROWS), self._made.append)
        rows, wanted = min(_MADE_ROWS, self.people.num_rows), self.people.num_rows
        size = times.run("total", lambda: self._send(_repeated(self._made, wanted / rows)))
        assert size >= sum(map(len, self._made[1:-1])) * int(wanted / rows)

    def _to_floor(self, people: pa.Table, keep: Any = None) -> None:
        """The client's own call, but for the name of the method. It cannot understand the reply: that ends the call."""
        received: list[int] = []

        def serialize(message: Any) -> bytes:
            content = to_bytes(message)
            if keep is not None:
                keep(content)
            return content

        def deserialize(reply: bytes) -> Any:
            received.append(int.from_bytes(reply, "little"))
            return service.CountCohortsResponse()

        connection = self.client.servers.connections[0]
        connection.streams["CountCohorts"] = connection.channel.stream_stream(METHOD, serialize, deserialize)
        try:
            self.client.count_cohorts(people, inequality=False, **self.question.arguments())
        except Core20Plus5Error:
            assert received, "the floor did not answer"
        finally:
            del connection.streams["CountCohorts"]

    def _send(self, messages: Iterable[bytes]) -> int:
        (reply,) = self.client.servers.connections[0].channel.stream_stream(METHOD)(iter(messages))
        return int.from_bytes(reply, "little")

    def memory(self) -> dict[str, float]:
        """Of the server."""
        assert self._server is not None
        return peak_memory(self._server.process.pid)

    def close(self) -> None:
        self._open.close()


def _repeated(messages: list[bytes], times: float) -> Iterator[bytes]:
    """Begin, the batches so many times, End. A message of raw bytes has no serializer to pass."""
    begin, *batches, end = messages
    yield begin
    for _ in range(int(times)):
        yield from batches
    yield from batches[: round(len(batches) * (times % 1))]
    yield end
