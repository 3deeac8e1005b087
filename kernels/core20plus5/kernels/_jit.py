"""The one place that names numba's options.

Kernels release the interpreter lock and are single-threaded: parallelism is one block per thread, because the default
threading layer aborts the process when parallel kernels are entered from several threads.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, njit, types

#: Every kernel, so that tests can count the compiled signatures after warm-up.
KERNELS: list[Any] = []


#: No way in from C, which would have to be compiled as well.
_OPTIONS: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on first use, keep the machine code on disk where a cache directory can be written."""
    try:
        compiled: Callable[..., Any] = njit(**_OPTIONS, cache=True)(function)
    except RuntimeError:  # numba finds no writable cache directory, as on a read-only file system
        compiled = njit(**_OPTIONS)(function)
    KERNELS.append(compiled)
    return compiled


def kernel_part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile into the kernels that call it. Called from Python it is run by Python, unless `kernel` makes one of it.

    A kernel that no Python calls costs as much again to compile: a way in from Python and one from C, and a place on disk.
    """
    registered: Callable[..., Any] = extending.register_jitable(no_cfunc_wrapper=True)(function)
    return registered


intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = extending.intrinsic


@intrinsic
def lowest(typing_context: Any, word: Any) -> Any:
    """The place of the lowest set bit of a uint64; 64 where there is none."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), build


@intrinsic
def popcount(typing_context: Any, word: Any) -> Any:
    """Number of set bits of a uint64; LLVM turns it into one instruction, vectorised where the processor can."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build
