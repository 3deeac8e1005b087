"""From compact counts to the rows of the tidy table, and the texts of its columns."""

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel


@kernel
def find_rows(cells, groups, places, where, exact):
    """Find the populated rows, in order, and fill in their counts. Returns how many there are.

    cells: int64 (strata, 2c - 1, w), see `CohortCounts`; groups: int64 (g, 2), the place of a cohort and the answer to it, 0 yes,
    1 no, 2 unknown; places: int64, the indicators wanted. where: int32 (3, room), gets the numbers of stratum, group and place;
    exact: int64 (3, room), gets yes, no and unknown.
    """
    found = 0
    for s in range(cells.shape[0]):
        for g in range(groups.shape[0]):
            cohort, answer = groups[g, 0], groups[g, 1]
            first = max(0, 2 * cohort - 1)
            if answer == 2:
                first += 1
            for p in range(places.size):
                place = 3 * places[p]
                yes, no, unknown = cells[s, first, place], cells[s, first, place + 1], cells[s, first, place + 2]
                if answer == 1:  # not counted itself: what remains of everyone
                    yes = cells[s, 0, place] - yes - cells[s, first + 1, place]
                    no = cells[s, 0, place + 1] - no - cells[s, first + 1, place + 1]
                    unknown = cells[s, 0, place + 2] - unknown - cells[s, first + 1, place + 2]
                where[0, found], where[1, found], where[2, found] = s, g, p
                exact[0, found], exact[1, found], exact[2, found] = yes, no, unknown
                found += (yes + no + unknown) != 0  # a row that is not populated is written over by the next
    return found


@kernel
def measure_texts(places, label_of, lengths):
    """Bytes of all texts. places: int32 (n,), into label_of: int32, into lengths: int32, the bytes of each label."""
    total = 0
    for place in places:
        total += lengths[label_of[place]]
    return total


@kernel
def write_texts(places, label_of, lengths, labels, offsets, text):
    """The text of each row, one after the other. Places as in `measure_texts`; labels: uint64 (l, words), each label's bytes and
    then zeros; offsets: int32 (n + 1,); text: uint8, with room for eight bytes more than all texts have."""
    end = 0
    for row in range(places.size):
        offsets[row] = end
        label = label_of[places[row]]
        for word in range((lengths[label] + 7) // 8):
            lanes.put_word(text, end + 8 * word, labels[label, word])
        end += lengths[label]
    offsets[places.size] = end
