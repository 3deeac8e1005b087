"""The door: Arrow batches in, clean typed columns out. Checked here once; nobody checks again."""

from core20plus5.ingest.block import Block
from core20plus5.ingest.columns import Ledger
from core20plus5.ingest.read import Reading
from core20plus5.ingest.reader import BlockReader
from core20plus5.ingest.schema import SchemaReport, check_schema
from core20plus5.ingest.sources import BLOCK_ROWS, Source, open_source

__all__ = [
    "BLOCK_ROWS",
    "Block",
    "BlockReader",
    "Ledger",
    "Reading",
    "SchemaReport",
    "Source",
    "check_schema",
    "open_source",
]
