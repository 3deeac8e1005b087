"""CRC-32C of a message's content, while other threads go on: google-crc32c keeps Python's lock for the milliseconds that it takes."""

import ctypes
from collections.abc import Callable

import google_crc32c
import pyarrow as pa

#: Of these bytes, by RFC 3720, B.4: the thirty-two bytes from 0 on.
_KNOWN, _CHECKSUM = bytes(range(32)), 0x46DD794E


def _without_lock() -> Callable[[int, int], int] | None:
    """The function that google-crc32c calls, by address and size; None where it is not to be had, or not what it was."""
    try:
        from google_crc32c import _crc32c  # noqa: PLC0415 - not there where the package has no machine code

        value = ctypes.CDLL(_crc32c.__file__).crc32c_value
    except (ImportError, OSError, AttributeError):
        return None
    value.argtypes, value.restype = (ctypes.c_void_p, ctypes.c_size_t), ctypes.c_uint32
    known = pa.py_buffer(_KNOWN)
    return value if value(known.address, known.size) == _CHECKSUM else None


_value = _without_lock()


def crc32c(content: pa.Buffer) -> int:
    """CRC-32C (Castagnoli)."""
    return google_crc32c.value(content) if _value is None else _value(content.address, content.size)
