"""The vocabulary: every compiled function of the engine. Plain loops over typed arrays into `out`.

Two representations meet here. Values are int32 days since 1970 or numbers, with a plane of those that are known, or int8 codes
(-1 where unknown). Truth is a pair of bit planes, uint64 of shape (2, rows / 64): row 0 holds "yes",
row 1 holds "possible" (yes or unknown), so that AND is `&`, OR is `|` and NOT swaps and complements (Kleene's logic).
Every array is padded to a multiple of 64 rows; the padding is excluded before anything is counted.
"""
