"""For the few counts that no quick search proves safe: integer programming finds other tables, and the least to hide for them."""

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

_FAR = 3
_NEEDED = 3

#: Branches that the solver may try for one question, beyond which the answer is taken to be no. Not seconds: the same request has
#: the same answer on every machine.
_BRANCHES = 10

#: Questions of one stratum.
_QUESTIONS = 20

#: How far the price of what is hidden may be from the least there is, as a share: the first good answer is enough.
_GAP = 0.3


class Stratum:
    """The variables of a stratum (see `kernels.witnesses.protect`) and how far each can be from the exact count."""

    def __init__(self, desk: Any, relations: int) -> None:
        from scipy.sparse import csr_array  # noqa: PLC0415  slow to load, and seldom needed

        self.exact, self.low, self.high, self.price, _, self.hidden, self.protected, values, loose, few = desk
        starts, terms, weights = few[0][: relations + 1], few[1], few[2]
        size = int(starts[-1])
        self.matrix = csr_array((weights[:size].astype(float), terms[:size], starts), shape=(relations, len(self.exact)))
        self.least = np.where(loose[:relations], -values[:relations], 0).astype(float)
        self.most = np.where(loose[:relations], np.inf, 0.0)

    def find(self, variable: int, distance: int, may_hide: bool) -> Numbers | None:
        """Moves of all counts that put one of them so far from where it is, hiding little; None where there are none."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
        from scipy.sparse import eye_array, hstack, vstack  # noqa: PLC0415

        low, high = np.maximum(self.low - self.exact, -_FAR).astype(float), np.minimum(self.high - self.exact, _FAR).astype(float)
        if not low[variable] <= distance <= high[variable]:
            return None
        size, hideable = len(low), np.flatnonzero((self.price >= 0) & may_hide)
        inside_low, inside_high = low[hideable], high[hideable]
        low[hideable], high[hideable] = np.maximum(np.minimum(self.exact[hideable], 1) - self.exact[hideable], -_FAR), _FAR
        low[variable] = high[variable] = distance
        # Beyond what is shown of it, a count must be hidden: a switch for each that can be.
        switch = eye_array(size, format="csr")[hideable]
        reach = _FAR * eye_array(len(hideable), format="csr")
        relations = hstack([self.matrix, np.zeros((self.matrix.shape[0], len(hideable)))], format="csr")
        rules = vstack([relations, hstack([switch, -reach]), hstack([switch, reach])], format="csr")
        none = np.full(len(hideable), np.inf)
        found = milp(
            np.concatenate([np.zeros(size), self.price[hideable]]),
            constraints=LinearConstraint(
                rules, np.concatenate([self.least, -none, inside_low]), np.concatenate([self.most, inside_high, none])
            ),
            bounds=Bounds(np.concatenate([low, np.zeros(len(hideable))]), np.concatenate([high, np.ones(len(hideable))])),
            integrality=np.ones(size + len(hideable)),
            options={"node_limit": _BRANCHES, "mip_rel_gap": _GAP},
        )
        return None if found.x is None else np.rint(found.x[:size]).astype(np.int64)

    def hide_for(self, moves: Numbers) -> None:
        """Hide what the moves would be seen by."""
        reached = self.exact + moves
        seen = (reached < self.low) | (reached > self.high)
        self.hidden[seen] = True
        self.low[seen], self.high[seen], self.price[seen] = np.minimum(self.exact[seen], 1), 1 << 60, -1


def prove(desk: Any, relations: int, seen: npt.NDArray[np.uint64], seen_from: int, questions: int) -> bool:
    """Give every protected count of a stratum as many values as are needed, hiding further ones.

    desk: the variables, low, high, price and hidden are changed; seen: uint64, the values found of each, as bits, is added to;
    questions: as many may be asked. Returns whether that could be done.
    """
    stratum, asked, most = Stratum(desk, relations), 0, min(questions, _QUESTIONS)
    for variable in np.flatnonzero(stratum.protected).tolist():
        for may_hide in (False, True):
            for distance in (1, 2, -1, -2, 3, -3):
                if int(seen[variable]).bit_count() >= _NEEDED or int(seen[variable]) >> (seen_from + distance) & 1:
                    continue
                if asked >= most:
                    return False
                asked += 1
                moves = stratum.find(variable, distance, may_hide)
                if moves is not None:
                    stratum.hide_for(moves)
                    seen |= np.uint64(1) << (moves + seen_from).astype(np.uint64)
        if int(seen[variable]).bit_count() < _NEEDED:
            return False
    return True
