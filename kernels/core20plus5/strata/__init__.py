"""Strata: what counts are broken down by, from columns and answers to the numbers of populated strata."""

from core20plus5.strata.index import StratumIndex
from core20plus5.strata.values import Coded, StratumReader, make_readers

__all__ = ["Coded", "StratumIndex", "StratumReader", "make_readers"]
