"""The footer breaks no layout: what stands above keeps its place, what stands below only moves down, and it can be read."""

import pytest

from ocello.domain.mail import rewriting
from tests.browser.mail.test_pixel import LAYOUTS
from tests.fakes.engagement.tracking import context, footer

FOOTER = footer(sentence="Aperture e clic di questa mail registrati con il consenso del 03/11/2026.", language="it")
PLACES = """() => {
  const places = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const own = document.querySelector('div[lang="it"]');
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    const after = own && own.compareDocumentPosition(texts.currentNode) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (!box.width || (own && own.contains(texts.currentNode))) continue;
    places.push([box.x, box.y, box.width, box.height, Boolean(after)]);
  }
  return places;
}"""
OWN = """() => {
  const own = document.querySelector('div[lang="it"]'), box = own.getBoundingClientRect(), style = getComputedStyle(own);
  const link = own.querySelector("a").getBoundingClientRect();
  const scrolls = document.scrollingElement.scrollWidth;
  return [box.width, box.height, link.width, link.height, style.color, style.backgroundColor, scrolls];
}"""
SHARED = ("columns", "a grid")  # each child of the body gets its share of the window there


@pytest.fixture
def page(chromium):
    opened = chromium.new_page(viewport={"width": 800, "height": 600})
    yield opened
    opened.close()


def of_copy(html):
    given = context(click_url=None, open_url=None, footer=FOOTER)
    return rewriting.track_html(html.encode(), "utf-8", given).copy.decode()


@pytest.mark.parametrize("doctype", ["<!doctype html>", ""], ids=["standards", "quirks"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_moves_but_down(page, layout, doctype):
    html = doctype + LAYOUTS[layout]
    page.set_content(html, wait_until="load")
    before = page.evaluate(PLACES)
    page.set_content(of_copy(html), wait_until="load")
    after = page.evaluate(PLACES)
    assert len(after) == len(before) > 0
    for (x, y, width, height, _), (now_x, now_y, now_width, now_height, below) in zip(before, after, strict=True):
        assert (now_x, now_width, now_height) == (x, width, height) or layout == SHARED[0]
        assert (now_y > y if below else now_y == y) or layout in SHARED


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_can_be_read_and_followed(page, layout):
    page.set_content(of_copy(LAYOUTS[layout]), wait_until="load")
    width, height, link_width, link_height, color, background, scrolls = page.evaluate(OWN)
    assert min(width, height, link_width, link_height) > 10
    assert (color, background) == ("rgb(89, 89, 89)", "rgb(255, 255, 255)")
    assert scrolls <= 800


def test_on_a_dark_mail_it_can_be_read(page, axe):
    page.set_content(
        of_copy('<html lang="it"><title>x</title><body style="background:#000;color:#fff"><p>x</p></body></html>')
    )
    page.evaluate(axe)
    found = page.evaluate("() => axe.run(document.querySelector('div[lang]'), {runOnly: ['wcag2aa', 'wcag2a']})")
    assert found["violations"] == []
