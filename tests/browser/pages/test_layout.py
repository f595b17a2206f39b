"""Proportions of the pages, measured in a browser: nothing is cut, nothing scrolls sideways, what matters is in sight."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from ocello.domain.people.preferences import Preferences, Theme
from tests.browser.story import tell
from tests.fakes.web import REP

WIDTHS = [(320, 640), (360, 740), (390, 844), (768, 1024), (1280, 800), (1600, 900), (1920, 1080), (640, 400)]
PAGES = ["/app", "/app?q=nothing", "/app?item=deal:1042&find=press", "/app/items", "/app/drafts", "/app/settings"]
BOX = "one => { const {x, y, width, height} = one.getBoundingClientRect(); return [x, y, width, height]; }"


def boxes(locator):
    """Return x, y, width and height of each element, in pixels of the window."""
    return locator.evaluate_all(f"all => all.map({BOX})")


@pytest.fixture(autouse=True)
def _told(stage):
    tell(stage)


@pytest.mark.parametrize(("size", "least"), [((1280, 800), 10), ((390, 844), 9)])
def test_rows_are_64_pixels_high_and_as_many_are_in_sight_as_were_promised(open_page, size, least):
    width, height = size
    page = open_page(viewport={"width": width, "height": height})
    rows = page.locator(".mails > li > *").first.locator("xpath=..")
    expect(rows).to_be_visible()
    found = boxes(page.locator(".mails > li"))
    assert {each[3] for each in found} <= {64, 65}, "the hairline between two rows is of one pixel"
    bottom = height if width > 768 else boxes(page.locator(".rail"))[0][1]
    assert sum(y + tall <= bottom + 1 for _, y, _, tall in found) >= least
    if width < 768:
        assert found[0][1] <= 0.22 * height


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("size", WIDTHS, ids=str)
def test_nothing_scrolls_sideways_and_no_label_is_cut(open_page, server, stage, size, language):
    stage.preferences.write(REP.id, Preferences(language=language, zone="UTC"))
    page = open_page(viewport={"width": size[0], "height": size[1]})
    for address in PAGES:
        page.goto(server.origin + address)
        page.locator("#main").wait_for()
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, f"{address} scrolls sideways"
        cut = page.locator(".rail a, .filters a, .tabs a, button:not(.bulb), .button").evaluate_all(
            "all => all.filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
        )
        assert cut == [], address


def test_on_a_phone_the_tabs_and_the_button_to_write_are_large(open_page):
    page = open_page(viewport={"width": 360, "height": 740})
    tabs = boxes(page.locator(".rail a:visible"))
    assert len(tabs) == 6
    assert all(width >= 48 and tall >= 48 for _, _, width, tall in tabs)
    assert all(y + tall <= 740 for _, y, _, tall in tabs), "they stay at the bottom"


def test_the_dark_theme_looks_the_same_whoever_chose_it(open_page, stage):
    shots = []
    chosen: tuple[tuple[Theme, Literal["light", "dark"]], ...] = (("dark", "light"), ("auto", "dark"))
    for theme, scheme in chosen:
        stage.preferences.write(REP.id, Preferences(language="en", zone="UTC", theme=theme))
        page = open_page(color_scheme=scheme, reduced_motion="reduce")
        page.locator("#bulb button").wait_for()
        shots.append(page.screenshot())
    assert shots[0] == shots[1]


def test_a_state_is_told_by_its_shape_and_in_words(open_page):
    page = open_page()
    marks = page.locator(".mails .g")
    expect(marks.first).to_be_visible()
    shapes = dict(
        marks.evaluate_all("all => all.map(one => [one.querySelector('.unseen').textContent.replace(/\\d+ times?/, 'so often'),"
                           " [...one.querySelector('svg').classList].pop() + one.className])")
    )  # fmt: skip
    assert len(set(shapes.values())) == len(shapes)
    assert {
        "not opened yet", "opened so often", "not clicked yet", "clicked so often", "seen by a machine only", "not delivered",
    } <= set(shapes)  # fmt: skip
