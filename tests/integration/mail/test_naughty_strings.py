"""Hostile strings of a public list in every field that people can fill: text stays text, a header stays one line.

Pages are compared with those of a harmless string in the same place: the same elements with the same attributes, in the
same order, as an HTML5 parser (html5ever, by nh3) sees them.
"""

import email
import email.policy
import functools
import html
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import quote, urlsplit

import nh3
import pytest

from functions.web.pages import sign_in
from functions.web.pages.mail import body as body_page
from ocello.domain.common.errors import Invalid
from ocello.domain.common.ids import uuid7
from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.addresses import quoted_string
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.drafts import DraftContent, DraftFile, StoredDraft
from ocello.domain.messages.message import ItemRef, Mailbox, Recipient
from ocello.domain.people.users import ApiKey
from ocello.services.alerts.ports import ShownAlert
from ocello.services.inbox import inbox
from ocello.services.sending.outgoing import original_name
from ocello.services.sending.send import send
from tests import naughty
from tests.fakes.web import ADMIN, REP, Stage

if shutil.which("npm") is None:
    pytest.skip("npm is missing, which fetches the list of hostile strings", allow_module_level=True)

STRINGS = naughty.strings()
HARMLESS = "harmless"
LONG = HARMLESS * 40  # a subject that a page cuts short and shows whole below
BOTH = Track(opens=True, clicks=True)
_NAMES = re.compile(r"<\s*/?\s*([a-zA-Z][^\s/>]*)")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


class Elements(HTMLParser):
    """Notes elements and their attributes, of HTML that a real parser wrote out."""

    def __init__(self):
        super().__init__()
        self.found, self.values = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.values += [(tag, name, value) for name, value in attrs]


@functools.lru_cache(maxsize=64)
def parsed(page):
    """Read a page as a browser does: parsed by html5ever and written out with nothing taken away that could act."""
    names = {name.lower() for name in _NAMES.findall(page)}
    written = nh3.clean(
        page, tags=names, clean_content_tags=set(), attributes={}, generic_attribute_prefixes=set(_LETTERS),
        strip_comments=False, link_rel=None, url_schemes={"http", "https", "mailto", "javascript", "data", "vbscript"},
    )  # fmt: skip
    seen = Elements()
    seen.feed(written)
    seen.close()
    return seen


def shape(page):
    return tuple(parsed(page).found)


def sound(answer):
    """Assert what is true for every answer."""
    assert answer.status < 500
    for name, value in answer.headers.items():
        assert value.isascii(), (name, value)
        assert value.isprintable(), (name, value)
    for cookie in answer.cookies:
        assert cookie.isprintable(), cookie
    if "location" in answer.headers:
        assert_stays(answer.headers["location"])
    return answer


def assert_stays(location):
    """Assert that a redirect leads to a path of ours, or to the identity provider."""
    assert not re.match(r"[\\/]{2}", location), location
    parts = urlsplit(location)
    assert (parts.scheme, parts.netloc) in (("", ""), ("https", "id.test")), location
    assert parts.scheme or parts.path == "/app" or parts.path.startswith("/app/"), location


class Scene:
    """A rep whose every field holds a string of the list, in turn; `harmless` instead, the control."""

    def __init__(self, strings):
        self.stage = Stage()
        self.browser = self.stage.browser(REP)
        self.mails, self.links, self.drafts = [], [], []
        for place, text in enumerate(strings):
            self.stage.clock.pass_by(1)
            self.mails.append(self._mail(text))
            self.links.append(self._link(text))
            self._beside(place, text)

    def _mail(self, text):
        """Send a mail whose subject and recipient's name are the string."""
        to = f"{quoted_string(text)} <buyer@customer.test>"
        draft = Draft(to=(to,), subject=text, html="<p>x</p>", track=BOTH)
        try:
            stored = send(draft, REP, None, self.stage.context.sending)
        except Invalid:  # with line breaks or other controls: refused at once
            draft = replace(draft, to=("buyer@customer.test",), subject="refused")
            stored = send(draft, REP, None, self.stage.context.sending)
        inbox.add_message(stored, self.stage.inbox)
        return stored.message

    def _link(self, text):
        """Send a mail with a link whose text and address hold the string; it was clicked."""
        spelled = html.escape(text.replace("\0", ""))
        anchor = f'<a href="https://example.com/?{spelled}">{spelled}</a>'
        stored = send(
            Draft(to=("b@c.test",), subject="x", html=anchor, track=BOTH), REP, None, self.stage.context.sending
        )
        once = Summary(1, 0, 0, self.stage.clock.now, self.stage.clock.now, (self.stage.clock.now,))
        clicked = {link.index: once for link in stored.report.links}
        self.stage.messages.engagements[stored.message.id] = Engagement(once, once, {0: Actions(once, once)}, clicked)
        return stored

    def _beside(self, place, text):
        stage, now = self.stage, self.stage.clock.now
        ref = ItemRef("deal", str(place))
        made = Item(ref, text, REP.address, "group", text, maker=REP.id, made_at=1, version=1, addresses=(text,))
        stage.items.put(made, None)
        writing = DraftContent(
            to=text, cc=text, subject=text, html=text, attachments=(DraftFile(uuid7(now, bytes(10)), text),)
        )
        self.drafts.append(uuid7(now, place.to_bytes(10, "big")))
        stage.drafts.write(REP.id, StoredDraft(self.drafts[-1], 1, now, writing), None)
        alert = ShownAlert(f"{place:05d}", "click", now, self.mails[-1].id, text, text, text, "new")
        stage.alerts.alerts.setdefault(REP.id, []).append(alert)
        stage.keys.create(ApiKey(uuid7(now, place.to_bytes(10, "big")), REP.id, text, ("read",), "", now))

    def get(self, address, **headers):
        return sound(self.browser.get(address, **headers)).text


@functools.cache
def hostile():
    return Scene(STRINGS)


@functools.cache
def harmless():
    return Scene((HARMLESS,) * 60 + (LONG,))  # of each list more than one page


def differing(address_of, strings=STRINGS):
    """Name the strings whose page is not that of a harmless one. Blank ones are left out: they have words in their place."""
    controls = {shape(harmless().get(address_of(harmless(), place))) for place in (0, 60)}
    places = [STRINGS.index(text) for text in strings if text.strip()]
    return [STRINGS[place] for place in places if shape(hostile().get(address_of(hostile(), place))) not in controls]


def test_the_list_is_there_and_acts_where_it_may():
    assert len(STRINGS) > 500
    assert len(naughty.acting()) > 200
    acts = [text for text in STRINGS if shape(f"<p>{text}</p>") != shape(f"<p>{HARMLESS}</p>")]
    assert len(acts) > 100, "a page that did not escape would be found"


def _deal(_scene, place):
    return f"/app/items/deal/{place}"


def _conversation(scene, place):
    return f"/app/conversations/{scene.mails[place].id}"


def _times(scene, place):
    return f"/app/conversations/{scene.mails[place].id}/times"


def _draft(scene, place):
    return f"/app/drafts/{scene.drafts[place]}"


def _reply(scene, place):
    return f"/app/compose?reply={scene.mails[place].id}"


@pytest.mark.parametrize("address_of", [_deal, _conversation, _times])
def test_no_string_becomes_markup_on_the_page_of_what_it_names(address_of):
    assert differing(address_of) == []


@pytest.mark.parametrize("address_of", [_reply, _draft])
def test_no_string_becomes_markup_in_the_composer(address_of):
    assert differing(address_of, naughty.acting()) == []


@pytest.mark.parametrize(
    ("address", "most"),
    [("/app", 25), ("/app/drafts", 50), ("/app/alerts", 30), ("/app/items", 50), ("/app/settings/keys", 50)],
)
def test_no_string_becomes_markup_on_a_list(address, most):
    known, following = set(shape(harmless().get(address))), address
    known |= {("time", ("data-ago", "datetime", "title"))}  # how long ago a link was followed
    for _ in range(2 * len(STRINGS) // most + 2):
        page = hostile().get(following)
        assert set(shape(page)) <= known, following
        cursors = re.findall(r'href="([^"]*[?;]cursor=[^"]*)"', page)
        if not cursors:
            return
        following = html.unescape(cursors[0])
    pytest.fail("the list has no end")


def test_no_string_becomes_markup_in_the_panel_the_bulb_or_a_notice_of_the_desktop():
    stage = Stage()
    known: dict[str, list[object]] = {}
    browser, addresses = stage.browser(REP), ("/app/alerts", "/app/alerts/bulb?seen=1.1")
    for text in (HARMLESS, *filter(str.strip, STRINGS)):
        message = uuid7(stage.clock.now, bytes(10))
        stage.alerts.alerts[REP.id] = [ShownAlert("1", "click", stage.clock.now, message, text, text, text, "new")]
        for address in addresses:
            seen = shape(sound(browser.get(address, hx_request="true")).text)
            assert seen == known.setdefault(address, seen), text


def test_no_link_becomes_markup_and_none_acts():
    known = {element for place in range(3) for element in shape(harmless().get(_link_page(harmless(), place)))}
    known |= {("details", ()), ("summary", ()), ("ul", ()), ("li", ()), ("small", ())}  # what could not be tracked
    for place, text in enumerate(STRINGS):
        seen = parsed(hostile().get(_link_page(hostile(), place)))
        assert set(seen.found) <= known, text
        assert not [value for value in seen.values if _acts(*value)], text


def _link_page(scene, place):
    return f"/app/conversations/{scene.links[place].message.id}"


def _acts(_tag, name, value):
    target = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
    scripts = target.startswith(("javascript:", "vbscript:", "data:text"))
    return name.startswith("on") or (scripts and name in ("href", "src", "action", "formaction", "data"))


def test_statistics_show_hostile_links_as_text():
    pages = [scene.get("/app/statistics") for scene in (hostile(), harmless())]
    assert set(shape(pages[0])) == set(shape(pages[1]))


@pytest.mark.parametrize("images", ["", "?images=1"], ids=["images off", "images on"])
def test_a_hostile_body_keeps_nothing_that_acts(images):
    scene, head = Scene((HARMLESS,)), b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    message = scene.mails[0].id
    for text in STRINGS:
        scene.stage.mail.put(original_name(message), head + text.encode(), "message/rfc822")
        answer = sound(scene.browser.get(f"/app/messages/{message}/body{images}"))
        seen = parsed(answer.text)
        allowed = body_page._TAGS | {"style", "title", "meta", "pre"}
        assert {tag for tag, _ in seen.found} <= allowed, text
        assert not [value for value in seen.values if _acts(*value)], text
        names = {name for _, names in seen.found for name in names}
        assert names <= body_page._LOOK_ATTRIBUTES | {
            "href",
            "src",
            "alt",
            "rel",
            "target",
            "colspan",
            "rowspan",
            "charset",
            "name",
            "content",
        }
        if not images:
            fetched = [value for _, name, value in seen.values if name == "src" and not value.startswith("data:")]
            assert fetched == [], text


@pytest.mark.parametrize(
    "template",
    [
        "/app?q={}", "/app?item=deal:{}", "/app?show={}", "/app/items?q={}", "/app/items?type={}", "/app/pick?find={}",
        "/app/statistics?group={}", "/app/settings/accounts?done={}",
        "/app/conversations/{}", "/app/messages/{}", "/app/drafts/{}", "/app/images/{}", "/app/items/deal/{}",
        "/app/items/{}/1", "/app/{}", "/app/alerts/bulb?seen={}", "/app/drafts?cursor={}", "/app/alerts?cursor={}",
    ],
)  # fmt: skip
def test_no_string_in_an_address_becomes_markup_or_a_header(template):
    """Ask an application where nothing is, so that each answer is the one to a harmless string, or the one to none at all."""
    browser = Stage().browser(REP)
    fits = {
        shape(sound(browser.get(template.format(text))).text)
        for text in (HARMLESS, "", "2026-01-01", "42", "tracked", "deal", "0", "%2e", "x" * 300)
    }
    for text in STRINGS:
        answer = sound(browser.get(template.format(quote(text, safe=""))))
        assert shape(answer.text) in fits, text


def test_a_file_has_the_name_that_it_came_with_as_text():
    browser = Stage().browser(REP)
    headers = {**browser.origin, "x-csrf": browser.csrf()}
    control = browser.ask("POST", f"/app/uploads?filename={HARMLESS}", body=b"x", headers=headers).text
    for text in STRINGS:
        answer = sound(browser.ask("POST", f"/app/uploads?filename={quote(text, safe='')}", body=b"x", headers=headers))
        assert shape(answer.text) == shape(control), text


def form_of(text):
    return {
        "version": "0", "to": f"{quoted_string(text)} <buyer@customer.test>", "subject": text, "html": f"<p>{text}</p>",
        "in_reply_to": text if len(text) % 5 == 0 else "", "upload": text if len(text) % 7 == 0 else [], "filename": text,
        "opens": "on", "clicks": "on",
    }  # fmt: skip


def test_whatever_is_sent_by_the_form_makes_no_header_and_no_markup():
    stage = Stage()
    browser = stage.browser(REP)
    refused = {"to": "nobody", "upload": "x"}
    known = set(shape(browser.post(f"/app/drafts/{uuid7(1, bytes(10))}/send", {**form_of(HARMLESS), **refused}).text))
    sent = 0
    for text in (HARMLESS, *STRINGS):
        draft = uuid7(stage.clock.now, stage.random_bytes(10))
        form = form_of(text) if text is not HARMLESS else {**form_of(text), "in_reply_to": ""}
        check = sound(browser.post("/app/check", form))
        saved = sound(browser.post(f"/app/drafts/{draft}", form))
        assert not [value for page in (check, saved) for value in parsed(page.text).values if _acts(*value)], text
        assert "script" not in {tag for page in (check, saved) for tag, _ in shape(page.text)}, text
        answer = sound(browser.post(f"/app/drafts/{draft}/send", form))
        assert answer.status in (303, 422), text
        if answer.status == 422:
            assert set(shape(answer.text)) <= known, text
            continue
        sent += 1
    assert sent > 300
    raws = [raw for name, raw in stage.mail.files.items() if name.endswith(".eml")]
    assert len(raws) == sent
    control = headers_of(raws[0])
    for raw in raws:
        assert [name for name in headers_of(raw) if name not in ("In-Reply-To", "References")] == control


def headers_of(raw):
    """Return the names of a mail's headers; each of its lines is ASCII, within the limit, and begins no header of its own."""
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw)
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    assert not message.defects
    return list(message.keys())


def test_mail_that_is_made_has_the_headers_of_a_harmless_one_and_so_has_every_copy():
    scene, tracker = hostile(), hostile().stage.context.sending.tracker
    control = None
    for message in (harmless().mails[0], *scene.mails):
        stage = harmless().stage if control is None else scene.stage
        raw = stage.mail.get(original_name(message.id))
        control = control or headers_of(raw)
        assert headers_of(raw) == control
        assert headers_of(tracker.copy(raw, message, Recipient(0, Mailbox("buyer@customer.test"), "to")).raw) == control
        read = email.message_from_bytes(raw, policy=email.policy.default)
        if read["Subject"] != "refused":
            assert str(read["Subject"]).strip() == message.subject
    assert sum(message.subject == "refused" for message in scene.mails) < len(STRINGS) // 4


@pytest.mark.parametrize("place", ["next", "callback", "discard", "send"])
def test_no_redirect_leaves_the_origin(place):
    stage = Stage()
    for text in STRINGS:
        spelled = quote(text, safe="")
        if place == "next":
            browser = stage.browser()
            sound(browser.get(f"/app/sign-in?next={spelled}"))
            sound(browser.get(f"/app?{spelled}"))
            assert_stays(sign_in.safe(text))
            continue
        browser = stage.browser(REP) if place != "callback" else stage.browser()
        if place == "callback":
            assert browser.get(f"/app/callback?state={spelled}&code={spelled}&error={spelled}").status in (401, 303)
        elif place == "discard":
            sound(browser.post(f"/app/drafts/{spelled}/discard"))
        else:
            sound(browser.post(f"/app/drafts/{spelled}/send", form_of(HARMLESS)))


def test_whatever_is_typed_into_a_form_of_the_settings_is_kept_or_refused_as_text():
    stage = Stage()
    people = SimpleNamespace(rep=stage.browser(REP), admin=stage.browser(ADMIN))
    asks = (
        ("rep", "/app/settings/accounts", lambda text: {"address": text, "transport": "ses", "name": text}),
        ("rep", "/app/settings/accounts", lambda text: {
            "address": REP.address, "name": text, "transport": "smtp", "host": text, "port": text or "25", "security": "tls",
            "username": text, "password": text}),
        ("rep", "/app/settings/accounts/invite", lambda text: {"address": text}),
        ("rep", "/app/settings/accounts/disconnect", lambda text: {"address": text}),
        ("rep", "/app/settings/keys", lambda text: {"name": text, "scope": "read"}),
        ("rep", "/app/settings/preferences", lambda text: {
            "language": "en", "zone": "UTC", "theme": "auto", "signature": text}),
        ("rep", "/app/settings/zone", lambda text: {"zone": text}),
        ("rep", "/app/alerts/read", lambda text: {"up_to": text}),
        ("admin", "/app/users", lambda text: {"address": text, "name": text}),
        ("admin", "/app/users", lambda text: {"address": f"a{abs(hash(text))}@example.test", "name": text}),
        ("admin", f"/app/users/{REP.id}/groups", lambda text: {"groups": text}),
    )  # fmt: skip
    users, accounts = dict(stage.users.users), dict(stage.accounts.accounts)
    for text in naughty.acting()[::3]:
        for who, address, form in asks:
            answer = sound(getattr(people, who).post(address, form(text)))
            seen = parsed(answer.text)
            assert not [value for value in seen.values if _acts(*value)], text
            assert {tag for tag, _ in seen.found}.isdisjoint(
                {"img", "iframe", "object", "embed", "base"} - _ours(answer)
            ), text
        stage.keys.keys.clear()
        stage.users.users, stage.accounts.accounts = dict(users), dict(accounts)


def _ours(answer):
    """Return the tags of our own that a whole page has: its mark is a picture."""
    return {"img"} if "<header" in answer.text and answer.text.count("<img") == 1 else set()
