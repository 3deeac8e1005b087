"""`python -m tests.benchmarks`: run the cases, print a table, write JSON."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.bench import Bench
from tests.benchmarks.data import TEXTS, default_folder
from tests.benchmarks.machine import keep_memory, machine, use_cores
from tests.benchmarks.readme import write_readme
from tests.benchmarks.result import markdown

CASES = {
    "engine": "engine_and_peers",
    "service": "service_and_floor",
    "flags": "flags_over_the_wire",
    "fine": "fine_strata",
    "rows": "many_rows",
    "one": "one_person",
    "start": "start",
    "streams": "streams",
}


def main() -> int:
    """Read the command line and do what it says."""
    chosen = _arguments()
    if chosen.write_readme:
        write_readme(json.loads(chosen.write_readme.read_text(encoding="utf-8")))
        return 0
    use_cores(chosen.cores)
    keep_memory()
    bench = Bench(chosen.people, chosen.text, chosen.data, chosen.repetitions, chosen.ways, chosen.most_rows, _say)
    report: dict[str, Any] = {
        "machine": machine(),
        "people": bench.people,
        "text": bench.text,
        "bytes_per_person": round(bench.data.table().nbytes / bench.people, 1),
        "repetitions": bench.repetitions,
        "cases": [],
    }
    for name in chosen.cases or CASES:
        _say(f"{name} ...")
        result = import_module(f"tests.benchmarks.cases.{CASES[name]}").run(bench)
        report["cases"].append(result.as_json())
        _say(markdown(result))
        chosen.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="which cases; all without any")
    parser.add_argument("--people", type=int, default=10_000_000, help="how many people (10 million)")
    parser.add_argument("--text", choices=TEXTS, default="plain", help="text columns as plain strings or dictionaries")
    parser.add_argument("--data", type=Path, default=default_folder(), help="folder that keeps the people between runs")
    parser.add_argument("--repetitions", type=int, default=5, help="timed repetitions of each contestant")
    parser.add_argument("--cores", type=int, default=2, help="processors for everyone")
    parser.add_argument("--ways", choices=("best", "all"), default="best", help="peers at their best, or every way tried")
    parser.add_argument("--most-rows", type=int, default=50_000_000, help="rows of the longest stream of case `rows`")
    parser.add_argument("--write-readme", type=Path, metavar="JSON", help="only write the README's table, from these figures")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="file for the figures")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
