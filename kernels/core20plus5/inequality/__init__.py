"""Measures of inequality: rates, gaps, slopes and age-standardised rates, from released counts and nothing else.

Needs NumPy and pyarrow, nothing compiled.
"""

from core20plus5.inequality.rules import RULES, Rules
from core20plus5.inequality.table import inequality_table

__all__ = ["RULES", "Rules", "inequality_table"]
