"""Damage that is done on purpose: to any byte, and to the parts of an Arrow stream that lead a reader somewhere."""

import struct
from collections.abc import Callable
from random import Random

#: Numbers that length fields, offsets and indices should not have.
_EVIL = (-1, -(2**31), -(2**63), 2**31 - 1, 2**62, 2**63 - 1, 2**40, 1 << 33, 3 << 30, 65_536, 127, 128, 255, 7, 1, 0)

_CONTINUATION = b"\xff\xff\xff\xff"


def parts(content: bytes) -> list[tuple[int, int, int]]:
    """The messages of a stream: where the metadata of each begins and ends, and where its body ends, as far as one can tell."""
    found: list[tuple[int, int, int]] = []
    place = 0
    while content[place : place + 4] == _CONTINUATION:
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        if size == 0 or place + 8 + size > len(content):
            break
        end = place + 8 + size
        after = content.find(_CONTINUATION, end)
        after = after if after >= 0 else len(content)
        found.append((place + 8, end, after))
        place = after
    return found


def flip(content: bytearray, dice: Random) -> None:
    """One byte, or one bit of it."""
    place = dice.randrange(len(content))
    content[place] = dice.choice((0, 1, 127, 128, 255, content[place] ^ 1 << dice.randrange(8), dice.randrange(256)))


def cut(content: bytearray, dice: Random) -> None:
    """The end is missing, or something in the middle."""
    start = dice.randrange(len(content))
    if dice.random() < 0.5:
        del content[start:]
    else:
        del content[start : start + dice.choice((1, 4, 8, 64))]


def splice(content: bytearray, dice: Random, other: bytes) -> None:
    """A piece of another stream, over this one or into it."""
    start, end = sorted(dice.randrange(len(other) + 1) for _ in range(2))
    place = dice.randrange(len(content))
    content[place : place + (end - start if dice.random() < 0.7 else 0)] = other[start:end][:4_096]


def _write(content: bytearray, place: int, dice: Random) -> None:
    """A number that should not be there, in four or eight bytes."""
    number = dice.choice(_EVIL) if dice.random() < 0.7 else dice.randrange(-300, 300)
    if dice.random() < 0.5:
        content[place : place + 4] = struct.pack("<I", number & 0xFFFF_FFFF)
    else:
        content[place : place + 8] = struct.pack("<Q", number & 0xFFFF_FFFF_FFFF_FFFF)


def forge_metadata(content: bytearray, dice: Random) -> None:
    """Offsets and lengths of the metadata: of tables, of vectors, of rows, of nulls, of buffers."""
    found = parts(bytes(content))
    if found:
        start, end, _ = dice.choice(found)
        _write(content, start + 4 * dice.randrange(max(1, (end - start) // 4)), dice)


def forge_body(content: bytearray, dice: Random) -> None:
    """Offsets of texts, views, indices of dictionaries, values."""
    found = [(end, after) for _, end, after in parts(bytes(content)) if after > end]
    if found:
        start, end = dice.choice(found)
        _write(content, start + 4 * dice.randrange(max(1, (end - start) // 4)), dice)


def reorder(content: bytearray, dice: Random) -> None:
    """A message of the stream twice, or left out, or all in another order."""
    pieces = [bytes(content[start - 8 : after]) for start, _, after in parts(bytes(content))]
    if not pieces:
        return
    way = dice.randrange(3)
    if way == 0:
        pieces.insert(dice.randrange(len(pieces) + 1), dice.choice(pieces))
    elif way == 1:
        del pieces[dice.randrange(len(pieces))]
    else:
        dice.shuffle(pieces)
    content[:] = b"".join(pieces)


def lengths(content: bytearray, dice: Random) -> None:
    """What a message says of the length of its metadata."""
    found = parts(bytes(content))
    if found:
        place = dice.choice(found)[0] - 4
        content[place : place + 4] = struct.pack("<I", dice.choice(_EVIL) & 0xFFFF_FFFF)


def lie(content: bytearray, rows: int) -> None:
    """The record batch says that it has so many rows. The places are those of Message.fbs."""
    for start, _, _ in parts(bytes(content)):
        try:
            message = start + struct.unpack_from("<I", content, start)[0]
            header = _field(content, message, 8)
            header += struct.unpack_from("<I", content, header)[0]
            if content[_field(content, message, 6)] == 3:
                struct.pack_into("<q", content, _field(content, header, 4), rows)
        except (struct.error, IndexError):
            continue


def _field(content: bytearray, table: int, number: int) -> int:
    """Where a field of a flatbuffers table lies."""
    fields = table - struct.unpack_from("<i", content, table)[0]
    return int(table + struct.unpack_from("<H", content, fields + number)[0])


Way = Callable[[bytearray, Random], None]

#: Ways of doing damage; those that get further in come more often.
WAYS: tuple[Way, ...] = (flip, flip, cut, forge_metadata, forge_metadata, forge_body, forge_body, forge_body, reorder, lengths)


def damaged(content: bytes, others: list[bytes], dice: Random) -> bytes:
    """The stream with one to a few damages."""
    out = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        if not out:
            break
        if dice.random() < 0.1:
            splice(out, dice, dice.choice(others))
        else:
            dice.choice(WAYS)(out, dice)
    return bytes(out)
