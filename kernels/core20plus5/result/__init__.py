"""What a caller gets: released counts as a tidy table, the indicators in words, data quality and provenance."""

from core20plus5.result.counts_table import counts_batches
from core20plus5.result.indicators_table import indicators_table
from core20plus5.result.provenance import provenance
from core20plus5.result.quality_table import quality_table
from core20plus5.result.result import CohortResult, Released

__all__ = ["CohortResult", "Released", "counts_batches", "indicators_table", "provenance", "quality_table"]
