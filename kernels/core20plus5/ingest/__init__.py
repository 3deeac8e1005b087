"""The door: Arrow batches in, clean typed columns out. Checked here once; nobody checks again."""

from core20plus5.ingest.columns import Columns, Ledger
from core20plus5.ingest.read import Reading, read_block
from core20plus5.ingest.schema import SchemaReport, check_schema
from core20plus5.ingest.sources import BLOCK_ROWS, Source, open_source

__all__ = [
    "BLOCK_ROWS",
    "Columns",
    "Ledger",
    "Reading",
    "SchemaReport",
    "Source",
    "check_schema",
    "open_source",
    "read_block",
]
