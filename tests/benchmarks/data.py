"""The people of a benchmark: made once from a seed, kept on disk, mapped into memory before any clock starts."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core20plus5.deprivation import ImdTable, read_imd_table
from core20plus5_cli.population import sample_people, sample_schema

SEED = 2026
ICBS = 42
LSOAS = 33_755

#: Rows of a batch on disk: as an analytical engine would hand them over.
BATCH_ROWS = 131_072

TEXTS = ("plain", "dictionary")


def default_folder() -> Path:
    """Where the data is kept between runs, outside of any checkout."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "core20plus5" / "benchmarks"


@dataclass(frozen=True)
class Data:
    """Files of one population, and how to read them. text: `plain` strings, or `dictionary` encoded ones."""

    people: int
    text: str
    folder: Path

    @property
    def file(self) -> Path:
        """Arrow IPC, uncompressed, so that it can be mapped by several processes at once."""
        return self.folder / f"people-{self.people}-{self.text}-{SEED}.arrow"

    @property
    def imd_file(self) -> Path:
        """An imaginary IMD 2025: as many LSOAs as there are, with ranks drawn at random."""
        return self.folder / f"imd-2025-{SEED}.csv"

    def imd_table(self) -> ImdTable:
        """The IMD table, read and checked."""
        return read_imd_table(self.imd_file, "2025")

    def table(self) -> pa.Table:
        """The people, mapped from the page cache: shared by all processes, and none of it a copy."""
        with pa.ipc.open_file(pa.memory_map(str(self.file))) as reader:
            return reader.read_all()

    def make(self) -> None:
        """Write what is not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.imd_file.exists():
            _write_imd(self.imd_file)
        if not self.file.exists():
            unfinished = self.file.with_suffix(f".{os.getpid()}")
            _write_people(unfinished, self)
            unfinished.replace(self.file)
        _touch(self.file)


def _write_imd(file: Path) -> None:
    ranks = np.random.default_rng(SEED).permutation(LSOAS) + 1
    lines = [f"E01{number:06d},{rank}\n" for number, rank in enumerate(ranks, start=1)]
    file.write_text("lsoa_code,imd_rank\n" + "".join(lines), encoding="utf-8")


def _write_people(file: Path, data: Data) -> None:
    imd = data.imd_table()
    schema = sent_schema(sample_schema(imd_table=imd), data.text)
    with (
        closing(sample_people(data.people, SEED, imd_table=imd, icbs=ICBS)) as made,
        pa.ipc.new_file(str(file), schema) as writer,
    ):
        for batch in _in_batches(made):
            writer.write_batch(batch.cast(schema))


def _in_batches(made: Any) -> Iterator[pa.RecordBatch]:
    """Blocks of the sample, two at a time."""
    waiting: list[pa.RecordBatch] = []
    for batch in made:
        waiting.append(batch)
        if sum(map(len, waiting)) >= BATCH_ROWS:
            yield pa.concat_batches(waiting)  # type: ignore[attr-defined]
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)  # type: ignore[attr-defined]


def sent_schema(schema: pa.Schema, text: str) -> pa.Schema:
    """The types in which the columns are sent. Most engines hand text over as plain strings."""
    if text == "dictionary":
        return schema
    fields = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in schema]
    return pa.schema(fields)


def _touch(file: Path) -> None:
    """Bring the file into the page cache."""
    with file.open("rb", buffering=0) as content:
        while content.read(1 << 24):
            pass
