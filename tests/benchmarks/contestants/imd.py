"""The IMD table as peers join it: LSOA code and decile."""

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable


def lookup(table: ImdTable) -> pa.Table:
    """lsoa_code, deprivation_decile: a row for each LSOA."""
    numbers = np.flatnonzero(table.deciles)
    return pa.table({"lsoa_code": [f"E01{number:06d}" for number in numbers], "deprivation_decile": table.deciles[numbers]})
