"""Steps run over pieces of a block: where a piece begins or ends changes nobody's answers."""

import pyarrow as pa
import pytest

from core20plus5.kernels.steps import PIECE_WORDS
from core20plus5_cli.population import sample_people, sample_schema
from tests.ask import flags

PIECE = PIECE_WORDS * 64
PEOPLE = pa.Table.from_batches(list(sample_people(3 * PIECE, 7)), sample_schema())


@pytest.mark.parametrize("rows", [1, 63, 64, 65, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 65])
def test_people_have_the_same_answers_in_pieces_as_alone(rows: int) -> None:
    found = flags(PEOPLE.slice(5, rows), plus_groups="all", imd_from="imd_rank")
    apart = [flags(PEOPLE.slice(5 + first, min(1_000, rows - first)), plus_groups="all", imd_from="imd_rank")
             for first in range(0, rows, 1_000)]  # fmt: skip
    assert found.combine_chunks().equals(pa.concat_tables(apart).combine_chunks())
