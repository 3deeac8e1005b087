"""Random draws for one block of people, in the few forms that the sample needs."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import Codes, Floats, Ints, Mask, Rows

ALMOST_NEVER, ALMOST_SURE = np.float32(1e-6), np.float32(1 - 1e-6)


class Draws:
    """A block's own generator: blocks made in any order, on any thread, come out the same."""

    def __init__(self, seed: np.random.SeedSequence) -> None:
        self.generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, n: int) -> Floats:
        """(n,) float32 in [0, 1)."""
        return self.generator.random(n, dtype=np.float32)

    def normal(self, n: int) -> Floats:
        """(n,) float32, standard normal."""
        return self.generator.standard_normal(n, dtype=np.float32)

    def exponential(self, n: int) -> Floats:
        """(n,) float32, exponential with mean 1."""
        return self.generator.standard_exponential(n, dtype=np.float32)

    def share(self, n: int, chance: float) -> Mask:
        """(n,) bool, each true with the same chance."""
        return self.uniform(n) < chance

    def happens(self, chance: Floats) -> Mask:
        """(n,) bool, each true with its own chance."""
        return self.uniform(len(chance)) < chance

    def few(self, n: int, chance: float) -> Rows:
        """Ascending positions of about `chance * n` rows: cheap where the chance is small."""
        count = int(self.generator.poisson(n * chance))
        return np.unique(self.generator.integers(0, max(n, 1), count))

    def days(self, n: int, below: int) -> Ints:
        """(n,) int32 whole days in 0 .. below - 1."""
        return self.generator.integers(0, below, n, dtype=np.int32)

    def pick(self, table: Codes, rows: Rows) -> Codes:
        """(n,) category of each person from row `rows` of a (rows, slots) table."""
        width = table.shape[1]
        slot = self.generator.integers(0, width, len(rows), dtype=np.uint16)
        found: Codes = table.ravel().take(rows * width + slot)
        return found

    def pick_one(self, row: Codes, n: int) -> Codes:
        """(n,) categories from one row of slots."""
        return row.take(self.generator.integers(0, len(row), n, dtype=np.uint16))

    def last_done(self, recent: Floats, window: int, older: Floats, longest: int) -> Ints:
        """(n,) int32 days since something was last done, -1 for never.

        `recent` is each person's chance of 0 .. window - 1 days; of the others a share `older` has
        window + 1 .. longest, with more of them near the window than far from it.
        """
        chance = np.clip(recent, ALMOST_NEVER, ALMOST_SURE)
        u = self.uniform(len(chance))
        days = np.minimum((u / chance * np.float32(window)).astype(np.int32), window - 1)
        rest = np.flatnonzero(u >= chance)
        place = (u[rest] - chance[rest]) / (1 - chance[rest])
        share = np.maximum(older[rest], ALMOST_NEVER)
        far = np.minimum(place / share, 1)
        past = window + 1 + (far * far * np.float32(longest - window - 1)).astype(np.int32)
        days[rest] = np.where(place < share, past, -1)
        return days
