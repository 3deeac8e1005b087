"""Keep glibc from giving the memory of each message back to the system, and faulting it in again for the next one."""

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8


def tune_malloc() -> bool:
    """Raise the thresholds above the size of any message, and let all threads share two arenas. Returns whether it is a glibc.

    Each received message takes blocks of more than 128 KiB, which malloc maps and unmaps by default: 40 % of the throughput. Both
    thresholds are needed: setting either alone ends their automatic adjustment, and is slower than setting none.
    """
    if sys.platform != "linux":
        return False
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:  # another C library, such as musl
        return False
    tuned = [
        libc.mallopt(_MMAP_THRESHOLD, 256 << 20),
        libc.mallopt(_TRIM_THRESHOLD, 1 << 30),
        libc.mallopt(_TOP_PAD, 64 << 20),
        libc.mallopt(_ARENA_MAX, 2),
    ]
    return all(tuned)
