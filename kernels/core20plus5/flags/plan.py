"""Which indicators a request asks for, which of them the columns can answer, and which columns they need."""

from dataclasses import dataclass

from core20plus5.errors import RequestError
from core20plus5.expressions import Node, columns_of, indicators_of
from core20plus5.expressions.nodes import Always, ColumnValue, Type, reads_plus_groups
from core20plus5.records import find_column, is_local_group
from core20plus5.request import IMD_SOURCES, Request
from core20plus5.rulesets import Indicator, Rule, Ruleset

SEGMENT = "core20plus_segment"


@dataclass(frozen=True)
class Plan:
    """What to evaluate.

    indicators: everything to evaluate, in working order, "everyone" among them; reported: names to report, in the order of the
    ruleset; absent: those of `reported` that cannot be answered, with the columns they lack; cohorts: names to count within.
    checks: the findings about data quality whose columns are read; columns: names of all columns to read;
    imd_column: the one that deprivation comes from; imd_asserted: its IMD version is the caller's word only.
    """

    request: Request
    present: frozenset[str]
    indicators: tuple[Indicator, ...]
    reported: tuple[Indicator, ...]
    absent: dict[str, tuple[str, ...]]
    cohorts: tuple[str, ...]
    plus_groups: tuple[str, ...]
    checks: tuple[Rule, ...]
    columns: frozenset[str]
    imd_column: str | None
    imd_asserted: bool

    def place(self, name: str) -> int:
        """Number of an indicator among those evaluated."""
        return [indicator.name for indicator in self.indicators].index(name)


def make_plan(request: Request, present: frozenset[str], counting: bool) -> Plan:
    """Plan a request over the columns present. Raises RequestError where it asks for what does not exist."""
    imd_column, asserted = _deprivation_source(request, present)
    planner = _Planner(request, present, imd_column)
    indicators = planner.indicators
    lacking = {name: planner.lacking(name) for name in indicators}
    reported = _chosen("indicators", request.indicators, planner)
    cohorts = _cohorts(request, planner, lacking) if counting else ()
    answered = {name for name in indicators if not lacking[name]}
    segment = [name for name in ("core20", "plus_any") if SEGMENT in request.strata and name in answered]
    wanted = {"everyone", *reported, *cohorts, *segment}
    needed = planner.closure({name for name in wanted if name in answered})
    columns = planner.columns_for(needed).union(*(columns_of(rule.where) for rule in request.ruleset.exclusions))
    checks = [rule for rule in request.ruleset.checks if columns_of(rule.where) <= columns & present]
    return Plan(
        request,
        present,
        tuple(indicators[name] for name in indicators if name in needed),
        tuple(indicators[name] for name in reported),
        {name: lacking[name] for name in reported if lacking[name]},
        cohorts,
        planner.plus_groups,
        tuple(checks),
        frozenset(columns),
        imd_column,
        asserted,
    )


def _deprivation_source(request: Request, present: frozenset[str]) -> tuple[str | None, bool]:
    """The column that deprivation comes from, and whether its IMD version is the caller's word only."""
    candidates = {source: [name for name in _spellings(source, request.imd_version) if name in present] for source in IMD_SOURCES}
    if request.imd_from and not candidates[request.imd_from]:
        raise RequestError(f"imd_from: the records have no column {request.imd_from!r}")
    chosen = request.imd_from or next((source for source in IMD_SOURCES if candidates[source]), None)
    if chosen is None:
        return None, False
    if chosen == "lsoa_code" and request.imd_table is None:
        raise RequestError(
            f"the records have lsoa_code, and no IMD {request.imd_version} table is loaded: give imd_table,"
            " or name another source with imd_from"
        )
    column = candidates[chosen][0]
    return column, column in ("imd_rank", "imd_decile")


def _spellings(source: str, version: str) -> tuple[str, ...]:
    return (source,) if source == "lsoa_code" else (f"{source}_{version}", source)


class _Planner:
    def __init__(self, request: Request, present: frozenset[str], imd_column: str | None) -> None:
        self.request = request
        self.present = present
        self.imd_column = imd_column
        self.indicators = with_local_groups(request.ruleset, self._local_groups())
        self.plus_groups = self._plus_groups()
        if not self.plus_groups:
            self._drop_what_needs_plus_groups()

    def _local_groups(self) -> list[str]:
        named = [*self.request.plus_groups, *(self.request.cohorts or ()), *(self.request.indicators or ())]
        return sorted({name for name in (*self.present, *named) if is_local_group(name)})

    def _plus_groups(self) -> tuple[str, ...]:
        possible = [name for name, indicator in self.indicators.items() if indicator.is_plus]
        if self.request.all_plus_groups:
            return tuple(name for name in possible if not self.lacking(name))
        for name in self.request.plus_groups:
            if name not in possible:
                raise RequestError(f"plus_groups: {name!r} is no PLUS group; known are {', '.join(possible)}")
            if self.lacking(name):
                raise RequestError(f"plus_groups: {name!r} needs column {', '.join(self.lacking(name))}, which is absent")
        return self.request.plus_groups

    def _drop_what_needs_plus_groups(self) -> None:
        """PLUS is a local choice without a default: what depends on it is not returned unless it was made."""
        dropped: set[str] = set()
        for name, indicator in self.indicators.items():
            if any(reads_plus_groups(node) for node in _sentences(indicator)) or _uses(indicator) & dropped:
                dropped.add(name)
        for argument in (self.request.cohorts, self.request.indicators):
            for name in sorted(dropped.intersection(argument or ())):
                raise RequestError(f"{name!r} needs plus_groups: PLUS is the choice of each integrated care system")
        if SEGMENT in self.request.strata:
            raise RequestError(f"stratum {SEGMENT!r} needs plus_groups")
        self.indicators = {name: entry for name, entry in self.indicators.items() if name not in dropped}

    def closure(self, names: set[str]) -> set[str]:
        """The indicators named, and all they depend on."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.uses(name)
        return found

    def uses(self, name: str) -> list[str]:
        """Indicators that one indicator reads directly."""
        indicator = self.indicators[name]
        groups = self.plus_groups if any(reads_plus_groups(node) for node in _sentences(indicator)) else ()
        return sorted({*_uses(indicator), *groups})

    def columns_for(self, names: set[str]) -> set[str]:
        """Columns that these indicators read, themselves or through age and deprivation."""
        read = {column for name in names for node in _sentences(self.indicators[name]) for column in columns_of(node)}
        if "deprivation_decile" in read and self.imd_column:
            read |= {self.imd_column, "no_imd_reason"}
        return read

    def lacking(self, name: str) -> tuple[str, ...]:
        """The absent columns for want of which an indicator cannot be answered."""
        read = {
            column for used in self.closure({name}) for node in _sentences(self.indicators[used]) for column in columns_of(node)
        }
        return tuple(sorted(filter(None, (self._lacks(column) for column in read))))

    def _lacks(self, name: str) -> str | None:
        if name == "age":
            return None if self.present & {"birth_date", "age_years"} else "birth_date or age_years"
        if name == "deprivation_decile":
            return None if self.imd_column else "lsoa_code, imd_rank or imd_decile"
        column = find_column(name)
        assert column is not None
        is_there = name in self.present or column.optional or column.enough in self.present
        return None if is_there else name


def _sentences(indicator: Indicator) -> tuple[Node, Node, Node]:
    return indicator.among, indicator.where, indicator.known


def _uses(indicator: Indicator) -> set[str]:
    return set().union(*(indicators_of(node) for node in _sentences(indicator)))


def with_local_groups(ruleset: Ruleset, names: list[str]) -> dict[str, Indicator]:
    """The indicators of a ruleset, with one for each local group after the last PLUS group that it has."""
    indicators = list(ruleset.indicators.values())
    last = max((place for place, indicator in enumerate(indicators) if indicator.is_plus), default=-1)
    always = Always(True)
    local = [
        Indicator(
            name,
            f"{ruleset.local_group['title']}: {name.removeprefix('plus_').replace('_', ' ')}",
            ruleset.local_group["kind"],
            always,
            ColumnValue(name, Type.TRUTH),
            always,
            ruleset.local_group["source"],
            {"where": name},
        )
        for name in names
    ]
    return {indicator.name: indicator for indicator in [*indicators[: last + 1], *local, *indicators[last + 1 :]]}


def _chosen(argument: str, names: tuple[str, ...] | None, planner: _Planner) -> tuple[str, ...]:
    """Names asked for, in the order of the ruleset; all of them by default."""
    for name in names or ():
        if name not in planner.indicators:
            known = ", ".join(planner.indicators)
            raise RequestError(f"{argument}: there is no indicator {name!r}; known are {known}")
    return tuple(name for name in planner.indicators if names is None or name in names)


def _cohorts(request: Request, planner: _Planner, lacking: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    named = _chosen("cohorts", request.cohorts, planner)
    for name in named if request.cohorts is not None else ():
        if not planner.indicators[name].is_cohort:
            known = ", ".join(name for name, indicator in planner.indicators.items() if indicator.is_cohort)
            raise RequestError(f"cohorts: {name!r} is no cohort; known are {known}")
        if lacking[name]:
            raise RequestError(f"cohorts: {name!r} needs column {', '.join(lacking[name])}, which is absent")
    return tuple(name for name in named if planner.indicators[name].is_cohort and not lacking[name])
