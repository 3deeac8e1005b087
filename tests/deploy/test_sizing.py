"""The formula of deploy/sizing.md: what calls really take is within it, and not far within."""

import re
from pathlib import Path

from core20plus5_cli.population import sample_people
from core20plus5_service import sizing
from core20plus5_service.settings import Settings
from tests.deploy import measure

PAGE = (Path(__file__).resolve().parents[2] / "deploy" / "sizing.md").read_text(encoding="utf-8")
_MIB = 1 << 20


def test_memory_of_three_calls_at_once() -> None:
    people = list(sample_people(500_000, 1))
    row = measure.measure(people, "counts by quintile", 3)
    had, formula = (int(cell) for cell in row.split("|")[3:5])
    assert formula / 3 < had < formula, row


def test_the_page_has_the_numbers_of_the_code() -> None:
    written = re.search(r"^    memory = (\d+) MiB \+ (\d+) MiB .*\((\d+) MiB \+ (\d+) .*\+ (\d+) B ", PAGE, re.MULTILINE)
    assert written is not None
    numbers = [int(number) for number in written.groups()]
    assert numbers == [sizing.BASE // _MIB, sizing.THREAD // _MIB, sizing.CALL // _MIB, sizing.MESSAGES, sizing.CELL]


def test_the_example_of_the_page() -> None:
    written = re.search(r"2 threads, 12 calls, the default messages and (\d+) million cells take (\d+\.\d) GiB", PAGE)
    assert written is not None
    message = Settings.model_fields["max_message_bytes"].default
    needed = sizing.memory_needed(2, 12, message, int(written[1]) * 10**6)
    assert f"{needed / (1 << 30):.1f}" == written[2]
