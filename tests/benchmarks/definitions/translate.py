"""From the ruleset's sentences, and the rules by which columns are read, to expressions of a peer."""

from datetime import date, timedelta
from typing import Any

from core20plus5.expressions import Node, Type
from core20plus5.expressions import nodes as n
from core20plus5.records import COLUMNS, ETHNIC_GROUPS, PSEUDO_ORGANISATIONS, Kind, find_column
from core20plus5.rulesets import Indicator
from tests.benchmarks.definitions.algebra import Algebra, Expression
from tests.benchmarks.definitions.ruleset import Definitions
from tests.reference.dates import month_day, months_before

#: Codes of the homes among the settings of a blood pressure; all others are clinics.
_HOME = ("home", "abpm", "hbpm")
_GROUPS = tuple(dict.fromkeys(ETHNIC_GROUPS.values()))
_SEX = {"male": ("1", "M"), "female": ("2", "F"), "indeterminate": ("9",)}
_STAGE = "[1-4]([A-Z][0-9]?)?"

#: Labels of the strata whose values are small numbers inside a query.
LABELS: dict[str, tuple[str, ...]] = {
    "imd_quintile": ("unknown", *"12345"),
    "ethnic_group": ("Missing", *_GROUPS),
    "sex": ("unknown", *_SEX),
    "age_band_broad": ("unknown", "0-17", "18-64", "65+"),
    "age_band_10y": ("unknown", *(f"{low}-{low + 9}" for low in range(0, 90, 10)), "90+"),
}
_BANDS = {"age_band_broad": (0, 18, 65), "age_band_10y": tuple(range(0, 100, 10))}


class Translation:
    """Expressions for the people of one question.

    thorough: also trim and upper-case every code, which changes no answer for the people of the benchmark but for stages.
    Deciles and ethnic groups are looked up: `deprivation_decile`, `ethnic_letter` and `ethnic_place` are columns by then.
    """

    def __init__(self, words: Algebra, rules: Definitions, reference: date, thorough: bool) -> None:
        self.words, self.rules, self.reference, self.thorough = words, rules, reference, thorough
        self.read: set[str] = set()
        self.read_raw: set[str] = set()

    # Sentences.

    def truth(self, node: Node) -> Expression:
        """A three-valued truth."""
        words = self.words
        match node:
            case n.Both():
                return words.both(self.truth(node.left), self.truth(node.right))
            case n.Either():
                return words.either(self.truth(node.left), self.truth(node.right))
            case n.Negation():
                return words.negate(self.truth(node.of))
            case n.IsYes():
                return words.is_yes(self.truth(node.of))
            case n.IndicatorAnswer():
                return words.column(f"t_{node.name}")
            case n.AnyPlusGroup():
                return self._any([words.column(f"t_{name}") for name in self.rules.plus_groups])
            case n.WithinMonths() | n.InSeason() | n.OnRegister():
                return self._about_dates(node)
        return self._about_values(node)

    def _about_values(self, node: Node) -> Expression:
        words = self.words
        match node:
            case n.Always():
                return words.constant(node.value)
            case n.Recorded(value=n.ColumnValue(name=name, of=Type.DATE)):
                return self._dated(name, date(1800, 1, 1), self.reference)
            case n.Recorded():
                return words.recorded(self.value(node.value))
            case n.AtLeast():
                return self._at_least(node)
            case n.CodeIn():
                return words.is_in(self.value(node.column), node.codes)
        return self.value(node)

    def _any(self, truths: list[Expression]) -> Expression:
        found = truths[0]
        for truth in truths[1:]:
            found = self.words.either(found, truth)
        return found

    def _at_least(self, node: n.AtLeast) -> Expression:
        if node.left == n.ColumnValue("age", Type.NUMBER):
            return self._age_at_least(int(self._number(node.right)))
        return self.words.at_least(self.value(node.left), self.value(node.right))

    def _age_at_least(self, years: int) -> Expression:
        """Born so long ago: a comparison of dates, where completed years would be arithmetic on each row."""
        return self.words.at_least(self.words.constant(self._born(years)), self.value(n.ColumnValue("birth_date", Type.DATE)))

    def _born(self, years: int) -> date:
        """The latest birth date of someone of this age. Who is born on 29 February turns a year older on 1 March."""
        return months_before(self.reference, 12 * years)

    def _about_dates(self, node: Node) -> Expression:
        words = self.words
        match node:
            case n.WithinMonths():
                before = months_before(self.reference, int(self._number(node.months)))
                return self._dated(node.date.name, before + timedelta(days=1), self.reference)
            case n.InSeason():
                first, last = self._season(node)
                return self._dated(node.date.name, first, min(last, self.reference))
            case n.OnRegister():
                diagnosed, resolved = self.value(node.diagnosed), self.value(node.resolved)
                return words.is_yes(words.at_least(diagnosed, words.otherwise(resolved, diagnosed)))
        raise AssertionError(f"no translation of {type(node).__name__}")

    def _dated(self, name: str, first: date, last: date) -> Expression:
        """From one day to another: later dates are left out by that, so the column needs no cleaning."""
        words = self.words
        self.read_raw.add(name)
        day = words.column(f"raw_{name}")
        return words.is_yes(words.both(words.at_least(day, words.constant(first)), words.at_least(words.constant(last), day)))

    def _season(self, node: n.InSeason) -> tuple[date, date]:
        start, end = (str(self.rules.parameters[part.name]) for part in (node.start, node.end) if isinstance(part, n.Parameter))
        first = month_day(start, self.reference.year)
        if first > self.reference:
            first = month_day(start, self.reference.year - 1)
        last = month_day(end, first.year)
        return first, last if last >= first else month_day(end, first.year + 1)

    def value(self, node: Node) -> Expression:
        """A number, a date or a code."""
        words = self.words
        match node:
            case n.ColumnValue():
                self.read.add(node.name)
                return words.column(node.name)
            case n.Parameter() | n.Literal():
                return words.constant(self._number(node))
            case n.ReferenceDate():
                return words.constant(self.reference)
            case n.DaysBetween():
                return words.days(self.value(node.start), self.value(node.end))
            case n.Sum():
                join = words.subtract if node.minus else words.add
                return join(self.value(node.left), self.value(node.right))
            case n.Choice():
                condition = self.truth(node.condition)
                return words.case([(condition, self.value(node.if_yes)), (words.negate(condition), self.value(node.if_no))])
        raise AssertionError(f"no translation of {type(node).__name__}")

    def _number(self, node: Node) -> Any:
        value = node.value if isinstance(node, n.Literal) else self.rules.parameters[node.name]
        return int(value) if float(value).is_integer() else value

    # Indicators.

    def among(self, indicator: Indicator) -> Expression | None:
        """Of whom it is asked; None for everyone. Unknown is no for a measure."""
        if indicator.among == n.Always(True):
            return None
        among = self.truth(indicator.among)
        return self.words.is_yes(among) if indicator.strict else among

    def answer(self, indicator: Indicator) -> Expression:
        """Its answer as a truth: no where it is not applicable."""
        words = self.words
        truth, among = self.truth(indicator.where), self.among(indicator)
        if indicator.known != n.Always(True):
            truth = words.case([(self.truth(indicator.known), truth)])
        if among is None:
            return truth
        not_asked = (words.negate(among), words.constant(False))
        # Whoever may be asked or not is unknown; of a measure they are not asked, and `among` is never unknown.
        return words.case([not_asked], truth) if indicator.strict else words.case([not_asked, (among, truth)])

    # Columns as they are read.

    def column(self, name: str) -> Expression:
        """A column, cleaned: out of range, later than the reference date or no accepted code is null."""
        column = COLUMNS.get(name) or find_column(name)
        assert column is not None
        words, raw = self.words, self.words.column(name)
        if column.kind is Kind.DATE and not column.as_it_stands:
            return words.case([(words.at_least(words.constant(self.reference), raw), raw)])
        value = self._code(name) if column.kind is Kind.CODE else raw
        conditions = []
        if column.paired_with:
            later = words.negate(words.at_least(words.constant(self.reference), words.column(column.paired_with)))
            conditions.append(words.negate(words.is_yes(later)))
        if column.minimum is not None and (self.thorough or column.maximum is not None):
            conditions.append(words.at_least(raw, words.constant(column.minimum)))
        if column.maximum is not None:
            conditions.append(words.at_least(words.constant(column.maximum), raw))
        for condition in conditions:
            value = words.case([(condition, value)])
        return value

    def _code(self, name: str) -> Expression:
        words = self.words
        text = words.upper(words.column(name)) if name == "cancer_stage" else self.code_as_sent(name)
        if name == "ethnic_category":
            return words.column("ethnic_letter")
        if name == "cancer_stage":
            return words.case([(words.matches(text, _STAGE), words.first_letter(text))])
        upper = self.thorough
        if name == "bp_setting":
            codes = [code.upper() if upper else code for code in _HOME]
            return words.case([(words.is_in(text, codes), words.constant("home"))], words.constant("clinic"))
        if name == "smoking_status":
            codes = {code.upper() if upper else code: code for code in ("current", "ex", "never")}
            found = [(words.is_in(text, [code]), words.constant(normal)) for code, normal in codes.items()]
            return words.case(found)
        raise AssertionError(f"no rule for {name}")

    # Exclusions and strata.

    def kept(self) -> Expression:
        """Who is counted."""
        excluded = [self.words.is_yes(self.truth(rule.where)) for rule in self.rules.exclusions]
        return self.words.negate(self._any(excluded))

    def code_as_sent(self, name: str) -> Expression:
        """A code to look up."""
        raw = self.words.column(name)
        return self.words.upper(raw) if self.thorough else raw

    def stratum(self, name: str) -> Expression:
        """The key of a stratum: a place in LABELS, or text."""
        words = self.words
        if name not in LABELS:
            text = self.code_as_sent(name)
            known = words.negate(words.is_in(text, [*sorted(PSEUDO_ORGANISATIONS), ""]))
            return words.case([(known, text)], words.constant("unknown"))
        if name == "imd_quintile":
            return words.otherwise(words.quintile(words.column("deprivation_decile")), words.constant(0))
        if name == "ethnic_group":
            return words.otherwise(words.column("ethnic_place"), words.constant(0))
        if name == "sex":
            text = self.code_as_sent(name)
            branches = [(words.is_in(text, codes), place) for place, codes in enumerate(_SEX.values(), start=1)]
            return self._places(branches)
        branches = [(self._age_at_least(low), place) for place, low in reversed(list(enumerate(_BANDS[name], start=1)))]
        return self._places(branches)

    def _places(self, branches: list[tuple[Expression, int]]) -> Expression:
        words = self.words
        return words.case([(condition, words.constant(place)) for condition, place in branches], words.constant(0))
