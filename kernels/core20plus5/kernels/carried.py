"""Machine code from one process to another of the same program: what Numba keeps on disk, where there may be no disk."""

from typing import Any

import numpy as np
from numba.core.compiler import CompileResult
from numba.core.compiler_lock import global_compiler_lock

from core20plus5.kernels._jit import KERNELS
from core20plus5.kernels.counting import tally_strata

#: Of each kernel, by its module and name, the compiled signatures, as Numba takes them apart.
Carried = dict[tuple[str, str], list[Any]]


def _name(compiled: Any) -> tuple[str, str]:
    return compiled.py_func.__module__, compiled.py_func.__name__


def nothing_compiled() -> bool:
    """Whether kernels are about to be compiled, rather than found on disk: one that is compiled in no time tells."""
    if any(each.signatures for each in KERNELS):
        return False
    probe: Any = tally_strata
    probe(np.zeros(1, np.int32), np.zeros(1, np.int64))
    return bool(_compiled_here(probe))


def take() -> Carried:
    """All that has been compiled here, rather than found on disk. It can be pickled."""
    return {_name(each): [found._reduce() for found in _compiled_here(each)] for each in KERNELS}


def _compiled_here(compiled: Any) -> list[Any]:
    return [found for types, found in compiled.overloads.items() if types in compiled.stats.cache_misses]


def give(carried: Carried) -> None:
    """Kernels have the signatures from now on that were compiled elsewhere, as if they had been found on disk."""
    for each in KERNELS:
        for parts in carried.get(_name(each), []):
            _add(each, parts)


def _add(compiled: Any, parts: Any) -> None:
    """What Numba's `Dispatcher.compile` does with one signature that it finds on disk."""
    context = compiled.targetctx
    with global_compiler_lock:
        context.refresh()
        found = CompileResult._rebuild(context, *parts)
        if tuple(found.signature.args) not in compiled.overloads:
            context.insert_user_function(found.entry_point, found.fndesc, [found.library])
            compiled.add_overload(found)
