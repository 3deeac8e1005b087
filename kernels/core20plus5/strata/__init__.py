"""Strata: what counts are broken down by, from columns and answers to the numbers of populated strata."""

from core20plus5.strata.index import StratumIndex
from core20plus5.strata.values import Labels, StratumReaders

__all__ = ["Labels", "StratumIndex", "StratumReaders"]
