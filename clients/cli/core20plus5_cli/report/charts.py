"""Charts as SVG: drawn here, so that the page needs no script and asks nothing of a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert

from core20plus5_cli.report.words import Row, percent

#: Core20 and the others differ in shade and in shape, so that no one needs to see colours. Both have a contrast of 4.5 on white.
CORE20, OTHERS, TARGET, FAINT, TEXT = "#003087", "#b35000", "#4c6272", "#d8dde0", "#212b32"
WIDE, NARROW = 380, 300
"""Pixels of a chart beside a table, and of one of several side by side: drawn at the size at which they are read."""
_NUMBERS = 76
"""Pixels at the right for the numbers; the rest is for 0 to 100 %."""
_COLOURS = {"core20": CORE20, "others": OTHERS, "bar": CORE20}
_SHAPES: dict[str, dict[str, Any]] = {
    "core20": {"shape": "circle", "fill": CORE20, "stroke": CORE20},
    "others": {"shape": "diamond", "fill": "white", "stroke": OTHERS, "strokeWidth": 2},
}
_FONT = "Arial, Helvetica, sans-serif"
_LETTERS = 50


def dots(rows: Sequence[dict[str, Any]]) -> str:
    """A row for each measure: its title, then Core20 and the others, each with its interval and number, and the target.

    rows: title, target, and for `core20` and `others` the row of the rate. A rate that is hidden is said to be.
    """
    marks: list[Row] = []
    height = 8
    for row in rows:
        for line in wrap(row["title"], _LETTERS):
            marks.append({"kind": "title", "y": height + 8, "text": line})
            height += 16
        for number, who in enumerate(("core20", "others")):
            marks.append(_mark(row[who], who, height + 12 + 18 * number))
        if row["target"] is not None:
            marks.append({"kind": "target", "x": row["target"], "y": height + 2, "y2": height + 40})
        height += 56
    return _svg(_Scale(WIDE, height), marks)


def _mark(rate: Row, who: str, y: int) -> Row:
    shown = rate["value"] is not None
    text = percent(rate["value"]) if shown else {"no_one": "no one", "column_absent": "not sent"}.get(rate["reason"], "hidden")
    return {"kind": who, "x": rate["value"], "lower": rate["lower"], "upper": rate["upper"], "y": y, "text": text}


def bars(rows: Sequence[dict[str, Any]], reference: str | None = None) -> str:
    """A line for each group of one measure: label, rate with its interval, number; dots and whiskers on a scale of 0 to 100 %.

    rows: label and the row of the rate; `reference` is the label of the group that the others are held against.
    """
    marks: list[Row] = []
    height = 8
    for row in rows:
        marks.append({"kind": "title", "y": height + 8, "text": row["label"]})
        marks.append(_mark(row["rate"], "others" if row["label"] == reference else "core20", height + 26))
        height += 44
    return _svg(_Scale(NARROW, height), marks)


def known(rows: Sequence[dict[str, Any]]) -> str:
    """How much of each column is known, as bars. rows: label, share (None where hidden)."""
    marks: list[Row] = []
    height = 8
    for row in rows:
        marks.append({"kind": "title", "y": height + 8, "text": row["label"]})
        share = row["share"]
        marks.append({"kind": "bar", "x": share, "lower": 0, "upper": share, "y": height + 24, "text": percent(share)})
        height += 40
    return _svg(_Scale(WIDE, height), marks)


@dataclass(frozen=True)
class _Scale:
    """Shares from left to right, the same in every chart, and pixels from top to bottom."""

    width: int
    height: int

    def x(self, name: str) -> alt.X:
        axis = alt.Axis(format="%", values=[0, 0.5, 1], grid=False, domain=False, ticks=False, labelColor=TEXT)
        return alt.X(f"{name}:Q", scale=alt.Scale(domain=[0, 1], range=[0, self.width - _NUMBERS]), axis=axis, title=None)

    def y(self) -> alt.Y:
        return alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, self.height], range=[0, self.height]))


def _layers(scale: _Scale, marks: Sequence[Row]) -> Iterator[alt.Chart]:
    """From back to front. Only what there is data for: an empty layer would be drawn as a mark without a place."""
    grid = [{"x": quarter / 4, "y": 0, "y2": scale.height} for quarter in range(5)]
    yield _chart(grid).mark_rule(color=FAINT).encode(x=scale.x("x"), y=scale.y(), y2="y2:Q")
    if found := _shown(marks, "target"):
        dashes = _chart(found).mark_rule(color=TARGET, strokeWidth=2, strokeDash=[4, 2])
        yield dashes.encode(x=scale.x("x"), y=scale.y(), y2="y2:Q")
    for kind, colour in _COLOURS.items():
        if found := _shown(marks, kind):
            width = 12 if kind == "bar" else 2
            ends = {"x": scale.x("lower"), "x2": "upper:Q", "y": scale.y()}
            yield _chart(found).mark_rule(color=colour, strokeWidth=width).encode(**ends)
    for kind, look in _SHAPES.items():
        if found := _shown(marks, kind):
            yield _chart(found).mark_point(size=90, opacity=1, **look).encode(x=scale.x("x"), y=scale.y())
    for kind, colour in _COLOURS.items():
        if found := [mark for mark in marks if mark["kind"] == kind]:
            text = _chart(found).mark_text(align="right", font=_FONT, fontSize=13, color=colour)
            yield text.encode(x=alt.value(scale.width - 4), y=scale.y(), text="text:N")
    titles = [mark for mark in marks if mark["kind"] == "title"]
    bold = _chart(titles).mark_text(align="left", font=_FONT, fontSize=13, fontWeight="bold", color=TEXT)
    yield bold.encode(x=alt.value(0), y=scale.y(), text="text:N")


def _chart(rows: Sequence[Row]) -> alt.Chart:
    data: Any = {"values": list(rows)}
    return alt.Chart(alt.InlineData.from_dict(data))


def _shown(marks: Sequence[Row], kind: str) -> list[Row]:
    return [mark for mark in marks if mark["kind"] == kind and mark["x"] is not None]


def _svg(scale: _Scale, marks: Sequence[Row]) -> str:
    room = {"left": 2, "right": 2, "top": 2, "bottom": 4}
    chart = alt.layer(*_layers(scale, marks)).properties(width=scale.width, height=scale.height, padding=room)
    chart = chart.configure_view(stroke=None).configure_axis(labelFont=_FONT, labelFontSize=12)
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    drawn = re.sub(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"', _open_tag, drawn, count=1)
    # Inside an image that has a name of its own, nothing is read aloud piece by piece.
    return re.sub(r' (?:role|aria-[a-z]+)="[^"]*"(?=[^<]*>)', "", drawn).replace(
        "<svg ", '<svg aria-hidden="true" focusable="false" ', 1
    )


def _open_tag(match: re.Match[str]) -> str:
    """As wide as it was drawn, or as the screen is, if that is narrower."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" style="max-width:{match.group(1)}px" width="100%"'
