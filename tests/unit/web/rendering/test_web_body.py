"""Sanitised bodies have only the attributes that the sanitiser allows."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.web.pages.mail import body
from functions.web.rendering import composer_html
from ocello.domain.mail.bodies import Body
from ocello.domain.tracking.tokens import Keyring
from ocello.services.sending.outgoing import Tracker
from tests.fakes.web import KEYS, TRACKING
from tests.hostile_bodies import BODIES, FETCHED_BY_STYLE, GIF, RESHAPED, SPELLINGS

TRACKER = Tracker(Keyring.parse(KEYS), TRACKING)
ALLOWED = {*body._LOOK_ATTRIBUTES, "href", "src", "alt", "colspan", "rowspan", "rel", "target"}


class Elements(HTMLParser):
    """Collects elements with their attributes, as a browser reads them."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def cleaned(html, *, remote=True, inline=None):
    return body.harmless(Body(html, "", inline or {}), remote=remote, tracker=TRACKER)[:2]


def check(html, *, remote=True):
    """Assert that nothing is left of a body but what is allowed, and that the policy knows just the styles there are."""
    shown, styles = cleaned(html, remote=remote)
    elements = Elements(shown).found
    assert {name for _, attributes in elements for name in attributes} <= ALLOWED, shown
    assert not [tag for tag, _ in elements if tag in ("script", "style", "iframe", "input", "svg", "form")], shown
    pictures = [attributes["src"] for tag, attributes in elements if tag == "img" and "src" in attributes]
    assert not [each for each in pictures if not (remote or each.startswith("data:image/"))]
    assert {a["style"] for _, a in elements if "style" in a} <= set(styles), "each has its hash in the policy"
    assert not [each for each in styles if re.search(r"url|image|\\|var\(|/\*", each, re.IGNORECASE)], styles
    return shown, styles


@pytest.mark.parametrize("remote", [False, True], ids=["images off", "images on"])
@pytest.mark.parametrize("html", BODIES)
def test_no_body_comes_out_with_what_was_not_allowed(html, remote):
    check(html, remote=remote)


PIECES = (
    *RESHAPED,
    *FETCHED_BY_STYLE,
    "<p style=",
    ' style="',
    "'",
    '"',
    ">",
    "<",
    "url(",
    " onerror=x ",
    "<img alt=",
    GIF,
    "&quot;",
)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_no_mixture_of_them_does_either(html):
    check(html)
    elements = Elements(composer_html.clean(html)).found
    assert {name for _, attributes in elements for name in attributes} <= {"href", "src", "alt", "title", "lang"}
    assert all(a["src"].startswith("/app/images/") for tag, a in elements if tag == "img" and "src" in a)


@pytest.mark.parametrize("address", SPELLINGS)
def test_our_own_tracking_origin_is_never_asked_for_a_picture(address):
    shown, _ = cleaned(f'<img src="{address}" alt="x">')
    assert [attributes.get("src") for _, attributes in Elements(shown).found] == [None], shown


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/o", "http://localhost:9/o", "http://127.1:9/o", "http://2130706433:9/o",
                                     "http://0x7f.1:9/o", "http://[::1]:9/o", "http://[::ffff:7f00:1]:9/o"])  # fmt: skip
def test_nor_is_it_on_one_machine_by_any_of_its_names(address):
    local = Tracker(Keyring.parse(KEYS), "http://127.0.0.1:9")
    shown, *_ = body.harmless(Body(f'<img src="{address}">', ""), remote=True, tracker=local)
    assert "src" not in shown


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.test/a b.png?c=d&e",
        "http://elsewhere.test:8080/a.png",
        f"https://not-{TRACKING[8:]}/a.png",
        f"{TRACKING}.test/a",
    ],
)
def test_pictures_from_elsewhere_come_when_they_are_asked_for(address):
    for remote in (True, False):
        shown, _ = cleaned(f'<img src="{address.replace("&", "&amp;")}">', remote=remote)
        assert [attributes.get("src") for _, attributes in Elements(shown).found] == [address if remote else None]


def test_a_picture_within_the_mail_is_shown_where_it_stands():
    shown, _ = cleaned('<img src="cid:a"><img src="cid:b">', inline={"a": ("image/png", b"x")}, remote=False)
    assert [attributes.get("src") for _, attributes in Elements(shown).found] == ["data:image/png;base64,eA==", None]


def test_styles_that_only_look_are_kept_and_each_has_its_hash_in_the_policy():
    samples = (
        "COLOR: Red !important; width:calc(100% - 2px)",
        "font:12px/1.5 'Open Sans', \"Segoe UI\", sans-serif; background:#fff url(https://x.test/a.png)",
        "color:rgba(1, 2, 3, .5);\n  margin:0\tauto; position:fixed",
        "font-family:'a &lt; b'",
    )
    shown, styles = check("".join(f"<p style='{look.replace(chr(39), '&#39;')}'>x</p>" for look in samples))
    assert styles == [
        "color:Red !important;width:calc(100% - 2px)",
        "font:12px/1.5 'Open Sans', \"Segoe UI\", sans-serif",
        "color:rgba(1, 2, 3, .5);margin:0 auto",
    ]
    policy = body.policy(styles, remote=False)
    for style in styles:
        assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy
    assert shown.count("<p") == 4


def test_a_policy_that_is_full_takes_no_other_style():
    shown, styles = check("".join(f'<p style="width:{n}px">x</p>' for n in range(100)) + '<p style="width:3px">x</p>')
    assert len(styles) == 80
    assert shown.count("width:3px") == 2


def test_of_a_written_body_images_of_others_go_and_its_text_stays():
    ours = "/app/images/01900000-0000-7000-8000-000000000001"
    html = f'<p>&lt;img&gt; a<img src="https://x.test/a.png" alt="b"><img src="{ours}" alt="<img>"></p>'
    assert Elements(composer_html.clean(html)).found == [("p", {}), ("img", {"src": ours, "alt": "<img>"})]
    assert "&lt;img&gt; a" in composer_html.clean(html)
