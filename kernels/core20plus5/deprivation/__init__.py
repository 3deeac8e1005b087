"""Deprivation by place: the English Index of Multiple Deprivation (IMD), looked up by LSOA code."""

from core20plus5.deprivation.english_indices import LSOA_COUNT, LSOA_VINTAGE, decile_of_rank
from core20plus5.deprivation.imd_table import ImdTable, read_imd_table

__all__ = ["LSOA_COUNT", "LSOA_VINTAGE", "ImdTable", "decile_of_rank", "read_imd_table"]
