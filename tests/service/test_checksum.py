"""The checksum of a message, by whichever of the two ways there is."""

from typing import Any

import google_crc32c
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core20plus5_proto import checksum


@given(st.binary(max_size=2_000), st.integers(0, 9))
def test_it_is_crc_32c(content: bytes, start: int) -> None:
    buffer = pa.py_buffer(content).slice(min(start, len(content)))
    assert checksum.crc32c(buffer) == google_crc32c.value(buffer.to_pybytes())


def test_it_is_had_without_the_lock_here() -> None:
    assert checksum._value is not None


def test_it_is_had_where_the_function_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum, "_value", None)
    assert checksum.crc32c(pa.py_buffer(bytes(range(32)))) == 0x46DD794E


class _Another:
    """A library whose function of this name does something else."""

    def __init__(self, _: str) -> None:
        self.crc32c_value = lambda address, size: 0


@pytest.mark.parametrize("library", [_Another, lambda _: None])
def test_a_library_of_another_kind_is_not_used(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum.ctypes, "CDLL", library)
    assert checksum._without_lock() is None
