"""Case 4: fine strata, whose answers have millions of rows."""

from core20plus5_client import Client, TooManyCellsError
from tests.benchmarks.bench import Bench, children, compare
from tests.benchmarks.child import Child, ContestantError
from tests.benchmarks.contestants.server import benchmark_server
from tests.benchmarks.contestants.ways import engine, peers
from tests.benchmarks.measure import Samples, interleaved, of_each
from tests.benchmarks.question import BY_PRACTICE, COARSE, FINE
from tests.benchmarks.result import Claim, Result

TITLE = "Fine strata, in memory"
_COARSE = "ICB x quintile x ethnic group, everything"
_PRACTICE = "practice x quintile x broad age band, 2 cohorts, 10 indicators"
_FINE = "ICB x quintile x ethnic group x sex x ten-year band, everything"
_QUESTIONS = {_COARSE: COARSE, _PRACTICE: BY_PRACTICE, _FINE: FINE}


def run(bench: Bench) -> Result:
    """Each question by an engine of its own, interleaved; a question that is refused is reported as refused."""
    result = Result("fine", TITLE)
    for name in (_PRACTICE, _FINE):
        question = _QUESTIONS[name]
        with children({name: engine(bench.small, question)} | peers(bench.small, question, "best")) as contestants:
            if _answers(contestants[0], result):
                compare(contestants)
    with children({name: engine(bench.data, question) for name, question in _QUESTIONS.items()}) as engines:
        answering = [child for child in engines if _answers(child, result)]
        found = interleaved(of_each(answering, "count"), bench.repetitions)
        for child in answering:
            memory = child.memory()
            result.remarks.append(f"{child.name}: {memory['peak'] - memory['mapped']:.0f} MiB at most beside the records")
    for name, samples in found.items():
        result.rows += samples.rows(name, bench.people)
    _claim(result, found, _PRACTICE, 1 / 3)
    _claim(result, found, _FINE, 1 / 2)
    result.remarks.append(f"above the setting: {_refusal(bench)}")
    return result


def _answers(child: Child, result: Result) -> bool:
    try:
        child.run("count")
    except ContestantError as error:
        result.remarks.append(f"REFUSED, {error}")
        return False
    return True


def _claim(result: Result, found: dict[str, Samples], name: str, wanted: float) -> None:
    share = found[_COARSE].median("total") / found[name].median("total") if name in found else 0.0
    result.claims.append(Claim(f"rate of {name}, as a share of the coarse one", share, wanted))


def _refusal(bench: Bench) -> str:
    """What a server says to a question that has more cells than it was set to hold."""
    with benchmark_server(bench.small, "--max-cells", "1000") as server, Client(server.listen) as client:
        try:
            client.count_cohorts(bench.small.table(), **FINE.arguments())
        except TooManyCellsError as error:
            return str(error)
    raise AssertionError("a server set to 1,000 cells answered the finest question")
