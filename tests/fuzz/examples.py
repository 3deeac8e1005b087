"""Examples of hypothesis: which message, and what is written where. Run by test_fuzz.py, in a process of its own."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.door import Door, Message, corpus
from tests.fuzz.mutate import parts
from tests.fuzz.seeds import Seed

_NUMBERS = st.one_of(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 1 << 40]), st.integers(-300, 300))
_PATCHES = st.lists(st.tuples(st.floats(0, 1), st.booleans(), _NUMBERS), min_size=1, max_size=4)

Patches = list[tuple[float, bool, int]]


@pytest.fixture(scope="module", name="door")
def _door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    return Door(tmp_path_factory.mktemp("imd"))


def patched(content: bytes, patches: Patches) -> bytes:
    """Numbers written over the stream, at aligned places of its metadata or of its bodies."""
    out = bytearray(content)
    for share, in_body, number in patches:
        spans = [(end, after) if in_body else (start, end) for start, end, after in parts(content)]
        places = [place for start, end in spans for place in range(start, end - 7, 4)]
        if places:
            struct.pack_into("<q", out, places[int(share * (len(places) - 1))], number)
    return bytes(out)


@settings(max_examples=400, deadline=20_000)
@given(seed=st.sampled_from(corpus()), patches=_PATCHES, counting=st.booleans(), strata=st.booleans())
def test_any_numbers_anywhere(door: Door, seed: Seed, patches: Patches, counting: bool, strata: bool) -> None:
    content = patched(seed.content, patches)
    assert door.answer(Message(content, seed.rows, counting, seed.strata if strata else ()))


@settings(max_examples=200, deadline=20_000)
@given(content=st.binary(max_size=600), rows=st.integers(0, 2**40))
def test_any_bytes(door: Door, content: bytes, rows: int) -> None:
    assert door.answer(Message(content, rows)) != "OK"


@pytest.mark.parametrize("seed", corpus(), ids=[seed.name for seed in corpus()])
@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("counting", [False, True])
def test_what_is_kept(door: Door, seed: Seed, counting: bool, strata: bool) -> None:
    """Whole messages are answered; those that once went wrong have a valid answer."""
    told = door.answer(Message(seed.content, seed.rows, counting, seed.strata if strata and counting else ()))
    assert told == "OK" or seed.name.endswith(".arrows")
