"""How far the reading has come, on a terminal and only once it is taking a while."""

from __future__ import annotations

from threading import Timer
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

SHOW_AFTER_SECONDS = 1.0


class RowsColumn(ProgressColumn):
    """Rows so far, and rows a second."""

    def render(self, task: Task) -> Text:
        """`1,234,567 rows  2.3 million rows/s`"""
        speed = task.completed / task.elapsed if task.elapsed else 0.0
        return Text(f"{task.completed:,.0f} rows  {per_second(speed)}", no_wrap=True)


def per_second(rows: float) -> str:
    """Rows a second, in millions where there are so many."""
    return f"{rows / 1e6:.1f} million rows/s" if rows >= 1e6 else f"{rows:,.0f} rows/s"


class Ticker:
    """Counts rows; draws nothing where `console` is no terminal."""

    def __init__(self, console: Console, doing: str, rows: int | None) -> None:
        """`rows` is how many there will be, None where that is not known."""
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            RowsColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task(doing, total=rows)
        self._timer = Timer(SHOW_AFTER_SECONDS, self._progress.start) if console.is_terminal else None

    def __enter__(self) -> Ticker:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def add(self, rows: int) -> None:
        """So many rows more."""
        self._progress.advance(self._task, rows)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()  # the bar is not started once it has been stopped
            self._progress.stop()
