"""Small tables that peers join instead of working out codes row by row: what an analyst would keep beside the data."""

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable
from core20plus5.records import ETHNIC_CATEGORIES, ETHNIC_GROUPS
from tests.benchmarks.definitions.translate import LABELS

#: What may follow a letter, as the local part of an ethnic category: anything that can be printed, and nothing.
_LOCAL = ("", *map(chr, range(33, 127)))


def deciles(table: ImdTable) -> pa.Table:
    """lsoa_code, deprivation_decile: a row for each LSOA."""
    numbers = np.flatnonzero(table.deciles)
    return pa.table({"lsoa_code": [f"E01{number:06d}" for number in numbers], "deprivation_decile": table.deciles[numbers]})


def ethnicities() -> pa.Table:
    """ethnic_code, as it may be written in upper case; ethnic_letter, its category; ethnic_place, its group in LABELS."""
    spelled = {letter + local: letter for letter in ETHNIC_CATEGORIES[:-1] for local in _LOCAL} | {"99": "99"}
    places = [LABELS["ethnic_group"].index(ETHNIC_GROUPS[category]) for category in spelled.values()]
    columns = {"ethnic_code": list(spelled), "ethnic_letter": list(spelled.values())}
    return pa.table(columns | {"ethnic_place": pa.array(places, pa.int8())})
