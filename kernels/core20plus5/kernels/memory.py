"""Arrays by their address, for kernels that take many columns of different types: an array of arrays has one."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types  # type: ignore[attr-defined]
from numba.core import cgutils

from core20plus5.kernels._jit import intrinsic, kernel_part

#: Bytes that come from memory at once.
LINE = 64


@intrinsic
def pointer(typing_context: Any, address: Any) -> Any:
    """An address as a pointer to anything."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.int64), build


@intrinsic
def fetch(typing_context: Any, address: Any) -> Any:
    """Have the line of memory at an address brought into the second cache, and do not wait for it. Any address will do."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        to_read, second_cache, data = ir.Constant(number, 0), ir.Constant(number, 2), ir.Constant(number, 1)
        builder.call(ask, [builder.inttoptr(arguments[0], byte), to_read, second_cache, data])
        return context.get_dummy_value()

    return types.void(types.int64), build


@kernel_part
def borrowed(array):
    """The same array, without an owner. Numba counts each view of one that Python owns, which takes longer than most steps do."""
    return carray(pointer(np.int64(array.ctypes.data)), array.shape, array.dtype)


@kernel_part
def copy_words(words, out):
    """Words to another place. For an assignment of slices Numba compiles seconds worth of words about shapes that differ."""
    for word in range(out.size):
        out[word] = words[word]


@kernel_part
def copy_bytes(source, size, target):
    """Bytes from one address to another."""
    there, here = carray(pointer(source), size, np.uint8), carray(pointer(target), size, np.uint8)
    for place in range(size):
        here[place] = there[place]


@kernel_part
def words_at(address, first, words):
    """Words of a plane from word `first` on."""
    return carray(pointer(address + first * 8), words, np.uint64)


@kernel_part
def codes_at(address, first, words):
    """The int8 values of a column from word `first` of its plane on."""
    return carray(pointer(address + first * 64), words * 64, np.int8)


@kernel_part
def shorts_at(address, first, words):
    """The int16 values of a column from word `first` of its plane on."""
    return carray(pointer(address + first * 128), words * 64, np.int16)


@kernel_part
def days_at(address, first, words):
    """The int32 values of a column from word `first` of its plane on."""
    return carray(pointer(address + first * 256), words * 64, np.int32)


@kernel_part
def longs_at(address, first, words):
    """The int64 values of a column from word `first` of its plane on."""
    return carray(pointer(address + first * 512), words * 64, np.int64)


@kernel_part
def numbers_at(address, first, words):
    """The float64 values of a column from word `first` of its plane on."""
    return carray(pointer(address + first * 512), words * 64, np.float64)
