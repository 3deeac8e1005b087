"""Practices, networks, places and systems: a tree of made-up codes, the same in every sample with as many systems."""

from __future__ import annotations

import numpy as np

from core20plus5_cli.population.arrays import Doubles, Rows, Small
from core20plus5_cli.population.assumptions import Assumptions

TREE_SEED = 20_211_101
NATIONAL_ICBS = 42
MOST_ICBS = 100
LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
LEVELS = ("practice_code", "pcn_code", "place_code", "sub_icb_code", "icb_code")


def icb_code(number: int, icbs: int) -> str:
    """``Q``, a digit and a letter (real ones have the letter first); the last of several has five characters."""
    if number and number == icbs - 1:
        return "X4K7X"
    return f"Q{number // len(LETTERS)}{LETTERS[number % len(LETTERS)]}"


def sub_icb_code(number: int) -> str:
    """Two digits and a letter; every tenth has the five-character form."""
    letter = LETTERS[number % len(LETTERS)]
    if number % 10 == 9:
        return f"{letter}{number // 10 % 10}{letter}{number % 10}Z"
    return f"{10 + number // len(LETTERS)}{letter}"


class Organisations:
    """The tree. `codes` are the texts of each level, `level` the position of each practice's code in them.

    The last practice is the pseudo code V81999: its people have a bare U for a network and no place, sub-ICB or ICB.
    """

    codes: dict[str, list[str]]
    level: dict[str, Small]

    def __init__(self, settings: Assumptions, icbs: int) -> None:
        if not 1 <= icbs <= MOST_ICBS:
            raise ValueError(f"icbs must be from 1 to {MOST_ICBS}, not {icbs}")
        chance = np.random.Generator(np.random.PCG64(TREE_SEED))
        size = np.exp(settings.number("place.system_size_spread") * chance.standard_normal(icbs))
        per_icb = self._per_icb(settings, size / size.sum())
        self.icb: Rows = np.repeat(np.arange(icbs), per_icb["practices"])
        self.unknown = len(self.icb)
        self.weight = self._weights(settings, size, chance)
        alone = chance.random(self.unknown) < settings.number("place.network_unallocated")
        self._grow(per_icb, np.append(alone, True))

    def _per_icb(self, settings: Assumptions, share: Doubles) -> dict[str, Rows]:
        """How many practices, networks, places and locations each system has: at least 12, 4, 2 and 1."""
        least = {"practices": 12, "networks": 4, "places": 2, "sub_icbs": 1}
        wanted = {name: settings.number(f"place.{name}") * len(share) / NATIONAL_ICBS for name in least}
        return {name: np.maximum(np.rint(share * wanted[name]), n).astype(np.intp) for name, n in least.items()}

    def _weights(self, settings: Assumptions, size: Doubles, chance: np.random.Generator) -> Doubles:
        """(practices,) share of all people on each list."""
        lists = np.exp(settings.number("place.practice_size_spread") * chance.standard_normal(self.unknown))
        weight = lists * (size / np.bincount(self.icb, lists))[self.icb]
        return np.asarray(weight / weight.sum())

    def _grow(self, per_icb: dict[str, Rows], alone: Rows) -> None:
        """Practices in order fill networks, networks fill places, places fill locations: no branch crosses another."""
        icbs = len(per_icb["practices"])
        counts = {name: n[self.icb] for name, n in per_icb.items()}
        base = {name: (np.cumsum(n) - n)[self.icb] for name, n in per_icb.items()}
        practice = np.arange(self.unknown) - base["practices"]
        network = practice * counts["networks"] // counts["practices"]
        place = network * counts["places"] // counts["networks"]
        sub_icb = place * counts["sub_icbs"] // counts["places"]
        names = [icb_code(number, icbs) for number in range(icbs)]
        networks = [f"U{20_001 + 7 * number}" for number in range(int(per_icb["networks"].sum()))]
        self.codes = {
            "practice_code": [f"X{10_001 + 3 * number}" for number in range(self.unknown)] + ["V81999"],
            "pcn_code": [*networks, "U"],
            "place_code": [f"{names[i]}-{k + 1:02d}" for i in range(icbs) for k in range(per_icb["places"][i])],
            "sub_icb_code": [sub_icb_code(number) for number in range(int(per_icb["sub_icbs"].sum()))],
            "icb_code": names,
        }
        of_networks = np.where(alone, len(networks), np.append(network + base["networks"], 0))
        above = {"place_code": place + base["places"], "sub_icb_code": sub_icb + base["sub_icbs"], "icb_code": self.icb}
        self.level = {name: np.append(number, -1).astype(np.int16) for name, number in above.items()}
        self.level["pcn_code"] = of_networks.astype(np.int16)
        self.level["practice_code"] = np.arange(self.unknown + 1).astype(np.int16)
