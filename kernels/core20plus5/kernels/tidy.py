"""From the compact count table to the rows of the tidy one."""

from core20plus5.kernels._jit import kernel


@kernel
def find_rows(table, strata, groups, places, where, exact):
    """Find the populated rows, in order, and fill in their counts as far as there is room. Returns how many there are.

    table: int64 (strata, 2c - 1, i, 3), see `CohortCounts`; strata: int64, in the order wanted; groups: int64 (g, 2), the place
    of a cohort and the answer to it, 0 yes, 1 no, 2 unknown; places: int64, the indicators wanted. where: int32 (rows, 3), gets
    the numbers of stratum, group and place; exact: int64 (rows, 3), gets yes, no and unknown.
    """
    found = 0
    for s in range(strata.size):
        counts = table[strata[s]]
        for g in range(groups.shape[0]):
            cohort, answer = groups[g]
            first = max(0, 2 * cohort - 1)
            for p in range(places.size):
                place = places[p]
                if answer == 1:  # not counted itself: what remains of everyone
                    yes = counts[0, place, 0] - counts[first, place, 0] - counts[first + 1, place, 0]
                    no = counts[0, place, 1] - counts[first, place, 1] - counts[first + 1, place, 1]
                    unknown = counts[0, place, 2] - counts[first, place, 2] - counts[first + 1, place, 2]
                else:
                    line = counts[first if answer == 0 else first + 1, place]
                    yes, no, unknown = line[0], line[1], line[2]
                if yes + no + unknown:
                    if found < where.shape[0]:
                        where[found, 0], where[found, 1], where[found, 2] = s, g, p
                        exact[found, 0], exact[found, 1], exact[found, 2] = yes, no, unknown
                    found += 1
    return found
