"""Records: how many people of a stratum have the same answers to everything. They take less room than counts do where strata are
so fine that most of their cells are empty, and add up just the same."""

from core20plus5.kernels._jit import kernel, kernel_part


@kernel
def order_rows(rows, people, starts, first, last):
    """Sort the rows of each stratum by their answers, in place, so that equal ones are neighbours.

    rows: uint64 (n, parts); people: int64 (n,); those of stratum s lie from starts[s] up to starts[s + 1]. A heap sort: no stack
    to outgrow, and no order of rows that makes it slow.
    """
    for stratum in range(first, last):
        begin, size = starts[stratum], starts[stratum + 1] - starts[stratum]
        for root in range(size // 2 - 1, -1, -1):
            sift(rows, people, begin, root, size)
        for end in range(size - 1, 0, -1):
            swap(rows, people, begin, begin + end)
            sift(rows, people, begin, 0, end)


@kernel_part
def sift(rows, people, begin, root, size):
    """Let a row sink in the heap of `size` rows from `begin` until no child is larger."""
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and is_less(rows, begin + child, begin + child + 1):
            child += 1
        if not is_less(rows, begin + root, begin + child):
            return
        swap(rows, people, begin + root, begin + child)
        root = child


@kernel_part
def is_less(rows, one, two):
    """Whether one row comes before another."""
    for part in range(rows.shape[1]):
        if rows[one, part] != rows[two, part]:
            return rows[one, part] < rows[two, part]
    return False


@kernel_part
def swap(rows, people, one, two):
    """Exchange two rows."""
    for part in range(rows.shape[1]):
        rows[one, part], rows[two, part] = rows[two, part], rows[one, part]
    people[one], people[two] = people[two], people[one]


@kernel
def join_equal(rows, people, starts):
    """Join neighbours with the same answers, in place, and move `starts` along. Returns how many rows are left."""
    kept = 0
    for stratum in range(starts.size - 1):
        begin, end = starts[stratum], starts[stratum + 1]
        starts[stratum] = kept
        for row in range(begin, end):
            same = kept > starts[stratum]
            for part in range(rows.shape[1]):
                same = same and rows[kept - 1, part] == rows[row, part]
            if same:
                people[kept - 1] += people[row]
            else:
                for part in range(rows.shape[1]):
                    rows[kept, part] = rows[row, part]
                people[kept] = people[row]
                kept += 1
    starts[-1] = kept
    return kept


@kernel
def place_records(rows, people, starts, places, all_rows, all_people):
    """Copy the records of a table to where each stratum has its place. rows: uint64 (n, parts) and people: int64 (n,), those of
    stratum s from starts[s] up to starts[s + 1]; they go to all_rows and all_people from places[s] on, or nowhere where that is
    negative."""
    for stratum in range(starts.size - 1):
        if places[stratum] < 0:
            continue
        away = places[stratum] - starts[stratum]
        for row in range(starts[stratum], starts[stratum + 1]):
            for part in range(rows.shape[1]):
                all_rows[row + away, part] = rows[row, part]
            all_people[row + away] = people[row]
