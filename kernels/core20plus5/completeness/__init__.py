"""How complete the records are: per column and, where organisations are strata, per organisation; under the disclosure policy."""

from core20plus5.completeness.states import states_of
from core20plus5.completeness.table import completeness_table
from core20plus5.completeness.tally import CompletenessTally

__all__ = ["CompletenessTally", "completeness_table", "states_of"]
