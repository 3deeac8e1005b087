"""`core20plus5 rulesets`: what is asked, in words, with sources."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core20plus5.rulesets import Indicator, Ruleset, find_ruleset, list_rulesets
from core20plus5_cli.terminal import out


def run(name: str | None) -> None:
    """The rulesets there are, or one of them in full."""
    if name is None:
        _list(out(), list_rulesets())
    else:
        _whole(out(), find_ruleset(name))


def _list(console: Console, rulesets: Iterable[Ruleset]) -> None:
    grid = Table.grid(padding=(0, 2))
    for ruleset in rulesets:
        name = Text(f"{ruleset.name}@{ruleset.version}", style="bold")
        grid.add_row(name, Text(ruleset.title), Text(f"sha256 {ruleset.sha256[:12]}"))
    console.print(grid)
    console.print("\ncore20plus5 rulesets NAME tells one in full.")


def _whole(console: Console, ruleset: Ruleset) -> None:
    console.print(Text(f"{ruleset.title} ({ruleset.name}@{ruleset.version})", style="bold"))
    _lines(console, {"source": ruleset.source, "sha256": ruleset.sha256})
    _title(console, "Not counted (the first reason that applies)")
    _lines(console, {rule.reason: rule.text for rule in ruleset.exclusions})
    _title(console, "Indicators: the answer is that of 'where', among the people of 'among', unknown unless 'known'")
    for indicator in ruleset.indicators.values():
        _indicator(console, indicator, ruleset)
    if ruleset.sensitive.indicators:
        base = ruleset.sensitive.small_base
        _title(console, f"Where no more than {base} of these are asked, a measure that all or none of them meet is hidden")
        _lines(console, {"indicators": ", ".join(ruleset.sensitive.indicators), "source": ruleset.sensitive.source})
    _title(console, "Words that the sentences use")
    _lines(console, ruleset.definitions)
    _title(console, "Parameters (--set NAME=VALUE changes one)")
    for name, spec in ruleset.parameters.items():
        console.print(Text.assemble("  ", (name, "bold"), f" = {spec.value} {spec.unit}"))
        _lines(console, {"since": spec.since.isoformat(), "source": spec.source}, indent=4)


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))
    console.print()


def _indicator(console: Console, indicator: Indicator, ruleset: Ruleset) -> None:
    console.print(Text.assemble("  ", (indicator.name, "bold"), f"  {indicator.title}"), soft_wrap=True)
    direction = f", {indicator.direction} is better" if indicator.direction else ""
    area = f", area {indicator.area}" if indicator.area else ""
    texts = {key: " ".join(text.split()) for key, text in indicator.texts.items()}
    _lines(
        console,
        {
            "kind": f"{indicator.kind}{area}{direction}",
            **{key: texts.get(key) for key in ("among", "where", "known")},
            "with": ", ".join(_value(name, ruleset) for name in _parameters(" ".join(texts.values()), ruleset)),
            "window": " to ".join(_value(name, ruleset) for name in indicator.windows),
            "target": _value(indicator.target, ruleset) if indicator.target else None,
            "source": indicator.source,
            "caveat": indicator.caveat,
        },
        indent=4,
    )
    console.print()


def _parameters(sentence: str, ruleset: Ruleset) -> list[str]:
    """The parameters that a sentence names, itself or through the words that it uses."""
    found: dict[str, None] = {}
    for word in re.findall(r"\w+", sentence):
        if word in ruleset.parameters:
            found[word] = None
        elif word in ruleset.definitions:
            found.update(dict.fromkeys(_parameters(ruleset.definitions[word], ruleset)))
    return list(found)


def _value(name: str, ruleset: Ruleset) -> str:
    spec = ruleset.parameters[name]
    return f"{name} = {spec.value} {spec.unit}"


def _lines(console: Console, lines: Mapping[str, str | None], indent: int = 2) -> None:
    """Names and texts in two columns, without empty texts. A web address is never broken."""
    shown = {name: text for name, text in lines.items() if text}
    width = max(map(len, shown))
    for name, text in shown.items():
        room = max(40, console.width - indent - width - 2)
        first, *more = textwrap.wrap(" ".join(text.split()), room, break_long_words=False, break_on_hyphens=False)
        console.print(Text.assemble(" " * indent, (f"{name:<{width}}", "dim"), f"  {first}"), soft_wrap=True)
        for line in more:
            console.print(Text(" " * (indent + width + 2) + line), soft_wrap=True)
