"""What differs from place to place: deprivation, diversity and the coast, by practice and system."""

from __future__ import annotations

import math

import numpy as np

from core20plus5_cli.population.arrays import Codes, Doubles, Floats, Mask, Rows, Small
from core20plus5_cli.population.assumptions import Assumptions
from core20plus5_cli.population.draws import Draws
from core20plus5_cli.population.organisations import TREE_SEED, Organisations

METROPOLITAN, OTHER = 0, 2
SLOTS = 1 << 16
GRID = np.linspace(-6, 6, 4801)


class Places:
    """Draws practices, and from a practice the place of a home in the national order of deprivation."""

    def __init__(self, settings: Assumptions, tree: Organisations) -> None:
        chance = np.random.Generator(np.random.PCG64(TREE_SEED + 1))
        self.unknown_share = settings.number("place.practice_unknown")
        self.unknown = tree.unknown
        middle = (np.arange(SLOTS) + 0.5) / SLOTS
        last = tree.unknown - 1
        self.slots: Small = np.minimum(np.searchsorted(np.cumsum(tree.weight), middle), last).astype(np.int16)
        turn = settings.numbers("place.kinds_in_turn").astype(np.intp)
        kind = np.resize(turn, tree.icb.max() + 1)[tree.icb]
        self.kind: Rows = np.append(kind, OTHER).astype(np.intp)
        inland = float(tree.weight[kind == METROPOLITAN].sum())
        coast = settings.number("place.coastal_practices") / max(1 - inland, 0.2)
        self.coastal: Mask = np.append((chance.random(tree.unknown) < coast) & (kind != METROPOLITAN), False)
        self.coastal_agreement = settings.number("place.coastal_agreement")
        self.coastal_unknown = settings.number("place.coastal_unknown")
        self._deprivation(settings, tree, chance)

    def _deprivation(self, settings: Assumptions, tree: Organisations, chance: np.random.Generator) -> None:
        system = settings.number("place.deprivation_variance_system")
        practice = settings.number("place.deprivation_variance_practice")
        effect = math.sqrt(system) * chance.standard_normal(tree.icb.max() + 1)[tree.icb]
        effect += math.sqrt(practice) * chance.standard_normal(tree.unknown)
        effect -= float(effect @ tree.weight)
        self.effect: Floats = np.append(effect, 0).astype(np.float32)
        self.residual = np.float32(math.sqrt(1 - system - practice))
        self.rising = self._rising(effect, tree.weight)

    def _rising(self, effect: Doubles, weight: Doubles) -> Doubles:
        """(4801,) share of people below each score of GRID: scores become even places, a tenth of people to a tenth."""
        height, edges = np.histogram(effect, bins=500, range=(-5, 5), weights=weight)
        middle = (edges[:-1] + edges[1:]) / 2
        density = np.exp(-0.5 * ((GRID[:, None] - middle) / float(self.residual)) ** 2) @ height
        rising = np.cumsum(density)
        return np.asarray(rising / rising[-1])

    def practice(self, n: int, draws: Draws) -> Rows:
        """(n,) practice of each person."""
        slot = draws.generator.integers(0, SLOTS, n, dtype=np.uint16)
        practice = self.slots.take(slot).astype(np.intp)
        practice[draws.few(n, self.unknown_share)] = self.unknown
        return practice

    def home(self, practice: Rows, draws: Draws) -> Doubles:
        """(n,) float64 in [0, 1): 0 the most deprived home of England, 1 the least."""
        score = self.effect.take(practice) + self.residual * draws.normal(len(practice))
        place: Doubles = np.minimum(np.interp(score, GRID, self.rising), 1 - 1e-9)
        return place

    def coast(self, practice: Rows, draws: Draws) -> Codes:
        """(n,) int8: 1 at the coast, 0 not, -1 not known."""
        u = draws.uniform(len(practice))
        coastal = (self.coastal.take(practice) & (u < self.coastal_agreement)).astype(np.int8)
        coastal[draws.few(len(practice), self.coastal_unknown)] = -1
        return coastal
