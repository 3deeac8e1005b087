"""How far a client may send ahead of what is read: as much for a fast one as for a slow one, or memory would grow with speed."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pyarrow as pa

from core20plus5_cli.population import sample_people
from core20plus5_client import Client
from core20plus5_service import server
from tests.e2e.asking import ASK
from tests.e2e.process import running_server

# RFC 9113: frames (4.1), SETTINGS (6.5), the parameter of the window (6.5.2), and PING (6.7)
_HEAD, _PARAMETER = struct.Struct(">IBI"), struct.Struct(">HI")
_SETTINGS, _PING, _ACK, _INITIAL_WINDOW_SIZE = 4, 6, 1, 4


@contextmanager
def line_to(address: str, said: bytearray) -> Iterator[str]:
    """The address of one connection to a server; said: gets all that the server sends through it."""
    host, _, port = address.rpartition(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def carry() -> None:
            client, _ = listening.accept()
            with client, socket.create_connection((host, int(port))) as behind:
                there = threading.Thread(target=pump, args=(client, behind))
                there.start()
                pump(behind, client, said)
                there.join()

        carrying = threading.Thread(target=carry, daemon=True)
        carrying.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        carrying.join(60)


def pump(source: socket.socket, target: socket.socket, seen: bytearray | None = None) -> None:
    """Until one side closes; a side that went with bytes of the other unread has reset the line, which is an OSError here."""
    with suppress(OSError):
        while data := source.recv(1 << 20):
            if seen is not None:
                seen += data
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def frames(said: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and content of each frame."""
    place = 0
    while place < len(said):
        length_and_kind, flags, _ = _HEAD.unpack_from(said, place)
        length, kind = divmod(length_and_kind, 256)
        place += _HEAD.size + length
        yield kind, flags, said[place - length : place]


def test_the_window_stays_as_it_was_measured_however_fast_records_come() -> None:
    people, said = pa.Table.from_batches(list(sample_people(200_000, 1))), bytearray()
    with running_server() as process, line_to(process.listen, said) as address, Client(address) as client:
        assert client.count_cohorts(people, **ASK).provenance["rows_received"] == people.num_rows
    settings = [content for kind, flags, content in frames(bytes(said)) if kind == _SETTINGS and not flags & _ACK]
    windows = [dict(_PARAMETER.iter_unpack(content)).get(_INITIAL_WINDOW_SIZE) for content in settings]
    assert windows == [server._WINDOW]
    # gRPC finds out how fast a line is by the time that the answer to a PING takes, and then lets more come ahead.
    assert [flags for kind, flags, _ in frames(bytes(said)) if kind == _PING and not flags & _ACK] == []
