"""What each English Indices of Deprivation fixes: the number of LSOAs, their vintage, the decile of a rank."""

from typing import overload

import numpy as np
import numpy.typing as npt

# LSOAs in England, which is also the rank of the least deprived one. Source: MHCLG (Open Government Licence v3),
# English Indices of Deprivation 2019 (published 2019-09-26) and 2025 (published 2025-10-30), File 1 of each:
# https://www.gov.uk/government/statistics/english-indices-of-deprivation-2019
# https://www.gov.uk/government/statistics/english-indices-of-deprivation-2025
LSOA_COUNT = {"2019": 32_844, "2025": 33_755}

# The census whose LSOA codes each version ranks. Most codes exist in both, so a wrong pairing joins without complaint.
LSOA_VINTAGE = {"2019": "2011", "2025": "2021"}


@overload
def decile_of_rank(rank: int, version: str) -> int: ...
@overload
def decile_of_rank(rank: npt.NDArray[np.integer], version: str) -> npt.NDArray[np.int64]: ...
def decile_of_rank(rank: int | npt.NDArray[np.integer], version: str) -> int | npt.NDArray[np.int64]:
    """Decile 1 (most deprived) to 10 of an IMD rank: an int for an int, int64 of the same shape for an array.

    ceil(10 * rank / N) in whole numbers reproduces every decile that MHCLG publishes, for 2019 and 2025. The commoner
    floor((rank - 1) * 10 / N) + 1 does not: it puts rank 6,569 of 2019 into decile 2, and so into Core20.
    A rank outside 1..N gives a number outside 1..10. KeyError for a version that is not in `LSOA_COUNT`.
    """
    count = LSOA_COUNT[version]
    if isinstance(rank, np.ndarray):
        # Ranks fit in 16 bits, ten times a rank does not.
        return (10 * rank.astype(np.int64) + (count - 1)) // count
    return (10 * int(rank) + count - 1) // count
