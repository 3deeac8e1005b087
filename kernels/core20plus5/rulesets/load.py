"""Read a ruleset file, check all of it, and say exactly where a mistake is."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from core20plus5.errors import RulesetError
from core20plus5.expressions import ExpressionError, Node, Type, Vocabulary, indicators_of, read_expression
from core20plus5.records import find_column
from core20plus5.rulesets.model import AREAS, KINDS, Indicator, ParameterSpec, Rule, Ruleset, Sensitive
from core20plus5.rulesets.parameters import is_month_day

_TOP = {"name", "version", "title", "source", "parameters", "definitions", "exclusions", "checks", "indicators"}
_PARAMETER = {"value", "unit", "since", "source"}
_TEXTS = {"title", "kind", "source", "area", "direction", "target", "caveat", "among", "where", "known"}


def load_ruleset(path: Path) -> Ruleset:
    """Read and check one ruleset file. Raises RulesetError naming file, indicator and position."""
    try:
        content = path.read_bytes()
        document = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise RulesetError(f"{path.name}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesetError(f"{path.name}: not a TOML file: {error}") from None
    return _Loader(path.name, document).ruleset(hashlib.sha256(content).hexdigest())


class _Loader:
    def __init__(self, file: str, document: Mapping[str, Any]) -> None:
        self.file = file
        self.document = document
        self.vocabulary = Vocabulary()

    def fail(self, place: str, message: str) -> RulesetError:
        return RulesetError(f"{self.file}: {place}: {message}")

    def ruleset(self, sha256: str) -> Ruleset:
        document = self.document
        self.keys("the file", document, _TOP, _TOP | {"local_group", "sensitive"})
        parameters = {name: self.parameter(name, entry) for name, entry in self.table("parameters").items()}
        definitions = self.table("definitions")
        for name, text in definitions.items():
            if not isinstance(text, str):
                raise self.fail(f"definition {name}", "must be text")
        self.names_are_free(parameters, definitions)
        self.vocabulary = Vocabulary(
            {name: Type.TEXT if isinstance(spec.value, str) else Type.NUMBER for name, spec in parameters.items()},
            definitions,
            frozenset(self.table("indicators")),
        )
        for name, text in definitions.items():
            self.sentence(f"definition {name}", "text", text, any_type=True)
        indicators = {name: self.indicator(name, entry, parameters) for name, entry in self.table("indicators").items()}
        self.no_circles(indicators)
        if "everyone" not in indicators:
            raise self.fail("indicators", "there is no cohort 'everyone'")
        return Ruleset(
            **{key: self.text("the file", document, key) for key in ("name", "version", "title", "source")},
            sha256=sha256,
            file=self.file,
            parameters=parameters,
            definitions=definitions,
            exclusions=tuple(self.rule("exclusion", entry) for entry in document["exclusions"]),
            checks=tuple(self.rule("check", entry) for entry in document["checks"]),
            indicators=indicators,
            local_group=self.local_group(),
            sensitive=self.sensitive(indicators),
        )

    def keys(self, place: str, entry: Any, needed: set[str], allowed: set[str]) -> None:
        if not isinstance(entry, Mapping):
            raise self.fail(place, "must be a table")
        for key in sorted(set(entry) - allowed):
            raise self.fail(place, f"unknown key {key!r}; known are {', '.join(sorted(allowed))}")
        for key in sorted(needed - set(entry)):
            raise self.fail(place, f"{key!r} is missing")

    def table(self, key: str) -> Mapping[str, Any]:
        entry = self.document[key]
        if not isinstance(entry, Mapping):
            raise self.fail(key, "must be a table")
        return entry

    def text(self, place: str, entry: Mapping[str, Any], key: str) -> str:
        value = entry[key]
        if not isinstance(value, str) or not value.strip():
            raise self.fail(place, f"{key!r} must be text")
        return value

    def names_are_free(self, parameters: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
        reserved = {"age", "deprivation_decile", "reference_date"}
        for name in (*parameters, *definitions):
            if not name.isidentifier() or find_column(name) or name in reserved or name in self.document["indicators"]:
                raise self.fail(f"name {name}", "is not a free name: a column, indicator or word of the language has it")
        for name in definitions:
            if name in parameters:
                raise self.fail(f"name {name}", "is both a parameter and a definition")

    def parameter(self, name: str, entry: Any) -> ParameterSpec:
        place = f"parameter {name}"
        self.keys(place, entry, _PARAMETER, _PARAMETER)
        value, since = entry["value"], entry["since"]
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.fail(place, "'value' must be a number or a month-day such as \"09-01\"")
        if isinstance(value, str) and not is_month_day(value):
            raise self.fail(place, "'value' must be a month-day such as \"09-01\"")
        if type(since) is not date:
            raise self.fail(place, "'since' must be a date")
        return ParameterSpec(name, value, self.text(place, entry, "unit"), since, self.text(place, entry, "source"))

    def sentence(self, place: str, key: str, text: str, any_type: bool = False) -> Node:
        try:
            node = read_expression(text, self.vocabulary)
            if node.type is not Type.TRUTH and not any_type:
                raise ExpressionError(f"expected {Type.TRUTH.value}, found {node.type.value}", 1)
        except ExpressionError as error:
            raise self.fail(f"{place}, {key}", str(error)) from None
        return node

    def rule(self, what: str, entry: Any) -> Rule:
        column = {"column"} if what == "check" else set()
        self.keys(what, entry, {"reason", "where"} | column, {"reason", "where"} | column)
        place = f"{what} {self.text(what, entry, 'reason')}"
        where = self.sentence(place, "where", self.text(place, entry, "where"))
        if indicators_of(where):
            raise self.fail(place, "cannot depend on an indicator")
        return Rule(entry["reason"], where, entry["where"], entry.get("column"))

    def indicator(self, name: str, entry: Any, parameters: Mapping[str, ParameterSpec]) -> Indicator:
        place = f"indicator {name}"
        self.keys(place, entry, {"title", "kind", "where", "source"}, _TEXTS | {"windows"})
        texts = {key: self.text(place, entry, key) for key in entry if key != "windows"}
        if not name.isidentifier():
            raise self.fail(place, "the name must be letters, digits and underscores")
        self.one_of(place, texts, "kind", KINDS)
        self.one_of(place, texts, "area", AREAS)
        self.one_of(place, texts, "direction", ("higher", "lower"))
        windows = entry.get("windows", [])
        for parameter in [*windows, *([texts["target"]] if "target" in texts else [])]:
            if parameter not in parameters:
                raise self.fail(place, f"there is no parameter {parameter!r}")
        if texts["kind"].startswith("cohort") and "among" in texts:
            raise self.fail(place, "a cohort is asked of everyone: it has no 'among'")
        among, where, known = (self.sentence(place, key, texts.get(key, "True")) for key in ("among", "where", "known"))
        return Indicator(
            name,
            texts["title"],
            texts["kind"],
            among,
            where,
            known,
            texts["source"],
            {key: texts[key] for key in ("among", "where", "known") if key in texts},
            texts.get("area"),
            texts.get("direction"),
            texts.get("target"),
            tuple(windows),
            texts.get("caveat"),
        )

    def one_of(self, place: str, texts: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> None:
        if key in texts and texts[key] not in allowed:
            raise self.fail(place, f"{key!r} must be one of: {'; '.join(allowed)}")

    def local_group(self) -> Mapping[str, str]:
        entry = self.document.get("local_group", {"title": "Local PLUS group", "kind": KINDS[1], "source": "local"})
        self.keys("local_group", entry, {"title", "kind", "source"}, {"title", "kind", "source"})
        return {key: self.text("local_group", entry, key) for key in ("title", "kind", "source")}

    def sensitive(self, indicators: Mapping[str, Indicator]) -> Sensitive:
        entry = self.document.get("sensitive")
        if entry is None:
            return Sensitive()
        keys = {"indicators", "small_base", "source"}
        self.keys("sensitive", entry, keys, keys)
        names, base = entry["indicators"], entry["small_base"]
        for name in names:
            if name not in indicators:
                raise self.fail("sensitive", f"there is no indicator {name!r}")
        if type(base) is not int or base < 0:
            raise self.fail("sensitive", "'small_base' must be a whole number")
        return Sensitive(tuple(names), base, self.text("sensitive", entry, "source"))

    def no_circles(self, indicators: Mapping[str, Indicator]) -> None:
        """Each indicator may depend only on indicators that come before it, so reading order is working order."""
        seen: set[str] = set()
        for name, indicator in indicators.items():
            needed = indicators_of(indicator.among) | indicators_of(indicator.where) | indicators_of(indicator.known)
            for other in sorted(needed - seen):
                raise self.fail(f"indicator {name}", f"uses {other!r}, which must come before it in the file")
            seen.add(name)
