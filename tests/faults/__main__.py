"""Many schedules of faults, by hand: python -m tests.faults --schedules 200; one of them again: --schedule SEED."""

import argparse
import sys
import time
from collections import Counter

from tests.faults.fleet import Fleet
from tests.faults.schedule import Schedule


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--schedule", type=int, metavar="SEED", help="this one alone")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the seed to begin with")
    parser.add_argument("--schedules", type=int, default=200, metavar="N", help="how many")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.schedules) if asked.schedule is None else [asked.schedule]
    outcomes: Counter[str] = Counter()
    with Fleet() as fleet:
        for seed in seeds:
            schedule = Schedule.of(seed)
            start = time.monotonic()
            outcome = schedule.run(fleet)
            outcomes[outcome] += 1
            say(f"{time.monotonic() - start:6.2f} s  {outcome:24} {schedule}")
        fleet.heal()
        fleet.check()
    say(f"{dict(outcomes)}")


def say(line: str) -> None:
    """To whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
