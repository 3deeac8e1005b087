"""The page in a browser: it asks nothing of a network, draws every chart, and can be used by everyone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

WIDTHS = {"desktop": 1280, "tablet": 768, "phone": 360}


class Opened:
    """The page as opened, with all that it asked for and said."""

    def __init__(self, browser: Any, page: Path, width: int) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(page.as_uri())
        self.page.wait_for_load_state("networkidle")


@pytest.fixture(params=list(WIDTHS))
def opened(request: pytest.FixtureRequest, chromium: Any, page: Path) -> Iterator[Opened]:
    found = Opened(chromium, page, WIDTHS[request.param])
    yield found
    found.page.close()


def test_nothing_is_asked_for_and_nothing_is_wrong(opened: Opened, page: Path) -> None:
    assert opened.requests == [page.as_uri()]
    assert opened.said == []
    assert opened.page.evaluate("document.scripts.length") == 0


def test_every_chart_is_drawn_where_it_can_be_seen(opened: Opened) -> None:
    charts = opened.page.query_selector_all(".chart svg")
    assert len(charts) == 5 + 5 + 5 + 1
    width = opened.page.viewport_size["width"]
    for chart in charts:
        box = chart.bounding_box()
        assert box["width"] > 250
        assert box["height"] > 60
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert chart.query_selector_all("path, line"), "a chart without a mark"


def test_the_page_is_no_wider_than_the_screen(opened: Opened) -> None:
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_no_barrier_that_axe_finds(opened: Opened) -> None:
    for summary in opened.page.query_selector_all("summary"):
        summary.click()
    results = Axe().run(opened.page)
    assert results.violations_count == 0, results.generate_report()


def test_it_can_be_read_with_the_keyboard(chromium: Any, page: Path) -> None:
    opened = Opened(chromium, page, WIDTHS["desktop"]).page
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the main content"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main"
    for _ in range(200):
        opened.keyboard.press("Tab")
        if opened.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.parentElement.open")


def test_every_chart_has_a_name_and_a_table_with_its_numbers(chromium: Any, page: Path) -> None:
    opened = Opened(chromium, page, WIDTHS["desktop"]).page
    for chart in opened.query_selector_all(".chart"):
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 20
        table = chart.evaluate_handle("chart => chart.closest('.pair, .card').querySelector('table')").as_element()
        drawn = re.findall(r"[\d.]+%", " ".join(text.text_content() for text in chart.query_selector_all("text")))
        numbers = [number for number in drawn if "." in number]
        assert numbers
        said = table.text_content()
        assert [number for number in numbers if number not in said] == []


def test_it_prints_whole(chromium: Any, page: Path, tmp_path: Path) -> None:
    """Tables that are closed on the screen are on the paper, and nothing is cut off at its edge."""
    opened = Opened(chromium, page, WIDTHS["desktop"]).page
    opened.emulate_media(media="print")
    assert opened.evaluate("[...document.querySelectorAll('details table')].every(table => table.offsetHeight > 0)")
    opened.set_viewport_size({"width": 690, "height": 1000})  # A4 less its margins
    assert opened.evaluate("document.documentElement.scrollWidth <= 690")
    assert opened.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)[:5] == b"%PDF-"
