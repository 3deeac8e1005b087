"""Numbers for strata: a hash table from the combined codes of a stratum to its place in the count table."""

import numpy as np

from core20plus5.kernels._jit import kernel


@kernel
def number_strata(keys, known, table_keys, table_numbers, new_keys, out):
    """Give each key its number, new numbers to keys not met before. Returns how many keys are known afterwards.

    keys: (n,) int64, not negative; known: keys met so far; table_keys (-1 where free), table_numbers: (m,) int64 and int32, m a
    power of two larger than all keys that can be known; new_keys: int64, gets the keys not met before; out: (n,) int32.
    """
    mask = np.uint64(table_keys.size - 1)
    met = known
    for row in range(keys.size):
        key = keys[row]
        mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
        place = (mixed ^ (mixed >> np.uint64(32))) & mask
        while table_keys[place] != key:
            if table_keys[place] == -1:
                table_keys[place] = key
                table_numbers[place] = met
                new_keys[met - known] = key
                met += 1
            else:
                place = (place + np.uint64(1)) & mask
        out[row] = table_numbers[place]
    return met
