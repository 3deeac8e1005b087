"""From compact counts to the rows of the tidy table, and the texts of its columns."""

from core20plus5.kernels import lanes
from core20plus5.kernels._jit import kernel


@kernel
def find_rows(cells, stratum, everyone, groups, places, found, where, all_yes, all_no, all_unknown):
    """Find the populated rows, in order, and fill in their counts. Returns how many there are by now.

    cells: int64 (strata, 2c - 1, w), see `CohortCounts`; stratum: the number of the first of them; everyone: the place of this
    indicator; groups: int64 (g, 2), the place of a cohort and the answer to it, 0 yes, 1 no, 2 unknown; places: int64, the
    indicators wanted; found: rows there are already. where: int32 (3, room), gets the numbers of stratum, group and place; the
    others get the counts: int64 (room,).
    """
    for s in range(cells.shape[0]):
        for g in range(groups.shape[0]):
            cohort, answer = groups[g, 0], groups[g, 1]
            first = max(0, 2 * cohort - 1)
            if answer == 2:
                first += 1
            people = cells[s, first, 3 * everyone]
            if answer == 1:
                people = cells[s, 0, 3 * everyone] - people - cells[s, first + 1, 3 * everyone]
            if people == 0:  # most cohorts are small, and empty in a fine stratum
                continue
            for p in range(places.size):
                place = 3 * places[p]
                yes, no, unknown = cells[s, first, place], cells[s, first, place + 1], cells[s, first, place + 2]
                if answer == 1:  # not counted itself: what remains of everyone
                    yes = cells[s, 0, place] - yes - cells[s, first + 1, place]
                    no = cells[s, 0, place + 1] - no - cells[s, first + 1, place + 1]
                    unknown = cells[s, 0, place + 2] - unknown - cells[s, first + 1, place + 2]
                where[0, found], where[1, found], where[2, found] = stratum + s, g, p
                all_yes[found], all_no[found], all_unknown[found] = yes, no, unknown
                found += (yes + no + unknown) != 0  # a row that is not populated is written over by the next
    return found


@kernel
def write_texts(places, label_of, lengths, labels, offsets, text):
    """The text of each row, one after the other. Returns how many bytes they take.

    places: int32 (n,), into label_of: int32, into lengths: int32, the bytes of each label, and labels: uint64 (l, words), its
    bytes and then zeros. offsets: int32 (n + 1,); text: uint8, with room for eight bytes more than all texts have.

    Most columns have the same short text in many rows on end.
    """
    end = row = 0
    while row < places.size:
        place, label = places[row], label_of[places[row]]
        length, first = lengths[label], labels[label, 0]
        if length <= 8:
            while row < places.size and places[row] == place:
                offsets[row] = end
                lanes.put_word(text, end, first)
                end += length
                row += 1
        else:
            offsets[row] = end
            for word in range((length + 7) // 8):
                lanes.put_word(text, end + 8 * word, labels[label, word])
            end += length
            row += 1
    offsets[places.size] = end
    return end
