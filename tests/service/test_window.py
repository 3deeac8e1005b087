"""How far a client may send ahead of what is read: as much for a fast one as for a slow one, or memory would grow with speed."""

import socket
import struct

from core20plus5_service import server
from tests.service.in_process import LocalServer

# RFC 9113: the preface of a client (3.4), frames (4.1), SETTINGS (6.5) and its parameter (6.5.2)
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME, _SETTINGS, _INITIAL_WINDOW_SIZE = struct.Struct(">IBI"), 4, 4


def settings_of(address: str) -> dict[int, int]:
    """What a server says of itself as a connection begins."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), 10) as connection, connection.makefile("rwb") as stream:
        stream.write(_PREFACE + bytes(3) + bytes([_SETTINGS, 0]) + bytes(4))
        stream.flush()
        length_and_kind, _, _ = _FRAME.unpack(stream.read(_FRAME.size))
        length, kind = divmod(length_and_kind, 256)
        assert kind == _SETTINGS, "it begins with them"
        return dict(struct.iter_unpack(">HI", stream.read(length)))


def test_a_stream_has_the_window_that_was_measured(local: LocalServer) -> None:
    assert settings_of(local.address)[_INITIAL_WINDOW_SIZE] == server._WINDOW
