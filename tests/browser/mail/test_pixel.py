"""The pixel takes no room: in a real browser each element and letter keeps its place, and the image is loaded."""

import base64

import pytest

from ocello.domain.mail import rewriting
from tests.fakes.engagement.tracking import OPEN_URL, context

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PARAGRAPHS = "<p>Dear Ann,</p><p>here is the offer.</p><p>Best<br>Rep</p>"
LONG = "<p>text of a long mail</p>" * 4_000
ALL_IMAGES = (
    "img{display:block;width:100%!important;height:auto!important;padding:8px;border:1px solid;margin:9px auto}"
)
LAYOUTS = {
    "a card": '<html><body style="margin:0"><table width="100%"><tr><td align=center><table width=600><tr><td>'
    "<h1>Offer</h1><p>See it</p></td></tr></table></td></tr></table></body></html>",
    "paragraphs": f"<html><body>{PARAGRAPHS}</body></html>",
    "a reply by Gmail": '<div dir="ltr">Thanks!<div><br></div><div>Rep</div></div><br><div class="gmail_quote x">'
    '<div dir="ltr" class="gmail_attr">On Tuesday, A wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 0.8ex;'
    'border-left:1px solid;padding-left:1ex"><div dir="ltr">Old</div></blockquote></div>',
    "a reply by Outlook": "<html><head><style>P {margin-top:0;margin-bottom:0;}</style></head><body dir=ltr><div>Thanks</div>"
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> A<div>&nbsp;'
    "</div></div><div>Old</div></body></html>",
    "over 90 kB": f"<html><body>{LONG}</body></html>",
    # and what others will come with
    "a fragment": "<div dir=ltr>Hello</div>",
    "text alone": "<html><body>Just text</body></html>",
    "a reply by Word": '<html><body><p style="margin:0">Thanks</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;'
    'padding:3.0pt 0cm 0cm 0cm"><p>From: A</p></div></div><p>Old</p></body></html>',
    "a reply by Thunderbird": "<p>Thanks</p>"
    '<div class="moz-cite-prefix">On … wrote:<br></div><blockquote type="cite"><p>Old</p></blockquote>',
    "over 90 kB, beginning with text": f"<html><body>Text {LONG}</body></html>",
    "over 90 kB, below floats": f'<html><body><div style="clear:both">{LONG}</div></body></html>',
    "a sheet about all images": f"<html><head><style>{ALL_IMAGES}</style></head><body>{PARAGRAPHS}</body></html>",
    "columns": f'<html><body style="display:flex">{PARAGRAPHS}</body></html>',
    "a grid": f'<html><body style="display:grid;gap:10px">{PARAGRAPHS}</body></html>',
    "floats": '<html><body><div style="float:left;width:50%">a</div></body></html>',
    "from right to left": f"<html dir=rtl><body>{PARAGRAPHS}</body></html>",
}
PLACES = """() => {
  const places = [];
  const note = (name, box) => places.push([name, box.x, box.y, box.width, box.height].join(" "));
  for (const element of document.querySelectorAll("html, body, body *")) {
    if (element.tagName !== "IMG") note(element.tagName, element.getBoundingClientRect());
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width) note("text", box);
  }
  const root = document.scrollingElement;
  return [...places, `scrolls ${root.scrollWidth} ${root.scrollHeight}`];
}"""
IMAGE = """() => {
  const [image] = document.images, style = getComputedStyle(image), box = image.getBoundingClientRect();
  return [image.complete && image.naturalWidth, style.display === "none", style.visibility, style.opacity, box.width, box.height];
}"""


@pytest.fixture
def page(chromium):
    opened = chromium.new_page(viewport={"width": 800, "height": 60})
    opened.route("https://t.test/**", lambda route: route.fulfill(body=GIF, content_type="image/gif"))
    yield opened
    opened.close()


@pytest.mark.parametrize("doctype", ["<!doctype html>", ""], ids=["standards", "quirks"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_moves(page, layout, doctype):
    html = doctype + LAYOUTS[layout]
    copy = rewriting.track_html(html.encode(), "utf-8", context(click_url=None)).copy.decode()
    assert OPEN_URL in copy
    page.set_content(html, wait_until="load")
    before = page.evaluate(PLACES)
    page.set_content(copy, wait_until="load")
    assert page.evaluate(PLACES) == before
    assert page.evaluate(IMAGE) == [1, False, "visible", "1", 1, 1]


@pytest.mark.parametrize("kept", ["float", "width", "margin"])
def test_where_a_client_strips_position_nothing_moves_either(page, kept):
    copy = rewriting.track_html(LAYOUTS["paragraphs"].encode(), "utf-8", context(click_url=None)).copy.decode()
    stripped = copy.replace("position:absolute!important;", "")
    assert stripped != copy
    assert f"{kept}:" in stripped
    page.set_content(LAYOUTS["paragraphs"], wait_until="load")
    before = page.evaluate(PLACES)
    page.set_content(stripped, wait_until="load")
    assert page.evaluate(PLACES) == before
