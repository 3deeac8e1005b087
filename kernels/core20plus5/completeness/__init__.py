"""How complete the records are: per column and, where organisations are strata, per organisation; under the disclosure policy."""

from core20plus5.completeness.table import completeness_table
from core20plus5.completeness.tally import tally_completeness

__all__ = ["completeness_table", "tally_completeness"]
